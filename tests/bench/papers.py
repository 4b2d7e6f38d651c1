#!/usr/bin/env python3
"""Trains the presets that stand beside published results and prints the README's table of errors.

usage: papers.py MNIST_PROGRAM [--only PRESET ...] [--runs DIR]

Each preset is trained on all 60,000 images once per seed and tested once. The time is that of the
least disturbed training. Networks trained on distorted images are also tested with 32 views, and five
of the last preset as a committee. The runs stay in DIR (papers-runs), and a run that is there, complete
or not, is gone on with: stop and start this as you like. All of it takes hours.
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
    "dropout-1024": ("784-1024-1024-1024-10, dropout", "1.06 % (Srivastava 2014)", 5),
    "fast": ("784-500-10, 7 epochs", "", 5),
    "simard-800-elastic": ("784-800-10, distorted images", "0.7 % (Simard 2003)", 3),
    "record": ("784-2048-512-10, distorted images", "0.35 % (Cireşan 2010, 12 million weights)", 3),
}
VIEWS = 32
DISTORTED = ("simard-800-elastic", "record")  # the presets that get views
COMMITTEE_OF, COMMITTEE_SIZE = "record", 5
COMMITTEE = "0.39 % (Meier 2011, 25 networks), 0.31 % (Cireşan 2011, 7 networks)"


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


def show_time(seconds):
    return f"{seconds:.1f} s" if seconds < 60 else f"{seconds / 60:.1f} min"


class Papers:
    """Trains and tests by one program, in one directory of runs."""

    def __init__(self, mnist, runs):
        self.mnist, self.runs = mnist, runs

    def directory(self, preset, seed):
        return self.runs / f"{preset}-{seed}"

    def train(self, preset, seeds):
        return [run(self.mnist, "train", "--preset", preset, "--seed", seed, "--log-every", 100,
                    "--continue", "--out", self.directory(preset, seed)) for seed in range(seeds)]

    def print_preset(self, preset):
        network, published, seeds = PRESETS[preset]
        results = self.train(preset, seeds)
        viewed = "" if preset not in DISTORTED else show(
            [run(self.mnist, "evaluate", self.directory(preset, seed), "--views", VIEWS)
             ["with_views"]["error"] for seed in range(seeds)])
        print_row(f"`{preset}`", network, published,
                  show([result["test_error"] for result in results]), viewed,
                  show_time(min(result["train_seconds"] for result in results)))

    def print_committee(self):
        self.train(COMMITTEE_OF, COMMITTEE_SIZE)
        networks = [self.directory(COMMITTEE_OF, seed) for seed in range(COMMITTEE_SIZE)]
        committee = run(self.mnist, "evaluate", *networks, "--views", VIEWS)["committee"]
        print_row("`mnist evaluate A B ...`", f"{COMMITTEE_SIZE} of `{COMMITTEE_OF}`", COMMITTEE,
                  show([committee["error"]]), show([committee["with_views"]["error"]]), "")


def print_row(*cells):
    print(f"| {' | '.join(cells)} |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("mnist", type=pathlib.Path)
    parser.add_argument("--only", nargs="+", choices=[*PRESETS, "committee"],
                        default=[*PRESETS, "committee"])
    parser.add_argument("--runs", type=pathlib.Path, default=pathlib.Path("papers-runs"))
    arguments = parser.parse_args()
    papers = Papers(arguments.mnist.resolve(), arguments.runs)

    print_row("preset", "network", "published error", "error here", f"with {VIEWS} views", "time")
    print_row(*["---"] * 6)
    for preset in arguments.only:
        if preset == "committee":
            papers.print_committee()
        else:
            papers.print_preset(preset)


if __name__ == "__main__":
    main()
