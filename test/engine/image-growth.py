# Independent oracle for image-growth.test.ts: `python3 image-growth.py > image-growth.json` (PyTorch, float64).
# Images made small by a convolution and large again by transposed ones: three steps of SGD with momentum, then predictions.
# Weights are in this engine's order: of a convolution (kh, kw, in, out), of a transposed one (kh, kw, out, in).
import json
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
torch.manual_seed(29)
ROWS, RATE, MOMENTUM = 3, 0.1, 0.9


class Network(nn.Module):
    def __init__(self):
        super().__init__()
        self.small = nn.Conv2d(2, 4, 3, stride=2, padding=1)
        self.large = nn.ConvTranspose2d(4, 3, 3, stride=2, padding=1)
        self.larger = nn.ConvTranspose2d(3, 2, (2, 3), stride=(2, 1), bias=False)
        self.out = nn.Linear(2 * 10 * 9, 3)

    def forward(self, x):
        x = torch.tanh(self.large(torch.tanh(self.small(x))))
        return self.out(self.larger(x).permute(0, 2, 3, 1).flatten(1))


def conv(layer):
    entry = {"weights": layer.weight.detach().permute(2, 3, 1, 0).tolist()}
    return entry if layer.bias is None else {**entry, "bias": layer.bias.tolist()}


def parameters(net):
    dense = {"weights": net.out.weight.detach().T.tolist(), "bias": net.out.bias.tolist()}
    return [conv(net.small), conv(net.large), conv(net.larger), dense]


net = Network()
x, t = torch.randn(ROWS, 2, 5, 7), torch.tensor([0, 2, 1])
result = {"rows": ROWS, "steps": 3, "learning_rate": RATE, "momentum": MOMENTUM,
          "inputs": x.permute(0, 2, 3, 1).flatten().tolist(), "targets": t.tolist(), "parameters": parameters(net), "losses": []}
optimizer = torch.optim.SGD(net.parameters(), lr=RATE, momentum=MOMENTUM)
for _ in range(3):
    optimizer.zero_grad()
    loss = F.cross_entropy(net(x), t)
    loss.backward()
    optimizer.step()
    result["losses"].append(loss.item())
result["trained"] = parameters(net)
result["predictions"] = F.softmax(net(x), 1).flatten().tolist()
print(json.dumps(result))
