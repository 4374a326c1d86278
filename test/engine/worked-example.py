# Independent oracle for worked-example.test.ts: `python3 worked-example.py > worked-example.json` (numpy, float64).
# A 2-2-1 sigmoid network on the four XOR rows, full batch, E = ½·Σ(y − t)², plain gradient descent with η = 0.1,
# 10,000 epochs, biases trained, written directly from the formulas of Rumelhart, Hinton & Williams (1986).
import json
import numpy as np

X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
T = np.array([[0.0], [1.0], [1.0], [0.0]])
W1 = np.array([[0.5, -0.4], [0.9, 1.0]])
b1 = np.array([0.8, -0.1])
W2 = np.array([[-1.2], [1.1]])
b2 = np.array([0.3])
initial = [{"weights": W1.tolist(), "bias": b1.tolist()}, {"weights": W2.tolist(), "bias": b2.tolist()}]


def sigmoid(z):
    return 1.0 / (1.0 + np.exp(-z))


losses = {}
for epoch in range(1, 10001):
    A = sigmoid(X @ W1 + b1)
    Y = sigmoid(A @ W2 + b2)
    if epoch in (1, 2, 10, 100, 1000, 5000, 10000):
        losses[epoch] = float(0.5 * np.sum((Y - T) ** 2))
    dZ2 = (Y - T) * Y * (1.0 - Y)
    dZ1 = (dZ2 @ W2.T) * A * (1.0 - A)
    W2 = W2 - 0.1 * (A.T @ dZ2)
    b2 = b2 - 0.1 * dZ2.sum(axis=0)
    W1 = W1 - 0.1 * (X.T @ dZ1)
    b1 = b1 - 0.1 * dZ1.sum(axis=0)

final = [{"weights": W1.tolist(), "bias": b1.tolist()}, {"weights": W2.tolist(), "bias": b2.tolist()}]
predictions = sigmoid(sigmoid(X @ W1 + b1) @ W2 + b2).ravel().tolist()
print(json.dumps({"initial": initial, "final": final, "losses": losses, "predictions": predictions}, indent=2))
