# Independent oracle for ctc.test.ts: `python3 ctc.py > ctc.json` (PyTorch, float64). Labels of several lengths, some of them
# twice in a row, in sequences of several lengths: loss of each row, and the gradient of a dense layer before it.
import json
import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
torch.manual_seed(5)
STEPS, INPUTS, CLASSES, MOST = 9, 3, 5, 4
LABELS = [[1, 2, 3], [4, 4], [], [2, 2, 2, 1], [3]]
LENGTHS = [9, 7, 4, 7, 1]

x = torch.randn(len(LABELS), STEPS, INPUTS)
W, b = torch.randn(INPUTS, CLASSES, requires_grad=True), torch.randn(CLASSES, requires_grad=True)
log_p = F.log_softmax(x @ W + b, 2).permute(1, 0, 2)
flat = torch.tensor([label for labels in LABELS for label in labels])
lengths = torch.tensor([len(labels) for labels in LABELS])
losses = F.ctc_loss(log_p, flat, torch.tensor(LENGTHS), lengths, blank=0, reduction="none") / lengths.clamp(min=1)
losses.mean().backward()
targets = [[steps] + labels + [-1] * (MOST - len(labels)) for steps, labels in zip(LENGTHS, LABELS)]
print(json.dumps({"inputs": x.flatten().tolist(), "targets": sum(targets, []), "weights": W.tolist(), "bias": b.tolist(),
                  "losses": losses.tolist(), "dW": W.grad.flatten().tolist(), "db": b.grad.tolist()}))
