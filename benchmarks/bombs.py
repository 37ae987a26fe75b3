"""CPU time and memory that texts made to do harm take until they are refused, or checked.

python benchmarks/bombs.py                  # every text of tests/bombs.py, and grids, imports and expressions
python benchmarks/bombs.py --only terminal
python benchmarks/bombs.py --only regexes   # how the time of each regular expression outside the grammar grows
"""

import argparse
import os
import resource
import sys
import tempfile
import time
from multiprocessing import Pipe, Process
from pathlib import Path

import measure
import regexes

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
os.environ["HPDSL_JIT"] = "0"

from bombs import CASES

import hpdsl
from hpdsl.compiler import check_text
from hpdsl.source import Source

SECONDS, MEGABYTES, GIVE_UP = 1.0, 512, 20


def grid(levels, count):
    """A grid of levels ** count points, by index."""
    space = hpdsl.loads("".join(f"x{k} ~ uniform(0, 1)\n" for k in range(count)))
    points = space.grid(levels)
    assert points[levels**count - 1]["x0"] == 1.0
    return f"{levels**count:.0e} points, the last one read"


def imports(files):
    """Files that import one another in circles, all of them."""
    with tempfile.TemporaryDirectory() as folder:
        for k in range(files):
            others = "".join(f'import "f{j}.hp" as n{j}\nuse n{j}\n' for j in range(files))
            (Path(folder) / f"f{k}.hp").write_text(others)
        try:
            hpdsl.load(Path(folder) / "f0.hp")
        except hpdsl.SpecError as error:
            return error.diagnostics[0].code
    return "fine"


def text(name):
    """The code of the first finding."""
    found = check_text(Source("bomb.hp", CASES[name][0]))
    return found[0].code if found else "-"


def inside(pipe, work, arguments):
    """One case in a process of its own: what came of it, CPU seconds, MB above what the process had."""
    resource.setrlimit(resource.RLIMIT_CPU, (GIVE_UP, GIVE_UP + 1))
    check_text(Source("warm.hp", "x ~ normal(0, 1)\ny ~ int uniform(1, 9)\nrequire x < y\n"))
    before, start = _peak(), time.process_time()
    try:
        result = work(*arguments)
    except MemoryError:
        result = "out of memory"
    pipe.send((result, time.process_time() - start, _peak() - before))


def _peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main():
    """Measure every case; exit with 1 where one takes more than a second or 512 MB, or ends otherwise."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="a word in the names of the cases to run")
    options = parser.parse_args()
    cases = {name: (text, (name,)) for name in CASES}
    cases |= {"grid: 10^9 points": (grid, (1000, 3)), "grid: 10^30 points": (grid, (10, 30))}
    cases |= {"imports: 2 files in a circle": (imports, (2,)), "imports: 12 files, each of all": (imports, (12,))}
    if options.only in ("", "regexes"):
        grown = [regexes.measured(*expression) for expression in regexes.found()]
        worse = [row for row in grown if row[-1] != "-" and float(row[-1]) > regexes.WORST]
        measure.table(("expression", "worst input", "characters", "ms", "most growth when doubled"), grown)
        print(f"\n{len(grown)} expressions, {len(worse)} that grow faster than about linearly\n", flush=True)
        if options.only:
            return 1 if worse else 0
    rows, bad = [], 0
    for name, (work, arguments) in cases.items():
        if options.only not in name:
            continue
        ours, theirs = Pipe(duplex=False)
        process = Process(target=inside, args=(theirs, work, arguments))
        process.start()
        theirs.close()
        try:
            result, seconds, memory = ours.recv()
        except EOFError:
            result, seconds, memory = "given up", float(GIVE_UP), float("nan")
        process.join()
        expected = (CASES[name][1] or "-") if name in CASES else result
        fine = seconds <= SECONDS and memory <= MEGABYTES and result == expected
        bad += not fine
        verdict = "" if fine else f"expected {expected}" if result != expected else "too much"
        rows.append((name, result, f"{seconds:.2f}", f"{memory:.0f}", verdict))
        if not fine:
            print(*rows[-1], sep=" | ", file=sys.stderr, flush=True)
    measure.table(("text", "first finding", "CPU s", "MB", ""), rows)
    print(f"\n{len(rows)} cases, {bad} beyond {SECONDS:g} s or {MEGABYTES} MB, or not as expected")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
