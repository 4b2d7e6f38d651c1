#!/usr/bin/env python3
"""Times mnist beside its peers on the same work, in turn, and prints medians and ratios.

usage: compare.py MNIST_PROGRAM [--rounds N] [--only WORD]

Peers that are not installed are left out: NumPy, pandas, PyTorch and scikit-learn, all Debian
packages (python3-numpy, python3-pandas, python3-torch, python3-sklearn; with libopenblas0-pthread
beside them, or their matrix products are slow).
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
PEERS = HERE / "peers"
DATA = HERE.parent.parent / "data"
PYTHON = "/usr/bin/python3"
ARTICLE_STEPS = 10000


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


class Work:
    """One row of the table: what is done, what is measured of it, and by whom."""

    def __init__(self, name, measure):
        self.name = name
        self.measure = measure  # from a result to seconds
        self.contenders = []    # (name, command); the first is the tool

    def add(self, name, *command, needs=None):
        if needs is None or installed(needs):
            self.contenders.append((name, command))
        return self

    def compare(self, rounds):
        times = {name: [] for name, _ in self.contenders}
        for _ in range(rounds):
            for name, command in self.contenders:
                times[name].append(self.measure(run(command)))
        ours = statistics.median(times[self.contenders[0][0]])
        for name, values in times.items():
            middle = statistics.median(values)
            yield name, middle, min(values), max(values), middle / ours


def works(mnist, scratch):
    csv = scratch / "mnist_train.csv"
    test_csv = DATA / "mnist_test.csv.zst"

    def tool(*flags):
        return [mnist, "train", "--train-data", csv, "--test-data", "none", "--json", "--quiet",
                "--out", scratch / "run", "--overwrite", *flags]

    def per_step(result):
        return result["train_seconds"] / result["steps"]

    def training(result):
        return result["train_seconds"]

    def loading(result):
        return result["load_seconds"]

    def whole(result):
        return result["wall_seconds"]

    article = ["--no-bias", "--init", "article", "--optimizer", "sgd", "--lr", "0.1",
               "--schedule", "constant", "--sampling", "independent", "--steps", ARTICLE_STEPS]
    pytorch = [PYTHON, PEERS / "pytorch.py", csv]
    article_peer = [PYTHON, PEERS / "article.py", csv, ARTICLE_STEPS]
    for threads in (2, 1):
        work = Work(f"784-50-20-10, SGD, batch 64, a step, {threads} threads", per_step)
        work.add("mnist", *tool(*article, "--threads", threads))
        if threads == 2:
            work.add("article (NumPy)", *article_peer, needs="pandas")
            work.add("scikit-learn", PYTHON, PEERS / "sklearn_mlp.py", csv, 2, needs="sklearn")
        for peer_threads in (1, 2):
            work.add(f"PyTorch, {peer_threads} threads", *pytorch, "50,20", "sgd", 0.1, 64, 60000,
                     4000, peer_threads, needs="torch")
        yield work
    yield (Work("the same, whole process from CSV to weights", whole)
           .add("mnist", *tool(*article))
           .add("article (NumPy, pandas)", *article_peer, needs="pandas"))
    yield (Work("784-500-10, AdamW, batch 500, 30 epochs of 57,000", training)
           .add("mnist", *tool("--layers", "500,relu", "--lr", "0.001", "--schedule", "constant",
                               "--batch-size", 500, "--epochs", 30, "--validation", 3000))
           .add("PyTorch, 1 thread", *pytorch, "500", "adamw", 0.001, 500, 57000, 3420, 1,
                needs="torch")
           .add("PyTorch, 2 threads", *pytorch, "500", "adamw", 0.001, 500, 57000, 3420, 2,
                needs="torch"))
    yield (Work("784-2500-2000-1500-1000-500-10, SGD, batch 512, a step", per_step)
           .add("mnist", *tool("--layers", "2500,relu,2000,relu,1500,relu,1000,relu,500,relu",
                               "--optimizer", "sgd", "--lr", "0.01", "--batch-size", 512,
                               "--steps", 40))
           .add("PyTorch, 1 thread", *pytorch, "2500,2000,1500,1000,500", "sgd", 0.01, 512, 60000,
                40, 1, needs="torch")
           .add("PyTorch, 2 threads", *pytorch, "2500,2000,1500,1000,500", "sgd", 0.01, 512, 60000,
                40, 2, needs="torch"))
    yield (Work("mnist_train.csv (109.6 MB) into samples", loading)
           .add("mnist", *tool("--steps", 1))
           .add("pandas", PYTHON, PEERS / "pandas_load.py", csv, needs="pandas"))
    yield (Work("evaluate 784-50-20-10 on 10,000 rows of .csv.zst, whole process", whole)
           .add("mnist", mnist, "evaluate", scratch / "article", "--data", test_csv, "--json"))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("mnist", type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", default="", help="works whose name holds this")
    arguments = parser.parse_args()
    mnist = arguments.mnist.resolve()
    with tempfile.TemporaryDirectory() as folder:
        scratch = pathlib.Path(folder)
        with open(scratch / "mnist_train.csv", "wb") as file:
            subprocess.run(["zstd", "-dcq", DATA / "mnist_train.csv.zst"], stdout=file, check=True)
        run([mnist, "train", "--quiet", "--json", "--out", scratch / "article"])
        with open("/proc/cpuinfo") as cpuinfo:
            model = next((line.split(":")[1].strip() for line in cpuinfo if "model name" in line),
                         "unknown processor")
        print(f"{model}, {os.cpu_count()} cores; medians of {arguments.rounds} rounds\n")
        print("| work | who | median | least | most | times mnist |")
        print("| --- | --- | --- | --- | --- | --- |")
        for work in works(mnist, scratch):
            if arguments.only not in work.name:
                continue
            label = work.name
            for name, middle, least, most, ratio in work.compare(arguments.rounds):
                def show(t):
                    return f"{t * 1e6:.1f} µs" if t < 1e-2 else f"{t:.3f} s"
                print(f"| {label} | {name} | {show(middle)} | {show(least)} | {show(most)} "
                      f"| {ratio:.1f} |", flush=True)
                label = ""


if __name__ == "__main__":
    main()
