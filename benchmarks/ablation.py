"""What each part of the `bayes` backend is worth: variants by its options, on one half of the problems.

    python benchmarks/ablation.py run --seeds 0-4
    python benchmarks/ablation.py report --markdown ablation.md

The other half stays unseen, for whoever chooses options by what this says.
"""

import argparse
import os
from pathlib import Path

import measure  # noqa: F401 - before numpy: one thread
from regret import run, seeds_of
from report import groups, report
from runs import FOLDER, files, stored
from suite import select

REFERENCE = "hpdsl_bayes"
VARIANTS = (
    "acquisition=ei",
    "acquisition=pi",
    "acquisition=lcb",
    "worth=0",
    "belief=0",
    "activity=1",
    "n_start=5",
    "n_start=20",
)
RUNS = FOLDER / "ablation"


def development(problems):
    """Every other problem of each group, from the first on."""
    return [p for members in groups(problems).values() for p in members[::2]]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    runner = commands.add_parser("run", help="run the variants")
    runner.add_argument("--seeds", default="0-4")
    runner.add_argument("--budget", type=int, default=100)
    runner.add_argument("--yahpo", type=Path, help="the data folder of YAHPO Gym")
    runner.add_argument("--core", type=int, help="stay on this core")
    reporter = commands.add_parser("report", help="compare them with the defaults")
    reporter.add_argument("--markdown", type=Path)
    reporter.add_argument("--picture", type=Path)
    for p in (runner, reporter):
        p.add_argument("--problems", default="flat,mixed,conditional,high,noisy,learners", help="of these, one half")
        p.add_argument("--variants", default=",".join(VARIANTS), help="OPTION=VALUE, several with + between them")
        p.add_argument("--runs", type=Path, default=RUNS, help="a folder of stored runs")
    arguments = parser.parse_args()
    names = [REFERENCE, *(f"{REFERENCE}+{v}" for v in arguments.variants.split(","))]
    problems = development(select(arguments.problems))
    if arguments.command == "run":
        if arguments.core is not None:
            os.sched_setaffinity(0, {arguments.core})
        run(names, problems, seeds_of(arguments.seeds), arguments.budget, arguments.runs, arguments.yahpo)
        return
    arguments.reference, arguments.peers, arguments.problems = REFERENCE, ",".join(names), ",".join(problems)
    report(stored(files([arguments.runs])), arguments)


if __name__ == "__main__":
    main()
