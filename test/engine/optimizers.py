# Independent oracle for optimizers.test.ts: `python3 optimizers.py > optimizers.json`. Plain Python floats (float64),
# one parameter, written from the papers and PyTorch's documentation of torch.optim, five steps each.
import json
from math import sqrt

START = 0.7
RATE = 0.05
GRADIENTS = [0.5, -1.25, 0.03125, 2.0, -0.75]


def sgd(momentum=0.0, nesterov=False, weight_decay=0.0):
    theta, v, path = START, None, []
    for g in GRADIENTS:
        g = g + weight_decay * theta
        if momentum:
            v = g if v is None else momentum * v + g
            g = g + momentum * v if nesterov else v
        theta = theta - RATE * g
        path.append(theta)
    return path


def adam(beta1=0.9, beta2=0.999, epsilon=1e-8, weight_decay=0.0, decoupled=False):
    theta, m, v, path = START, 0.0, 0.0, []
    for t, g in enumerate(GRADIENTS, 1):
        if decoupled:
            theta = theta - RATE * weight_decay * theta
        else:
            g = g + weight_decay * theta
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g * g
        m_hat = m / (1 - beta1**t)
        v_hat = v / (1 - beta2**t)
        theta = theta - RATE * m_hat / (sqrt(v_hat) + epsilon)
        path.append(theta)
    return path


def rmsprop(alpha=0.99, epsilon=1e-8, momentum=0.0, weight_decay=0.0):
    theta, v, b, path = START, 0.0, 0.0, []
    for g in GRADIENTS:
        g = g + weight_decay * theta
        v = alpha * v + (1 - alpha) * g * g
        b = momentum * b + g / (sqrt(v) + epsilon)
        theta = theta - RATE * b
        path.append(theta)
    return path


def adagrad(epsilon=1e-10, weight_decay=0.0):
    theta, s, path = START, 0.0, []
    for g in GRADIENTS:
        g = g + weight_decay * theta
        s = s + g * g
        theta = theta - RATE * g / (sqrt(s) + epsilon)
        path.append(theta)
    return path


CASES = [
    ({"type": "sgd"}, sgd()),
    ({"type": "sgd", "momentum": 0.9}, sgd(momentum=0.9)),
    ({"type": "sgd", "momentum": 0.9, "nesterov": True}, sgd(momentum=0.9, nesterov=True)),
    ({"type": "sgd", "momentum": 0.5, "weight_decay": 0.1}, sgd(momentum=0.5, weight_decay=0.1)),
    ({"type": "adam"}, adam()),
    ({"type": "adam", "beta1": 0.8, "beta2": 0.95, "epsilon": 1e-3, "weight_decay": 0.1}, adam(0.8, 0.95, 1e-3, 0.1)),
    ({"type": "adamw"}, adam(weight_decay=0.01, decoupled=True)),
    ({"type": "adamw", "weight_decay": 0.3}, adam(weight_decay=0.3, decoupled=True)),
    ({"type": "rmsprop"}, rmsprop()),
    ({"type": "rmsprop", "alpha": 0.9, "momentum": 0.8, "weight_decay": 0.1}, rmsprop(0.9, 1e-8, 0.8, 0.1)),
    ({"type": "adagrad"}, adagrad()),
    ({"type": "adagrad", "epsilon": 1e-2, "weight_decay": 0.1}, adagrad(1e-2, 0.1)),
]
result = {"start": START, "rate": RATE, "gradients": GRADIENTS, "cases": [{"spec": s, "path": p} for s, p in CASES]}
print(json.dumps(result, indent=2))
