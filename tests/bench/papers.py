#!/usr/bin/env python3
"""Trains the presets that stand beside published results and prints the README's table of errors.

usage: papers.py MNIST_PROGRAM [--only PRESET ...] [--runs DIR]

Each preset is trained on all 60,000 images once per seed and tested once. The runs stay in DIR
(papers-runs), and a run that is there, complete or not, is gone on with: stop and start this as you
like. All of it takes hours.
"""

import argparse
import json
import pathlib
import statistics
import subprocess
import sys

# preset: (network, published error, seeds)
PRESETS = {
    "linear": ("softmax regression", "12.0 % (LeCun 1998)", 5),
    "lecun-300": ("784-300-10", "4.7 % (LeCun 1998)", 5),
    "lecun-300-100": ("784-300-100-10", "3.05 % (LeCun 1998)", 5),
    "simard-800": ("784-800-10, no distortions", "1.6 % (Simard 2003)", 5),
    "fast": ("784-500-10, 7 epochs", "", 5),
    "simard-800-elastic": ("784-800-10, distorted images", "0.7 % (Simard 2003)", 3),
    "record": ("784-2048-512-10, distorted images", "0.35 % (Cireşan 2010)", 3),
}


def run(mnist, *arguments):
    """The JSON that a command prints; its progress is seen on standard error."""
    done = subprocess.run([mnist, *map(str, arguments), "--json"], stdout=subprocess.PIPE,
                          text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"mnist {' '.join(map(str, arguments))}: exit code {done.returncode}")
    return json.loads(done.stdout)


def show(errors):
    mean = f"{100 * statistics.mean(errors):.2f}"
    return f"{mean} ± {100 * statistics.stdev(errors):.2f} %" if len(errors) > 1 else f"{mean} %"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("mnist", type=pathlib.Path)
    parser.add_argument("--only", nargs="+", choices=PRESETS, default=list(PRESETS))
    parser.add_argument("--runs", type=pathlib.Path, default=pathlib.Path("papers-runs"))
    arguments = parser.parse_args()
    mnist = arguments.mnist.resolve()

    print("| preset | network | published error | error here | minutes |")
    print("| --- | --- | --- | --- | --- |")
    for preset in arguments.only:
        network, published, seeds = PRESETS[preset]
        results = [run(mnist, "train", "--preset", preset, "--seed", seed, "--continue", "--out",
                       arguments.runs / f"{preset}-{seed}") for seed in range(seeds)]
        minutes = statistics.mean(result["train_seconds"] for result in results) / 60
        print(f"| `{preset}` | {network} | {published} "
              f"| {show([result['test_error'] for result in results])} | {minutes:.1f} |", flush=True)


if __name__ == "__main__":
    main()
