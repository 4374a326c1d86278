# Independent oracle for frame-layers.test.ts: `python3 frame-layers.py > frame-layers.json` (PyTorch, float64).
# Short films: convolutions in groups, local response normalisation and pooling of each frame, then an LSTM over the frames.
# Three steps of SGD with momentum, then predictions. Weights are in this engine's order: (kh, kw, in, out), (in, out).
import json
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
torch.manual_seed(23)
ROWS, FRAMES, RATE, MOMENTUM, SIZE, ALPHA = 3, 4, 0.1, 0.9, 4, 0.2


class Network(nn.Module):
    def __init__(self):
        super().__init__()
        self.grouped = nn.Conv2d(4, 6, 3, padding=1, groups=2)
        self.depthwise = nn.Conv2d(6, 12, (2, 3), stride=(1, 2), groups=6, bias=False)
        # Ours is without the division by the number of channels in a sum.
        self.norm = nn.LocalResponseNorm(SIZE, alpha=SIZE * ALPHA, beta=0.75, k=1.5)
        self.lstm = nn.LSTM(12, 3, batch_first=True)
        self.out = nn.Linear(3, 3)
        nn.init.zeros_(self.lstm.bias_hh_l0)
        self.lstm.bias_hh_l0.requires_grad = False

    def forward(self, x):
        x = F.relu(self.norm(torch.tanh(self.grouped(x.flatten(0, 1)))))
        x = F.max_pool2d(self.depthwise(x), (2, 1)).amax((2, 3))
        return self.out(self.lstm(x.reshape(ROWS, FRAMES, 12))[0][:, -1])


def conv(layer):
    entry = {"layer.0.weights": layer.weight.detach().permute(2, 3, 1, 0).tolist()}
    return entry if layer.bias is None else {**entry, "layer.0.bias": layer.bias.tolist()}


def parameters(net):
    lstm = {"weights": net.lstm.weight_ih_l0.detach().T.tolist(), "recurrent_weights": net.lstm.weight_hh_l0.detach().T.tolist(),
            "bias": net.lstm.bias_ih_l0.tolist()}
    dense = {"weights": net.out.weight.detach().T.tolist(), "bias": net.out.bias.tolist()}
    return [conv(net.grouped), conv(net.depthwise), lstm, dense]


net = Network()
x, t = torch.randn(ROWS, FRAMES, 4, 5, 6), torch.tensor([0, 2, 1])
result = {"rows": ROWS, "steps": 3, "learning_rate": RATE, "momentum": MOMENTUM,
          "inputs": x.permute(0, 1, 3, 4, 2).flatten().tolist(), "targets": t.tolist(), "parameters": parameters(net), "losses": []}
optimizer = torch.optim.SGD([p for p in net.parameters() if p.requires_grad], lr=RATE, momentum=MOMENTUM)
for _ in range(3):
    optimizer.zero_grad()
    loss = F.cross_entropy(net(x), t)
    loss.backward()
    optimizer.step()
    result["losses"].append(loss.item())
result["trained"] = parameters(net)
result["predictions"] = F.softmax(net(x), 1).flatten().tolist()
print(json.dumps(result))
