#!/usr/bin/env python3
"""A convolutional network in PyTorch, with Adam, on given threads. Prints its times as JSON.

usage: pytorch_conv.py DATA LAYERS BATCH STEPS THREADS     (LAYERS as for mnist train; with 0 STEPS it
                                                            predicts 10,000 images)
"""

import json
import os
import re
import sys
import time

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # its threads would contend with PyTorch's

import torch

from table import read_table

path, layers = sys.argv[1:3]
batch, steps, threads = map(int, sys.argv[3:6])
torch.set_num_threads(threads)
torch.manual_seed(0)
table = torch.from_numpy(read_table(path))
images = (table[:, 1:].float() / 255).contiguous().view(-1, 1, 28, 28)
labels = table[:, 0].long()

stack, shape = [], images[:1]
for entry in [*layers.split(","), "10"]:
    convolution = re.fullmatch(r"(\d+)c(\d+)(same)?", entry)
    if convolution:
        kernel = int(convolution[2])
        made = [torch.nn.Conv2d(shape.shape[1], int(convolution[1]), kernel,
                                padding=kernel // 2 if convolution[3] else 0)]
    elif entry == "relu":
        made = [torch.nn.ReLU()]
    elif entry.startswith("maxpool:"):
        made = [torch.nn.MaxPool2d(int(entry[8:]))]
    else:
        made = [torch.nn.Flatten()] if shape.dim() == 4 else []
        made.append(torch.nn.Linear(shape[0].numel(), int(entry)))
    for layer in made:
        shape = layer(shape)
    stack += made
model = torch.nn.Sequential(*stack)
optimizer = torch.optim.Adam(model.parameters(), lr=0.001)

begin = time.perf_counter()
order = torch.randperm(len(images))
for step in range(steps):
    chosen = order[step * batch % 50000:][:batch]
    optimizer.zero_grad()
    torch.nn.functional.cross_entropy(model(images[chosen]), labels[chosen]).backward()
    optimizer.step()
trained = time.perf_counter()
if steps == 0:
    with torch.no_grad():
        for first in range(0, 10000, batch):
            torch.softmax(model(images[first:first + batch]), 1)
print(json.dumps({"train_seconds": trained - begin, "steps": steps,
                  "inference_seconds": time.perf_counter() - trained}))
