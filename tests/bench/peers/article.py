#!/usr/bin/env python3
"""The article's program: matrix-form backpropagation in NumPy, one sample after the other.

Grant Lawley, "Implementing a Simple Neural Network from Scratch" (2024). 784-50-20-10 without
biases, batches of 64 drawn anew each step. Prints the times of loading and training as JSON.
"""

import json
import sys
import time

import numpy as np

from table import read_table

path, steps = sys.argv[1], int(sys.argv[2])
RATE, BATCH = 0.1, 64

begin = time.perf_counter()
table = read_table(path)
# pandas keeps its tables by column; the program reads rows
labels, images = np.eye(10)[table[:, 0]], np.ascontiguousarray(table[:, 1:] / 255)
loaded = time.perf_counter()

rng = np.random.default_rng(0)
sizes = [784, 50, 20, 10]
weights = [rng.normal(0, 1 / np.sqrt(n), (m, n)) for n, m in zip(sizes, sizes[1:])]


def softmax(z):
    e = np.exp(z - z.max())
    return e / e.sum()


losses = []
for _ in range(steps):
    gradients = [np.zeros_like(w) for w in weights]
    loss = 0.0
    for i in rng.choice(len(images), BATCH, replace=False):
        a0 = images[i].reshape(-1, 1)
        y = labels[i].reshape(-1, 1)
        z1 = weights[0] @ a0
        a1 = np.maximum(z1, 0)
        z2 = weights[1] @ a1
        a2 = np.maximum(z2, 0)
        p = softmax(weights[2] @ a2)
        loss -= np.sum(y * np.log(p))
        d3 = p - y
        d2 = (weights[2].T @ d3) * (z2 > 0)
        d1 = (weights[1].T @ d2) * (z1 > 0)
        gradients[2] += d3 @ a2.T
        gradients[1] += d2 @ a1.T
        gradients[0] += d1 @ a0.T
    for w, g in zip(weights, gradients):
        w -= RATE * g / BATCH
    losses.append(loss / BATCH)

print(json.dumps({"load_seconds": loaded - begin, "train_seconds": time.perf_counter() - loaded,
                  "steps": steps, "loss": float(np.mean(losses[-100:]))}))
