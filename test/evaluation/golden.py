# Golden values of scikit-learn for test/evaluation/*.test.ts: /usr/bin/python3 golden.py > golden.json
# scikit-learn has no expected calibration error: its formula (Guo et al., 2017) is written out with numpy.
import json
import numpy as np
from sklearn import metrics as m

random = np.random.RandomState(7)


def shares(rows, classes):
    logits = random.randn(rows, classes) * 1.5
    p = np.exp(logits)
    # Three digits, so that some scores are equal.
    p = np.round(p / p.sum(1, keepdims=True), 3)
    p[:, -1] = np.round(1 - p[:, :-1].sum(1), 3)
    return np.maximum(p, 0.001) / np.maximum(p, 0.001).sum(1, keepdims=True)


def calibration_error(p, t, bins=15):
    confidence, right = p.max(1), p.argmax(1) == t
    edges = np.linspace(0, 1, bins + 1)
    total = 0
    for low, high in zip(edges[:-1], edges[1:]):
        inside = (confidence > low) & (confidence <= high)
        if inside.any():
            total += inside.mean() * abs(right[inside].mean() - confidence[inside].mean())
    return total


def classification(rows, classes):
    p = shares(rows, classes)
    t = np.array([random.choice(classes, p=row) for row in p])
    y = p.argmax(1)
    one = np.eye(classes)[t]
    columns = [1] if classes == 2 else range(classes)
    precision, recall, f1, support = m.precision_recall_fscore_support(t, y, labels=range(classes), zero_division=0)
    expected = {
        "accuracy": m.accuracy_score(t, y),
        "balanced_accuracy": m.balanced_accuracy_score(t, y),
        "macro_f1": m.f1_score(t, y, average="macro"),
        "weighted_f1": m.f1_score(t, y, average="weighted"),
        "roc_auc": np.mean([m.roc_auc_score(one[:, c], p[:, c]) for c in columns]),
        "pr_auc": np.mean([m.average_precision_score(one[:, c], p[:, c]) for c in columns]),
        "log_loss": m.log_loss(t, p, labels=range(classes)),
        "expected_calibration_error": calibration_error(p, t),
    }
    if classes > 5:
        expected["top_5_accuracy"] = m.top_k_accuracy_score(t, p, k=5, labels=range(classes))
    curve = m.roc_curve(one[:, -1], p[:, -1], drop_intermediate=False)
    return {
        "shares": p.ravel().tolist(),
        "targets": t.tolist(),
        "metrics": expected,
        "confusion_matrix": m.confusion_matrix(t, y, labels=range(classes)).tolist(),
        "precision": precision.tolist(),
        "recall": recall.tolist(),
        "f1": f1.tolist(),
        "support": support.tolist(),
        "roc_curve": [curve[0].tolist(), curve[1].tolist()],
    }


def regression(rows, targets):
    t = random.randn(rows, targets) * 3 + 10
    y = t + random.randn(rows, targets)
    raw = {"r2": m.r2_score, "mae": m.mean_absolute_error, "mape": m.mean_absolute_percentage_error}
    expected = {name: function(t, y) for name, function in raw.items()}
    # The mean over the targets of each one's root.
    expected["rmse"] = np.mean(np.sqrt(m.mean_squared_error(t, y, multioutput="raw_values")))
    return {
        "expected": t.ravel().tolist(),
        "predicted": y.ravel().tolist(),
        "metrics": expected,
        "quantiles": np.quantile((y - t)[:, 0], [0, 0.05, 0.25, 0.5, 0.75, 0.95, 1]).tolist(),
    }


def multi_label(rows, labels):
    p = np.round(random.rand(rows, labels), 2)
    t = (random.rand(rows, labels) < p).astype(int)
    y = (p >= 0.5).astype(int)
    expected = {
        "subset_accuracy": m.accuracy_score(t, y),
        "hamming_loss": m.hamming_loss(t, y),
        "micro_precision": m.precision_score(t, y, average="micro"),
        "micro_recall": m.recall_score(t, y, average="micro"),
        "micro_f1": m.f1_score(t, y, average="micro"),
        "macro_f1": m.f1_score(t, y, average="macro"),
        "weighted_f1": m.f1_score(t, y, average="weighted"),
        "roc_auc": m.roc_auc_score(t, p, average="macro"),
        "pr_auc": m.average_precision_score(t, p, average="macro"),
    }
    return {"shares": p.ravel().tolist(), "targets": t.ravel().tolist(), "metrics": expected}


print(
    json.dumps(
        {
            "classification": {"two": classification(40, 2), "seven": classification(60, 7)},
            "regression": {"one": regression(21, 1), "three": regression(20, 3)},
            "multi_label": multi_label(30, 4),
        }
    )
)
