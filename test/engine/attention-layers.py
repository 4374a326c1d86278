# Independent oracle for sequence-layers.test.ts: `python3 attention-layers.py > attention-layers.json` (PyTorch, float64).
# Two layers of self-attention over sequences with positions: three steps of SGD with momentum, then predictions.
import json
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
torch.manual_seed(13)
ROWS, STEPS, UNITS, RATE, MOMENTUM = 3, 5, 6, 0.1, 0.9


class Network(nn.Module):
    def __init__(self):
        super().__init__()
        self.positions = nn.Parameter(torch.randn(STEPS, UNITS))
        self.norm = nn.LayerNorm(UNITS)
        self.first = nn.MultiheadAttention(UNITS, 3, batch_first=True)
        self.second = nn.MultiheadAttention(UNITS, 1, batch_first=True)
        self.out = nn.Linear(UNITS, 3)

    def forward(self, x):
        x = x + self.positions
        h = self.norm(x)
        x = x + self.first(h, h, h)[0]
        x = self.second(x, x, x)[0]
        return self.out(x.mean(1))


def attention(layer):
    values = {"weights": layer.in_proj_weight.T, "bias": layer.in_proj_bias,
              "output_weights": layer.out_proj.weight.T, "output_bias": layer.out_proj.bias}
    return {name: value.tolist() for name, value in values.items()}


def parameters(net):
    norm = {"scale": net.norm.weight.tolist(), "shift": net.norm.bias.tolist()}
    block = {f"layers.{i}.{name}": value for i, entry in ((0, norm), (1, attention(net.first))) for name, value in entry.items()}
    dense = {"weights": net.out.weight.T.tolist(), "bias": net.out.bias.tolist()}
    return [{"positions": net.positions.tolist()}, block, attention(net.second), dense]


net = Network()
with torch.no_grad():
    for layer in (net.first, net.second):
        layer.in_proj_bias.normal_()
        layer.out_proj.bias.normal_()
x, t = torch.randn(ROWS, STEPS, UNITS), torch.tensor([0, 2, 1])
result = {"rows": ROWS, "steps": STEPS, "inputs": x.flatten().tolist(), "targets": t.tolist(),
          "learning_rate": RATE, "momentum": MOMENTUM, "parameters": parameters(net), "losses": []}
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
