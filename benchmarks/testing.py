"""`hpdsl test` as a command: CPU and elapsed seconds on spaces of 9 to 38 parameters, by law and by assert.

    python benchmarks/testing.py [FILE…]

The asserts that are added to the 38 parameters hold and can't be proved, so that each takes the whole search.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from measure import table

from hpdsl.compiler import Compilation, read
from hpdsl.testing.promises import Promises

ROOT = Path(__file__).parents[1]
LEARNERS = ROOT / "benchmarks" / "spaces" / "learners.hp"
OWN = (LEARNERS, ROOT / "examples" / "lora" / "lora.hp", ROOT / "examples" / "xgboost" / "xgboost.hp")
CLAIMS = """
assert learner.svm.cost * learner.svm.tolerance <= max(learner.svm.cost ** 2, learner.svm.tolerance ** 2)
assert learner.forest.trees * learner.forest.leaf <= learner.forest.trees ** 2 + learner.forest.leaf ** 2
assert learner.boosting.rows * learner.boosting.eta <= max(learner.boosting.rows, learner.boosting.eta)
"""


def command(path):
    """CPU and elapsed seconds of the command, and its last line."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    result = subprocess.run(
        [sys.executable, "-m", "hpdsl", "test", str(path)], capture_output=True, text=True, check=False
    )
    after, elapsed = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter() - start
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return spent, elapsed, (result.stdout or result.stderr).splitlines()[-1].rpartition(": ")[2]


def slowest(path):
    """The three promises that take longest, with their CPU seconds in one process."""
    promises = Promises(Compilation(read(path), path.parent, defer=True).space)
    times = {}
    for name in promises.names:
        start = time.process_time()
        promises.verdict(name)
        times[name] = time.process_time() - start
    most = sorted(times, key=times.__getitem__, reverse=True)[:3]
    return ", ".join(f"{name} {times[name]:.2f}" for name in most)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        claims = Path(folder) / "learners_with_claims.hp"
        claims.write_text(LEARNERS.read_text() + CLAIMS)
        rows = []
        for path in (*OWN, claims, *given.files):
            spent, elapsed, said = command(path)
            rows.append([path.name, f"{spent:.1f}", f"{elapsed:.1f}", said, slowest(path)])
    table(["space", "CPU s", "elapsed s", "outcome", "longest, CPU s"], rows)


if __name__ == "__main__":
    main()
