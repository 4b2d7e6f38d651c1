#!/usr/bin/env python3
"""Trains the presets that stand beside published results and prints the tables of errors, on MNIST
and on other data.

usage: papers.py MNIST_PROGRAM [--only PRESET ...] [--seeds N] [--runs DIR]

Each preset is trained on all 60,000 images once per seed and tested once. The time is that of the
least disturbed training. Networks of VIEWED are also tested with 32 views, and five of `record` and of
`cnn-record` as committees. --seeds trains fewer of them; each row tells how many there were. The runs
stay in DIR (papers-runs), and a run that is there, complete or not, is gone on with: stop and start
this as you like. All of it takes hours. The other data are Debian's package dataset-fashion-mnist.
"""

import argparse
import json
import pathlib
import statistics
import subprocess
import sys

# preset: (network, published error, seeds), on MNIST
PRESETS = {
    "linear": ("softmax regression", "12.0 % (LeCun 1998)", 5),
    "lecun-300": ("784-300-10", "4.7 % (LeCun 1998)", 5),
    "lecun-300-100": ("784-300-100-10", "3.05 % (LeCun 1998)", 5),
    "simard-800": ("784-800-10, no distortions", "1.6 % (Simard 2003)", 5),
    "dropout-1024": ("784-1024-1024-1024-10, dropout", "1.06 % (Srivastava 2014)", 5),
    "fast": ("784-500-10, 7 epochs", "", 5),
    "simard-800-elastic": ("784-800-10, distorted images", "0.7 % (Simard 2003)", 3),
    "record": ("784-2048-512-10, distorted images", "0.35 % (Cireşan 2010, 12 million weights)", 3),
    "cnn-fast": ("16C5-MP2-32C5-MP2-10, 2 epochs", "", 5),
    "ggml-cnn": ("8C3-MP2-16C3-MP2-10, 9,098 weights", "1.54 % (ggml's mnist-cnn)", 5),
    "keras-cnn": ("32C3-MP2-64C3-MP2-10, dropout, distorted images", "about 1 % (Keras' mnist_convnet)", 5),
    "lenet-5": ("6C5-MP2-16C5-MP2-120-84-10", "0.95 % (LeCun 1998)", 5),
    "lenet-5-distorted": ("the same, distorted images", "0.8 % (LeCun 1998)", 5),
    "simard-cnn": ("5C5-50C5-100-10, distorted images", "0.4 % (Simard 2003)", 5),
    "tiny": ("8C3-MP2-16C3-24C3-MP2-16C3-10, 8,978 weights", "", 5),
    "digits": ("24C3-24C3-MP2-48C3-64C3-MP2-256-10, distorted images", "", 1),
    "cnn-record": ("the same, 75 epochs", "0.30 % (An 2020, last epoch), 0.35 % (Cireşan 2011)", 3),
}
# The same on other data.
OTHERS = {
    "fashion-dense": ("784-256-128-100-10, Fashion-MNIST", "11.67 % (Xiao 2017)", 5),
    "fashion": ("32C5-MP2-64C5-MP2-128-10, Fashion-MNIST", "8.4 to 6.6 % (Xiao 2017)", 5),
}
ALL = {**PRESETS, **OTHERS}
VIEWS = 32
VIEWED = ("simard-800-elastic", "record", "cnn-record")
COMMITTEE_SIZE = 5
COMMITTEES = {
    "record": "0.39 % (Meier 2011, 25 networks), 0.31 % (Cireşan 2011, 7 networks)",
    "cnn-record": "0.23 % (Cireşan 2012, 35 networks), 0.21 % (Wan 2013)",
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


def show_time(seconds):
    return f"{seconds:.1f} s" if seconds < 60 else f"{seconds / 60:.1f} min"


class Papers:
    """Trains and tests by one program, in one directory of runs."""

    def __init__(self, mnist, runs, most_seeds):
        self.mnist, self.runs, self.most_seeds = mnist, runs, most_seeds

    def directory(self, preset, seed):
        return self.runs / f"{preset}-{seed}"

    def train(self, preset, seeds):
        return [run(self.mnist, "train", "--preset", preset, "--seed", seed, "--log-every", 100,
                    "--continue", "--out", self.directory(preset, seed)) for seed in range(seeds)]

    def print_preset(self, preset):
        network, published, seeds = ALL[preset]
        seeds = min(seeds, self.most_seeds)
        results = self.train(preset, seeds)
        viewed = "" if preset not in VIEWED else show(
            [run(self.mnist, "evaluate", self.directory(preset, seed), "--views", VIEWS)
             ["with_views"]["error"] for seed in range(seeds)])
        print_row(f"`{preset}`", network, published,
                  show([result["test_error"] for result in results]), str(seeds), viewed,
                  show_time(min(result["train_seconds"] for result in results)))

    def print_committee(self, preset):
        self.train(preset, COMMITTEE_SIZE)
        networks = [self.directory(preset, seed) for seed in range(COMMITTEE_SIZE)]
        committee = run(self.mnist, "evaluate", *networks, "--views", VIEWS)["committee"]
        print_row("`mnist evaluate A B ...`", f"{COMMITTEE_SIZE} of `{preset}`", COMMITTEES[preset],
                  show([committee["error"]]), "1", show([committee["with_views"]["error"]]), "")


def print_row(*cells):
    print(f"| {' | '.join(cells)} |", flush=True)


def print_head():
    print_row("preset", "network", "published error", "error here", "seeds", f"with {VIEWS} views",
              "time")
    print_row(*["---"] * 7)


def main():
    committees = [f"committee-{preset}" for preset in COMMITTEES]
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("mnist", type=pathlib.Path)
    parser.add_argument("--only", nargs="+", choices=[*ALL, *committees])
    parser.add_argument("--seeds", type=int, default=5, help="of each preset at most [5]")
    parser.add_argument("--runs", type=pathlib.Path, default=pathlib.Path("papers-runs"))
    arguments = parser.parse_args()
    papers = Papers(arguments.mnist.resolve(), arguments.runs, arguments.seeds)
    wanted = arguments.only or [*ALL, *committees]

    tables = [[*PRESETS, *committees], [*OTHERS]]
    for names in ([name for name in table if name in wanted] for table in tables):
        if not names:
            continue
        print_head()
        for name in names:
            if name in committees:
                papers.print_committee(name.removeprefix("committee-"))
            else:
                papers.print_preset(name)
        print()


if __name__ == "__main__":
    main()
