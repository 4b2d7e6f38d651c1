#!/usr/bin/env python3
"""Times mnist beside its peers on the same work, in turn, and prints medians and ratios.

usage: compare.py MNIST_PROGRAM [--rounds N] [--only NAME...]

NAME is one of step, process, load, evaluate (the article's network), wide, deep, conv (networks
with convolutions, training and inference), and rows, steps (how the cost grows). GFLOP/s count the products of wide and deep as if no pixel were zero;
`mnist_bench --benchmark_filter=multiply_adds` tells the peak of a core.

Peers that are not installed are left out: NumPy, pandas, PyTorch and scikit-learn, all Debian
packages (python3-numpy, python3-pandas, python3-torch, python3-sklearn; with libopenblas0-pthread
beside them, or their matrix products are slow).
"""

import argparse
import json
import math
import os
import pathlib
import random
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
PEERS = HERE / "peers"
DATA = HERE.parent.parent / "data"
PYTHON = "/usr/bin/python3"
STEPS = 10000          # of the article's network
ARTICLE_STEPS = 500    # of its NumPy program, which takes the better part of a minute for all
PYTORCH_STEPS = 2000
WIDE_STEPS = 30 * 114  # of 784-500-10
# Of pytorch/examples, Keras' simple_mnist_convnet, ggml's mnist-cnn and LeNet-5: name, layers, batch
# and steps.
CONVOLUTIONS = (
    ("pytorch/examples", "32c3,relu,64c3,relu,maxpool:2,128,relu", 64, 60),
    ("Keras", "32c3,relu,maxpool:2,64c3,relu,maxpool:2", 128, 60),
    ("ggml", "8c3same,relu,maxpool:2,16c3same,relu,maxpool:2", 500, 40),
    ("LeNet-5", "6c5,relu,maxpool:2,16c5,relu,maxpool:2,120,relu,84,relu", 64, 400),
)
PYTORCH_WIDE_STEPS = 570


def run(command):
    """The JSON a command prints, and its wall time as `wall_seconds`."""
    begin = time.perf_counter()
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
    wall = time.perf_counter() - begin
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}: {done.stderr.strip()[-300:]}")
    lines = done.stdout.strip()
    result = json.loads(lines) if lines.startswith("{") else {}
    return result | {"wall_seconds": wall}


def installed(module):
    return subprocess.run([PYTHON, "-c", f"import {module}"], capture_output=True,
                          check=False).returncode == 0


def per_step(result):
    return result["train_seconds"] / result["steps"]


def training(result):
    return result["train_seconds"]


def loading(result):
    return result["load_seconds"]


def whole(result):
    return result["wall_seconds"]


def whole_article(result):
    """The article's program with all its steps."""
    return result["load_seconds"] + per_step(result) * STEPS


class Work:
    """One group of rows: what is done, and by whom. Ratios are to the first contender, and to the
    tool's run with one thread where there is one."""

    def __init__(self, name, measure, operations=math.nan):
        self.name = name
        self.measure = measure  # from a result to seconds
        self.operations = operations  # floating-point operations of what is measured
        self.contenders = []    # (name, command, measure)

    def add(self, name, command, measure=None):
        if command is not None:
            self.contenders.append((name, command, measure or self.measure))
        return self

    def compare(self, rounds):
        times = {name: [] for name, _, _ in self.contenders}
        for _ in range(rounds):
            # In a new order, as each finds the machine as the one before leaves it.
            for name, command, measure in random.sample(self.contenders, len(self.contenders)):
                times[name].append(measure(run(command)))
        medians = {name: statistics.median(values) for name, values in times.items()}
        first = self.contenders[0][0]
        for name, values in times.items():
            yield (name, medians[name], min(values), max(values), medians[name] / medians[first],
                   medians[name] / medians.get("mnist, 1 thread", math.nan),
                   self.operations / medians[name] * 1e-9)


def products(batch, *widths):
    """The operations of a step's matrix products: forward, gradients, and the deltas of all layers
    but the first."""
    weights = [a * b for a, b in zip(widths, widths[1:])]
    return 2 * batch * (3 * sum(weights) - weights[0])


def train_csv(scratch, rows=60000):
    """The first so many training rows, from the start again where there are no more."""
    path = scratch / f"mnist_train_{rows}.csv"
    if not path.exists():
        text = subprocess.run(["zstd", "-dcq", DATA / "mnist_train.csv.zst"], capture_output=True,
                              check=True).stdout
        lines = text.splitlines(keepends=True)
        with open(path, "wb") as file:
            for begin in range(0, rows, len(lines)):
                file.writelines(lines[:rows - begin])
    return path


def train_npy(scratch):
    """The same as an array, for peers whose way to load is not what is measured."""
    path = scratch / "mnist_train.npy"
    if not path.exists():
        code = "import sys; sys.path.insert(0, sys.argv[1]); import table, numpy; " \
               "numpy.save(sys.argv[3], table.read_table(sys.argv[2]))"
        subprocess.run([PYTHON, "-B", "-c", code, PEERS, train_csv(scratch), path], check=True)
    return path


class Works:
    """What is compared: each method makes a Work."""

    def __init__(self, mnist, scratch):
        self.mnist = mnist
        self.scratch = scratch

    def tool(self, *flags, rows=60000):
        return [self.mnist, "train", "--train-data", train_csv(self.scratch, rows), "--test-data",
                "none", "--json", "--quiet", "--out", self.scratch / "run", "--overwrite", *flags]

    def article(self, steps=STEPS, threads=2, rows=60000):
        return self.tool("--no-bias", "--init", "article", "--optimizer", "sgd", "--lr", "0.1",
                         "--schedule", "constant", "--sampling", "independent", "--steps", steps,
                         "--threads", threads, rows=rows)

    def peer(self, script, *settings, needs="pandas", data=train_npy):
        """Nothing to run where `needs` is missing."""
        if not installed("pandas") or not installed(needs):
            return None
        return [PYTHON, "-B", PEERS / script, data(self.scratch), *settings]

    def pytorch(self, *settings):
        return self.peer("pytorch.py", *settings, needs="torch")

    def step(self):
        work = Work("784-50-20-10, SGD, batch 64: a step of 10,000", per_step)
        work.add("mnist, 2 threads", self.article())
        work.add("mnist, 1 thread", self.article(threads=1))
        work.add(f"article (NumPy), of {ARTICLE_STEPS:,} steps",
                 self.peer("article.py", ARTICLE_STEPS))
        for threads in (1, 2):
            work.add(f"PyTorch, {threads} threads, of {PYTORCH_STEPS:,} steps",
                     self.pytorch("50,20", "sgd", 0.1, 64, 60000, PYTORCH_STEPS, threads))
        return work.add("scikit-learn, of 938 steps",
                        self.peer("sklearn_mlp.py", 1, needs="sklearn"))

    def process(self):
        return (Work("the same, from CSV on disk to saved weights", whole)
                .add("mnist, 2 threads", self.article())
                .add("article (NumPy, pandas): loading and 10,000 steps",
                     self.peer("article.py", ARTICLE_STEPS, data=train_csv),
                     measure=whole_article))

    def load(self):
        return (Work("mnist_train.csv (109.6 MB) into samples", loading)
                .add("mnist", self.tool("--steps", 1))
                .add("pandas", self.peer("pandas_load.py", data=train_csv)))

    def evaluate(self):
        run([self.mnist, "train", "--quiet", "--json", "--out", self.scratch / "article"])
        return (Work("evaluate 784-50-20-10 on 10,000 rows of .csv.zst, whole process", whole)
                .add("mnist", [self.mnist, "evaluate", self.scratch / "article", "--data",
                               DATA / "mnist_test.csv.zst", "--json"]))

    def both(self, work, *flags):
        """The tool with two threads and with one."""
        work.add("mnist, 2 threads", self.tool(*flags, "--threads", 2))
        return work.add("mnist, 1 thread", self.tool(*flags, "--threads", 1))

    def wide(self):
        work = self.both(Work("784-500-10, AdamW, batch 500, 30 epochs of 57,000", training,
                              WIDE_STEPS * products(500, 784, 500, 10)),
                         "--layers", "500,relu", "--lr", "0.001", "--schedule", "constant",
                         "--batch-size", 500, "--epochs", 30, "--validation", 3000)
        for threads in (1, 2):
            work.add(f"PyTorch, {threads} threads, by {PYTORCH_WIDE_STEPS} of {WIDE_STEPS:,} steps",
                     self.pytorch("500", "adamw", 0.001, 500, 57000, PYTORCH_WIDE_STEPS, threads),
                     measure=lambda result: per_step(result) * WIDE_STEPS)
        return work

    def deep(self):
        widths = "2500,2000,1500,1000,500"
        work = self.both(Work("784-2500-2000-1500-1000-500-10, SGD, batch 512, a step", per_step,
                              products(512, 784, *map(int, widths.split(",")), 10)),
                         "--layers", widths.replace(",", ",relu,") + ",relu", "--optimizer", "sgd",
                         "--lr", "0.01", "--batch-size", 512, "--steps", 40)
        for threads in (1, 2):
            work.add(f"PyTorch, {threads} threads",
                     self.pytorch(widths, "sgd", 0.01, 512, 60000, 40, threads))
        return work

    def conv(self):
        """A step of each network, and 10,000 images through the first one."""
        works = []
        for name, layers, batch, steps in CONVOLUTIONS:
            work = self.both(Work(f"{name}: {layers}, Adam, batch {batch}, a step", per_step),
                             "--layers", layers, "--optimizer", "adam", "--lr", 0.001,
                             "--schedule", "constant", "--batch-size", batch, "--steps", steps,
                             "--checkpoint-every", 100000)
            for threads in (1, 2):
                work.add(f"PyTorch, {threads} threads",
                         self.peer("pytorch_conv.py", layers, batch, steps, threads,
                                   needs="torch"))
            works.append(work)
        layers = CONVOLUTIONS[0][1]
        run([self.mnist, "train", "--layers", layers, "--steps", 5, "--quiet", "--json", "--out",
             self.scratch / "conv"])
        inference = Work("pytorch/examples: 10,000 images, the whole process beside the passes",
                         whole)
        inference.add("mnist, 2 threads", [self.mnist, "evaluate", self.scratch / "conv", "--data",
                                           DATA / "mnist_test.csv.zst", "--json"])
        for threads in (1, 2):
            inference.add(f"PyTorch, {threads} threads, passes alone",
                          self.peer("pytorch_conv.py", layers, 500, 0, threads, needs="torch"),
                          measure=lambda result: result["inference_seconds"])
        return [*works, inference]

    def rows(self):
        work = Work("784-50-20-10: a step by the rows of data", per_step)
        for rows in (60000, 1000, 600000):
            work.add(f"mnist, {rows:,} rows", self.article(rows=rows))
        return work

    def steps(self):
        work = Work("784-50-20-10: a step by the length of training", per_step)
        for steps in (10000, 1000, 100000):
            work.add(f"mnist, {steps:,} steps", self.article(steps))
        return work


NAMES = ("step", "process", "load", "evaluate", "wide", "deep", "conv", "rows", "steps")


def processor():
    with open("/proc/cpuinfo") as cpuinfo:
        return next((line.split(":")[1].strip() for line in cpuinfo if "model name" in line),
                    "unknown processor")


def show(work, rounds):
    label = work.name
    for who, *times, ratio, ratio_to_one, speed in work.compare(rounds):
        shown = [f"{t * 1e6:.1f} µs" if t < 1e-2 else f"{t:.3f} s" for t in times]
        shown += ["" if math.isnan(x) else f"{x:.2f}" for x in (ratio, ratio_to_one)]
        shown.append("" if math.isnan(speed) else f"{speed:.0f}")
        print("|", " | ".join([label, who, *shown]), "|", flush=True)
        label = ""


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("mnist", type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", nargs="+", choices=NAMES, default=NAMES)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        works = Works(arguments.mnist.resolve(), pathlib.Path(folder))
        print(f"{processor()}, {os.cpu_count()} cores; medians of {arguments.rounds} rounds\n")
        print("| work | who | median | least | most | times the first | times 1 thread | GFLOP/s |")
        print("| --- | --- | --- | --- | --- | --- | --- | --- |")
        for name in arguments.only:
            made = getattr(works, name)()
            for work in made if isinstance(made, list) else [made]:
                show(work, arguments.rounds)


if __name__ == "__main__":
    main()
