"""Feeds hpdsl mutated texts and raw bytes, and keeps whatever is neither success nor an error made for users.

    python benchmarks/fuzz/fuzz.py --inputs 100000 --seed 1 --jobs 2
    python benchmarks/fuzz/fuzz.py --seed 1 --only 4711          # one input again

Input k of a seed is always the same, as long as the texts of the project are (corpus.py). Findings are made small
and stored (`--save`) by format, ready to be replayed by tests/fuzz. `--log` appends one JSON line about the run.
"""

import argparse
import json
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(1, str(Path(__file__).resolve().parents[2]))

from inputs import input_of
from summary import Summary, printed
from trials import TARGETS, Clock, attempt, place
from workers import Worker

# Of 100 inputs, how many go through what; each also goes through what comes before it.
SHARES = {"parse": 45, "check": 37, "fmt": 9, "convert": 9}
SUFFIX = {"hp": "hp", "pcs": "pcs", "irace": "txt", "wandb": "yaml"}


def main() -> int:
    """Run, print a summary, and return 1 where there are findings."""
    options = _options()
    shares = {t: SHARES[t] for t in options.targets}
    if options.only is not None:
        return _one(options.seed, options.only, shares)
    start = time.monotonic()
    summary = Summary(options.seed)
    jobs = range(options.jobs)
    workers = [Worker(options.seed, shares, k, len(jobs), options.inputs, options.memory) for k in jobs]
    try:
        while workers:
            for worker in workers:
                worker.collect(summary, time.monotonic() - start)
            workers = [w for w in workers if not w.done]
            if options.seconds and time.monotonic() - start > options.seconds:
                break
            time.sleep(0.2)
    except KeyboardInterrupt:
        pass
    for worker in workers:
        worker.stop(summary)
    summary.seconds = time.monotonic() - start
    print(printed(summary))
    for key, found in summary.findings.items():
        given = input_of(options.seed, found.number, shares)
        data = _small(given, key) if options.minimise else given.data
        shown = stored(options.save, given, key, data) if options.save else ""
        print(f"\n== {key} ({found.count} times; input {found.number}, {given.target}) {shown}")
        print(f"{found.error}\n{data!r}")
    if options.log:
        with options.log.open("a") as log:
            log.write(json.dumps(summary.as_dict()) + "\n")
    return 1 if summary.findings else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--inputs", type=int, default=10_000, help="how many inputs")
    parser.add_argument("--seconds", type=float, default=0, help="stop after so many seconds of wall-clock")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--targets", type=_targets, default=list(TARGETS), help="of parse,check,fmt,convert")
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    parser.add_argument("--memory", type=int, default=512, help="MB that an input may add to its process")
    parser.add_argument("--only", type=int, help="run this input alone, in this process")
    parser.add_argument("--save", type=Path, help="folder for the findings, such as tests/fuzz/found")
    parser.add_argument("--log", type=Path, help="file for a line about the run")
    parser.add_argument("--as-found", dest="minimise", action="store_false", help="don't make findings smaller")
    return parser.parse_args()


def _targets(text: str) -> list[str]:
    names = text.split(",")
    if not names or set(names) - set(TARGETS):
        raise argparse.ArgumentTypeError(f"the targets are {','.join(TARGETS)}")
    return names


def _one(seed: int, number: int, shares: dict[str, int]) -> int:
    given = input_of(seed, number, shares)
    print(f"{given.target} of {given.format}\n{given.data!r}" if isinstance(given.data, bytes) else given.data)
    print(f"--> {given.target} ({given.format}): {attempt(given, Clock())}")
    return 0


def _small(given, key: str) -> str | bytes:
    """The smallest input found that shows the same; findings of a crash are left as they are."""
    from minimise import smallest

    if key.startswith("crash"):
        return given.data
    clock, slow = Clock(), key.startswith("TooSlow")

    def shows(data: str | bytes) -> bool:
        try:
            attempt(type(given)(given.target, given.format, data), clock)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # TooSlow is no Exception
            return place(error).partition(" in ")[0] == key.partition(" in ")[0] if slow else place(error) == key
        return False

    return smallest(given.data, shows, 40 if slow else 600)


def stored(folder: Path, given, key: str, data: str | bytes) -> Path:
    """A finding as a file: its name says what it was, its folder which format it is in."""
    name = "".join(c if c.isalnum() else "_" for c in f"{given.target} {key}")[:70].rstrip("_")
    path = folder / given.format / f"{name}.{SUFFIX.get(given.format, 'json')}"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data if isinstance(data, bytes) else data.encode("utf-8", "surrogatepass"))
    return path


if __name__ == "__main__":
    sys.exit(main())
