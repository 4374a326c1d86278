# Independent oracle for golden-losses.test.ts: `python3 golden-losses.py > golden-losses.json` (numpy, float64).
# The whole chain from a seed: Philox4x32-10, Glorot and He initialisation, the order of the rows, dropout masks,
# a 3-6-3 relu network with softmax and cross-entropy, batches of 4 rows (the last has 2), SGD with momentum.
import json
import numpy as np

SEED, EPOCHS, BATCH, RATE, MOMENTUM, DROPOUT = 7, 30, 4, 0.1, 0.9, 0.25
INITIALISATION, SHUFFLE, MASKS = 1, 2, 3


class Stream:
    """Philox4x32-10 (Salmon et al., 2011): key = seed, counter = (block, first, second, use)."""

    def __init__(self, use, first=0, second=0):
        self.counter, self.numbers = [0, first, second, use], []

    def uniform(self):
        if not self.numbers:
            c, k = list(self.counter), [SEED & 0xFFFFFFFF, SEED >> 32]
            for _ in range(10):
                p0, p1 = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
                c = [(p1 >> 32) ^ c[1] ^ k[0], p1 & 0xFFFFFFFF, (p0 >> 32) ^ c[3] ^ k[1], p0 & 0xFFFFFFFF]
                k = [(k[0] + 0x9E3779B9) & 0xFFFFFFFF, (k[1] + 0xBB67AE85) & 0xFFFFFFFF]
            self.counter[0] += 1
            self.numbers = c
        return self.numbers.pop(0) / 2**32

    def normal(self):
        u, v = self.uniform(), self.uniform()
        return np.sqrt(-2 * np.log(1 - u)) * np.cos(2 * np.pi * v)


rows = np.arange(10)
X = np.stack([np.sin(rows + 1.0), np.cos(2.0 * rows), rows / 10.0 - 0.5], axis=1)
T = rows % 3

he, glorot = Stream(INITIALISATION, 0), Stream(INITIALISATION, 2)
W1 = np.array([he.normal() * np.sqrt(2 / 3) for _ in range(18)]).reshape(3, 6)
W2 = np.array([(2 * glorot.uniform() - 1) * np.sqrt(6 / 9) for _ in range(18)]).reshape(6, 3)
theta = [W1, np.zeros(6), W2, np.zeros(3)]
velocity = [np.zeros_like(p) for p in theta]

losses, step = [], 0
for epoch in range(1, EPOCHS + 1):
    order, stream = list(range(10)), Stream(SHUFFLE, epoch)
    for last in range(9, 0, -1):
        chosen = int(stream.uniform() * (last + 1))
        order[last], order[chosen] = order[chosen], order[last]
    total = 0.0
    for start in range(0, 10, BATCH):
        step += 1
        batch = order[start : start + BATCH]
        x, t, n = X[batch], T[batch], len(batch)
        z1 = x @ theta[0] + theta[1]
        a = np.maximum(z1, 0)
        stream = Stream(MASKS, 1, step)
        mask = np.array([0 if stream.uniform() < DROPOUT else 1 / (1 - DROPOUT) for _ in range(a.size)]).reshape(a.shape)
        h = a * mask
        z2 = h @ theta[2] + theta[3]
        log_sum = np.log(np.exp(z2).sum(axis=1))
        total += (log_sum - z2[np.arange(n), t]).sum()
        dz2 = (np.exp(z2 - log_sum[:, None]) - np.eye(3)[t]) / n
        dz1 = (dz2 @ theta[2].T) * mask * (z1 > 0)
        gradients = [x.T @ dz1, dz1.sum(axis=0), h.T @ dz2, dz2.sum(axis=0)]
        velocity = [MOMENTUM * v + g for v, g in zip(velocity, gradients)]
        theta = [p - RATE * v for p, v in zip(theta, velocity)]
    losses.append(total / 10)

print(json.dumps({"losses": losses, "final_bias": theta[3].tolist()}, indent=2))
