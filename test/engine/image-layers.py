# Independent oracle for image-layers.test.ts: `python3 image-layers.py > image-layers.json` (PyTorch, float64).
# A small network with every layer for images: three steps of SGD with momentum, then predictions with the running
# statistics. Images and weights are written in this engine's order: (height, width, channels), (kh, kw, in, out).
import json
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
torch.manual_seed(5)
ROWS, STEPS, RATE, MOMENTUM = 4, 3, 0.1, 0.9


class Network(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.first_norm = nn.Conv2d(2, 3, 3, padding=1), nn.BatchNorm2d(3)
        self.a, self.a_norm = nn.Conv2d(3, 5, 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(5)
        self.b, self.b_norm = nn.Conv2d(5, 5, 3, padding=1, bias=False), nn.BatchNorm2d(5)
        self.short, self.short_norm = nn.Conv2d(3, 5, 1, stride=2, bias=False), nn.BatchNorm2d(5)
        self.dilated = nn.Conv2d(5, 4, (3, 2), dilation=(1, 2), padding=(1, 2))
        self.pixel_norm = nn.LayerNorm(4)
        self.out = nn.Linear(4, 3)

    def forward(self, x):
        x = F.relu(self.first_norm(self.first(x)))
        h = self.b_norm(self.b(F.relu(self.a_norm(self.a(x)))))
        x = F.relu(h + self.short_norm(self.short(x)))
        x = F.max_pool2d(torch.tanh(self.dilated(x)), 3, stride=2, padding=1)
        x = F.avg_pool2d(x, 2, stride=1)
        x = self.pixel_norm(x.permute(0, 2, 3, 1))
        return self.out(x.mean((1, 2)))


def conv(layer):
    entry = {"weights": layer.weight.detach().permute(2, 3, 1, 0).tolist()}
    return entry if layer.bias is None else {**entry, "bias": layer.bias.tolist()}


def norm(layer):
    values = {"scale": layer.weight, "shift": layer.bias, "running_mean": layer.running_mean, "running_variance": layer.running_var}
    return {name: value.tolist() for name, value in values.items()}


def inside(branch, *entries):
    return {f"{branch}.{i}.{name}": value for i, entry in entries for name, value in entry.items()}


def parameters(net):
    block = {**inside("layers", (0, conv(net.a)), (1, norm(net.a_norm)), (3, conv(net.b)), (4, norm(net.b_norm))),
             **inside("projection", (0, conv(net.short)), (1, norm(net.short_norm)))}
    pixel_norm = {"scale": net.pixel_norm.weight.tolist(), "shift": net.pixel_norm.bias.tolist()}
    dense = {"weights": net.out.weight.detach().T.tolist(), "bias": net.out.bias.tolist()}
    return [conv(net.first), norm(net.first_norm), block, conv(net.dilated), pixel_norm, dense]


net = Network()
x, t = torch.randn(ROWS, 2, 9, 10), torch.tensor([0, 2, 1, 2])
result = {"rows": ROWS, "steps": STEPS, "learning_rate": RATE, "momentum": MOMENTUM,
          "inputs": x.permute(0, 2, 3, 1).flatten().tolist(), "targets": t.tolist(), "parameters": parameters(net)}
optimizer = torch.optim.SGD(net.parameters(), lr=RATE, momentum=MOMENTUM)
result["losses"] = []
for _ in range(STEPS):
    optimizer.zero_grad()
    loss = F.cross_entropy(net(x), t)
    loss.backward()
    optimizer.step()
    result["losses"].append(loss.item())
result["trained"] = parameters(net)
net.eval()
result["predictions"] = F.softmax(net(x), 1).flatten().tolist()
print(json.dumps(result))
