# Independent oracle for encoder-decoder.test.ts (PyTorch, float64): `python3 encoder-decoder.py gru > encoder-decoder-gru.json`,
# and the same with lstm, additive and bidirectional. Sources are padded in front and targets behind: three steps of SGD with momentum, predictions.
# gru   one layer, dot attention over what is no padding     additive  the same with additive attention
# bidirectional  a GRU whose encoder has two units from each end
# lstm  two layers, no attention, embeddings of another width
import json
import sys

import torch
import torch.nn as nn
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
torch.manual_seed(5)
CELL, ATTENTION, LAYERS, EMBEDDING, ENDS = {
    "gru": ("gru", "dot", 1, 4, 1),
    "additive": ("gru", "additive", 1, 4, 1),
    "bidirectional": ("gru", "dot", 1, 4, 2),
    "lstm": ("lstm", None, 2, 3, 1),
}[sys.argv[1]]
SOURCE, TARGET, UNITS, RATE, MOMENTUM = 6, 5, 4, 0.5, 0.9
sources = torch.tensor([[0, 0, 4, 5], [3, 2, 1, 4], [0, 5, 5, 1]])
given = torch.tensor([[1, 3, 0], [1, 4, 2], [1, 0, 0]])
asked = torch.tensor([[3, 2, -1], [4, 2, 3], [2, -1, -1]])


class Network(nn.Module):
    def __init__(self):
        super().__init__()
        cell = {"gru": nn.GRU, "lstm": nn.LSTM}[CELL]
        self.source, self.target = nn.Embedding(SOURCE, EMBEDDING), nn.Embedding(TARGET, EMBEDDING)
        self.encoder = cell(EMBEDDING, UNITS // ENDS, LAYERS, batch_first=True, bidirectional=ENDS == 2)
        self.decoder = cell(EMBEDDING, UNITS, LAYERS, batch_first=True)
        self.combine, self.out = nn.Linear(2 * UNITS, UNITS), nn.Linear(UNITS, TARGET)
        if ATTENTION == "additive":
            self.query, self.key = nn.Linear(UNITS, UNITS, bias=False), nn.Linear(UNITS, UNITS, bias=False)
            self.score = nn.Linear(UNITS, 1, bias=False)
        if CELL == "lstm":
            for name, bias in [*self.encoder.named_parameters(), *self.decoder.named_parameters()]:
                if name.startswith("bias_hh"):
                    nn.init.zeros_(bias)
                    bias.requires_grad = False

    def forward(self):
        memory, state = self.encoder(self.source(sources))
        if ENDS == 2:
            state = torch.cat((state[0], state[1]), 1)[None]
        h, _ = self.decoder(self.target(given), state)
        if ATTENTION:
            scores = self.scores(h, memory).masked_fill((sources == 0)[:, None, :], -torch.inf)
            h = torch.tanh(self.combine(torch.cat((h, scores.softmax(2) @ memory), 2)))
        return self.out(h)

    def scores(self, h, memory):
        if ATTENTION == "dot":
            return h @ memory.transpose(1, 2)
        return self.score(torch.tanh(self.query(h)[:, :, None] + self.key(memory)[:, None])).squeeze(3)


def recurrent(prefix, module, end=""):
    entry = {}
    for layer in range(LAYERS):
        name = prefix if layer == 0 else f"{prefix}{layer + 1}_"
        own = {"weights": "weight_ih", "recurrent_weights": "weight_hh", "bias": "bias_ih"}
        if CELL == "gru":
            own["recurrent_bias"] = "bias_hh"
        for key, value in own.items():
            tensor = getattr(module, f"{value}_l{layer}{end}").detach()
            entry[name + key] = (tensor.T if tensor.dim() == 2 else tensor).tolist()
    return entry


def dense(layer):
    return {"weights": layer.weight.detach().T.tolist(), "bias": layer.bias.tolist()}


def parameters(net):
    layer = {"source_embedding": net.source.weight.tolist(), **recurrent("encoder_", net.encoder)}
    if ENDS == 2:
        layer.update(recurrent("encoder_backward_", net.encoder, "_reverse"))
    layer.update({"target_embedding": net.target.weight.tolist(), **recurrent("decoder_", net.decoder)})
    if ATTENTION == "additive":
        layer.update({"query_weights": net.query.weight.T.tolist(), "key_weights": net.key.weight.T.tolist()})
        layer["score_weights"] = net.score.weight.flatten().tolist()
    return [{**layer, **(dense(net.combine) if ATTENTION else {})}, dense(net.out)]


def loss_of(logits):
    """The mean over the steps of each row that count, then over the rows."""
    steps = F.cross_entropy(logits.flatten(0, 1), asked.flatten(), ignore_index=-1, reduction="none")
    return (steps.view_as(asked).sum(1) / (asked >= 0).sum(1)).mean()


net = Network()
result = {"rows": len(sources), "steps": 3, "inputs": torch.cat((sources, given), 1).flatten().tolist(),
          "targets": asked.flatten().tolist(), "learning_rate": RATE, "momentum": MOMENTUM,
          "parameters": parameters(net), "losses": []}
optimizer = torch.optim.SGD([p for p in net.parameters() if p.requires_grad], lr=RATE, momentum=MOMENTUM)
for _ in range(3):
    optimizer.zero_grad()
    loss = loss_of(net())
    loss.backward()
    optimizer.step()
    result["losses"].append(loss.item())
result["trained"] = parameters(net)
result["predictions"] = F.softmax(net(), 2).flatten().tolist()
print(json.dumps(result))
