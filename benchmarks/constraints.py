"""Sampling under constraints: compile and sample times, strategies, and ConfigSpace on what it can express.

    python benchmarks/constraints.py [FILE…]

Further files, in any format that `hpdsl convert` reads, are added to the table. ConfigSpace runs in processes of its
own, which are given up after 20 s.
"""

import subprocess
import sys
import time
from pathlib import Path

from measure import table

import hpdsl

PATIENCE = 20.0
FLOATS = "".join(f"x{i} ~ uniform(0, 1)\n" for i in range(10))
INTEGERS = "".join(f"x{i} ~ int uniform(0, 20)\n" for i in range(10))
ORDER = "require " + " <= ".join(f"x{i}" for i in range(10)) + "\n"
SIMPLEX = "".join(f"x{i} ~ uniform(0, 1)\n" for i in range(5)) + "require sum([x0, x1, x2, x3, x4]) == 1\n"
SOLVER = "".join(
    f"a{i} ~ choice(p, q, r, s)\nb{i} ~ ordinal(1, 2, 3, 4)\nc{i} ~ uniform(0, 1)   when a{i} == p\n"
    f"forbid a{i} == p and b{i} == 1\nforbid a{i} == q and b{i} == 2\n"
    for i in range(150)
)
CASES = {
    "x0 <= … <= x9, uniform": (FLOATS + ORDER, 10_000),
    "x0 <= … <= x9, integers 0..20": (INTEGERS + ORDER, 10_000),
    "five uniforms that sum to 1": (SIMPLEX, 10_000),
    "450 parameters, 300 clauses": (SOLVER, 10_000),
}
PEER = """
import time, sys
from ConfigSpace import *
n, integer, rows = int(sys.argv[1]), sys.argv[2] == "int", int(sys.argv[3])
space = ConfigurationSpace(seed=0)
made = [Integer(f"x{i}", (0, 20)) if integer else Float(f"x{i}", (0.0, 1.0)) for i in range(n)]
space.add(made)
space.add([ForbiddenGreaterThanRelation(a, b) for a, b in zip(made, made[1:])])
start = time.perf_counter()
space.sample_configuration(rows)
print(time.perf_counter() - start)
"""


def measured(name, load, rows):
    start = time.process_time()
    space = load()
    space.sample(1)
    compiled = time.process_time() - start
    space.sample(rows)
    start = time.process_time()
    space.sample(rows, seed=1)
    sampled = time.process_time() - start
    lines = [line.strip() for line in space.explain().splitlines() if "drawn by" in line]
    ways = sorted({line.removeprefix("drawn by ").partition(";")[0] for line in lines})
    return name, f"{compiled:.2f}", f"{sampled:.3f}", f"{sampled / rows * 1e6:.1f}", " / ".join(ways)


def peer(n, kind, rows):
    try:
        result = subprocess.run(
            [sys.executable, "-c", PEER, str(n), kind, str(rows)], capture_output=True, text=True, timeout=PATIENCE
        )
    except subprocess.TimeoutExpired:
        return f"no answer in {PATIENCE:.0f} s"
    return f"{float(result.stdout):.2f} s" if result.returncode == 0 else "not installed"


def main():
    hpdsl.warmup()
    rows = [measured(name, lambda t=text: hpdsl.loads(t), n) for name, (text, n) in CASES.items()]
    kernel = Path(__file__).parent / "spaces" / "kernel.hp"
    for path in [str(kernel), *sys.argv[1:]]:
        load = (lambda p=path: hpdsl.load(p)) if path.endswith(".hp") else (lambda p=path: hpdsl.interop.load(p))
        rows.append(measured(Path(path).name, load, 100_000))
    table(("space", "compile, s", "sample, s", "us a row", "drawn by"), rows)
    print("\nConfigSpace on the orders:")
    for n, kind, count in ((4, "float", 100), (7, "float", 100), (10, "float", 1), (8, "int", 1)):
        print(f"- x0 <= … <= x{n - 1}, {kind}, {count} rows: {peer(n, kind, count)}")


if __name__ == "__main__":
    main()
