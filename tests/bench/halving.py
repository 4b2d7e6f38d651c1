#!/usr/bin/env python3
"""Successive halving against random search at equal training steps, as a table for the README.

usage: halving.py MNIST_PROGRAM [--seeds N] [--steps N] [--jobs N] [--out DIR]

Each search goes over the space below once for each sweep seed. All choose by the accuracy on
validation rows; only then the chosen network meets the test rows, once. The 27 trials that halving
begins cost as many steps as 3 in full, so random search tries 3 points: the first three of the 27.
The last search shows what all 27 in full, at nine times the steps, would have found.
"""

import argparse
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile

SPACE = [
    "lr=log(1e-4,0.3)",
    "weight-decay=log(1e-4,1)",
    "beta1=uniform(0.5,0.99)",
    "label-smoothing=uniform(0,0.3)",
    "layers=choice(20,relu|50,relu,20,relu|100,relu|100,relu,50,relu)",
]
SEARCHES = [("random", 3), ("halving", 27), ("random", 27)]


def run(*command):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True,
                          check=False)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}: {done.stderr.strip()[-300:]}")
    return json.loads(done.stdout)


def search(options, directory, method, trials, seed):
    """Steps in all, and the chosen trial's errors on validation and test rows."""
    samples = [part for parameter in SPACE for part in ("--sample", parameter)]
    sweep = run(options.mnist, "sweep", "--method", method, "--trials", trials, *samples,
                "--schedule", "cosine", "--steps", options.steps, "--seed", seed,
                "--jobs", options.jobs, "--out", directory, "--json", "--quiet")
    chosen = sweep["best"][0]
    tested = run(options.mnist, "evaluate", chosen["run"], "--threads", 1, "--json")
    return sweep["steps"], 1 - chosen["validation_accuracy"], tested["error"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("mnist")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=8100)
    parser.add_argument("--jobs", type=int, default=0)
    parser.add_argument("--out", type=pathlib.Path, default=None)
    options = parser.parse_args()
    out = options.out or pathlib.Path(tempfile.mkdtemp(prefix="halving-"))

    print("| method | trials | steps | validation error, median | test error of the choice, median "
          "(seeds) |\n| --- | --- | --- | --- | --- |", flush=True)
    for method, trials in SEARCHES:
        found = []
        for seed in range(options.seeds):
            directory = out / f"{method}-{trials}-{seed}"
            found.append(search(options, directory, method, trials, seed))
            print(method, trials, seed, *found[-1], file=sys.stderr, flush=True)
        steps, validation, errors = zip(*found)
        each = ", ".join(f"{100 * error:.2f}" for error in errors)
        print(f"| `{method}` | {trials} | {statistics.median(steps):,.0f} | "
              f"{100 * statistics.median(validation):.2f} % | "
              f"{100 * statistics.median(errors):.2f} % ({each}) |", flush=True)


if __name__ == "__main__":
    main()
