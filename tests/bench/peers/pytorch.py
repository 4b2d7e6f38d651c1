#!/usr/bin/env python3
"""The same training in PyTorch, on given threads. Prints its time as JSON.

usage: pytorch.py DATA WIDTHS OPTIMIZER RATE BATCH ROWS STEPS THREADS     (WIDTHS as in 50,20)
"""

import json
import sys
import time

import torch

from table import read_table

path, widths, optimizer_name = sys.argv[1:4]
rate = float(sys.argv[4])
batch, rows, steps, threads = map(int, sys.argv[5:9])
torch.set_num_threads(threads)
torch.manual_seed(0)
table = torch.from_numpy(read_table(path))[:rows]
# pandas keeps its tables by column; the network reads rows
images, labels = (table[:, 1:].float() / 255).contiguous(), table[:, 0].long()

layers, width = [], 784
for hidden in map(int, widths.split(",")):
    layers += [torch.nn.Linear(width, hidden), torch.nn.ReLU()]
    width = hidden
model = torch.nn.Sequential(*layers, torch.nn.Linear(width, 10))
optimizer = {"sgd": torch.optim.SGD, "adamw": torch.optim.AdamW}[optimizer_name](
    model.parameters(), lr=rate)

begin = time.perf_counter()
order, next_row = torch.randperm(len(images)), 0
for _ in range(steps):
    if next_row >= len(images):
        order, next_row = torch.randperm(len(images)), 0
    chosen = order[next_row:next_row + batch]
    next_row += batch
    optimizer.zero_grad()
    loss = torch.nn.functional.cross_entropy(model(images[chosen]), labels[chosen])
    loss.backward()
    optimizer.step()
print(json.dumps({"train_seconds": time.perf_counter() - begin, "steps": steps,
                  "loss": loss.item()}))
