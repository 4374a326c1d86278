# Independent oracle for sequence-layers.test.ts: `python3 sequence-layers.py > sequence-layers.json` (PyTorch, float64).
# A small network with the layers for sequences: three steps of SGD with momentum, then predictions. Inputs and weights are
# written in this engine's order: (steps, numbers), (kernel, in, out), (in, out).
import json
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
torch.manual_seed(11)
ROWS, STEPS, INPUTS, RATE, MOMENTUM = 3, 9, 2, 0.1, 0.9


class Network(nn.Module):
    def __init__(self):
        super().__init__()
        self.causal = nn.Conv1d(INPUTS, 4, 3, dilation=2)
        self.lstm = nn.LSTM(4, 3, batch_first=True, bidirectional=True)
        self.short, self.wide = nn.Conv1d(6, 3, 2), nn.Conv1d(6, 2, 4, stride=2, padding=1)
        self.gru = nn.GRU(6, 2, batch_first=True, bidirectional=True)
        self.out = nn.Linear(3 + 2 + 4, 3)
        for lstm_bias in (self.lstm.bias_hh_l0, self.lstm.bias_hh_l0_reverse):
            nn.init.zeros_(lstm_bias)
            lstm_bias.requires_grad = False

    def forward(self, x):
        x = torch.tanh(self.causal(F.pad(x.permute(0, 2, 1), (4, 0))))
        x = F.max_pool1d(x, 3, stride=2, padding=1).permute(0, 2, 1)
        x = self.lstm(x)[0]
        lines = x.permute(0, 2, 1)
        a = F.relu(self.short(lines)).amax(2)
        b = F.avg_pool1d(self.wide(lines), 2, stride=1).mean(2)
        # The state after the last step of each direction.
        c = self.gru(x)[1].permute(1, 0, 2).flatten(1)
        return self.out(torch.cat((a, b, c), 1))


def conv(layer):
    return {"weights": layer.weight.detach().permute(2, 1, 0).tolist(), "bias": layer.bias.tolist()}


def recurrent(module, gates):
    def direction(name, suffix):
        own = {"weights": f"weight_ih_l0{suffix}", "recurrent_weights": f"weight_hh_l0{suffix}", "bias": f"bias_ih_l0{suffix}"}
        if gates == 3:
            own["recurrent_bias"] = f"bias_hh_l0{suffix}"
        values = {key: getattr(module, value).detach() for key, value in own.items()}
        return {f"{name}.0.{key}": (value.T if value.dim() == 2 else value).tolist() for key, value in values.items()}

    return {**direction("forward", ""), **direction("backward", "_reverse")}


def parameters(net):
    inside = lambda branch, entry: {f"branches.{branch}.{name}": value for name, value in entry.items()}
    joined = {**inside("0.0", conv(net.short)), **inside("1.0", conv(net.wide)), **inside("2.0", recurrent(net.gru, 3))}
    dense = {"weights": net.out.weight.detach().T.tolist(), "bias": net.out.bias.tolist()}
    return [conv(net.causal), recurrent(net.lstm, 4), joined, dense]


net = Network()
x, t = torch.randn(ROWS, STEPS, INPUTS), torch.tensor([0, 2, 1])
result = {"rows": ROWS, "steps": STEPS, "inputs": x.flatten().tolist(), "targets": t.tolist(),
          "learning_rate": RATE, "momentum": MOMENTUM, "parameters": parameters(net), "losses": []}
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
