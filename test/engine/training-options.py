# Golden values of PyTorch for training-options.test.ts: `/usr/bin/python3 training-options.py > training-options.json`,
# then oxfmt. A linear network (3 → 3 or 3 → 1), whole batches of six rows, plain SGD, float64, five steps.
import json
import torch
from torch import nn
from torch.optim.swa_utils import AveragedModel

torch.set_default_dtype(torch.float64)
X = torch.tensor([[0.5, -1.0, 0.25], [1.5, 0.3, -0.6], [-0.7, 0.9, 1.1], [0.2, 0.4, -1.2], [-1.3, -0.2, 0.8], [0.9, 1.2, 0.1]])
CLASSES = torch.tensor([0, 2, 1, 2, 2, 0])
YES = torch.tensor([[0.0], [1.0], [1.0], [0.0], [1.0], [0.0]])
WEIGHTS = torch.tensor([1.0, 0.5, 2.0])
RATE, STEPS, SMOOTHING, DECAY = 0.5, 5, 0.1, 0.8


def linear(outputs):
    layer = nn.Linear(3, outputs)
    with torch.no_grad():
        # Stored as (out, in): the transpose of ours.
        layer.weight.copy_(torch.linspace(-0.6, 0.9, 3 * outputs).reshape(3, outputs).T)
        layer.bias.copy_(torch.linspace(0.1, -0.2, outputs))
    return layer


def run(outputs, loss_of, averaged=False):
    layer = linear(outputs)
    optimizer = torch.optim.SGD(layer.parameters(), lr=RATE)
    # The bias of an average that begins with nothing, taken out: Kingma & Ba, 2015, section 7.2.
    average = AveragedModel(layer, avg_fn=lambda a, p, n: a + (1 - DECAY) / (1 - DECAY ** (int(n) + 1)) * (p - a))
    losses = []
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss = loss_of(layer(X))
        loss.backward()
        optimizer.step()
        average.update_parameters(layer)
        losses.append(loss.item())
    module = average.module if averaged else layer
    return {"losses": losses, "weights": module.weight.T.flatten().tolist(), "bias": module.bias.tolist()}


def one_cycle(**options):
    optimizer = torch.optim.SGD(linear(1).parameters(), lr=0.1)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=0.8, total_steps=12, cycle_momentum=False, **options)
    rates = []
    for _ in range(12):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        if len(rates) < 12:
            schedule.step()
    return rates


print(
    json.dumps(
        {
            "inputs": X.flatten().tolist(),
            "classes": CLASSES.tolist(),
            "yes": YES.flatten().tolist(),
            "row_weights": WEIGHTS[CLASSES].tolist(),
            "smoothed_classes": run(3, lambda z: nn.CrossEntropyLoss(label_smoothing=SMOOTHING)(z, CLASSES)),
            "smoothed_yes": run(1, lambda z: nn.BCEWithLogitsLoss()(z, YES * (1 - SMOOTHING) + SMOOTHING / 2)),
            # Divided by the rows of the batch and not by their weights, so that no row depends on another.
            "weighted": run(3, lambda z: nn.CrossEntropyLoss(weight=WEIGHTS, reduction="none")(z, CLASSES).mean()),
            "both": run(
                3,
                lambda z: (
                    nn.CrossEntropyLoss(label_smoothing=SMOOTHING, reduction="none")(z, CLASSES) * WEIGHTS[CLASSES]
                ).mean(),
            ),
            "averaged": run(3, lambda z: nn.CrossEntropyLoss()(z, CLASSES), averaged=True),
            "one_cycle": one_cycle(),
            "one_cycle_with_options": one_cycle(pct_start=0.5, div_factor=10, final_div_factor=100),
        }
    )
)
