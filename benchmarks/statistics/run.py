"""Every prior, joint law and random stream against what it should be, with Holm's correction over all checks.

python benchmarks/statistics/run.py [n] [seed] [--markdown FILE]
"""

import argparse
import os
import platform
import sys
import time

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

import joint  # noqa: E402 - the variables must be set before numpy is imported
import marginals  # noqa: E402 - likewise
import numpy as np  # noqa: E402 - likewise
import scipy  # noqa: E402 - likewise
import streams  # noqa: E402 - likewise
from checks import FALSE_ALARM, holm  # noqa: E402 - likewise

PARTS = (*marginals.PARTS, *joint.PARTS, *streams.PARTS)


def report(n, seed, found, seconds):
    """The results as Markdown."""
    every = [c for checks in found.values() for c in checks]
    failed = holm(every)
    yield "# Statistics of samples and streams"
    yield ""
    command = f"python benchmarks/statistics/run.py {n} {seed} --markdown benchmarks/statistics/RESULTS.md"
    yield f"`{command}`:"
    yield f"n = {n:,} rows, {len(every):,} checks in {seconds:.0f} s of CPU time; Python {platform.python_version()},"
    yield f"numpy {np.__version__}, scipy {scipy.__version__}."
    yield ""
    yield f"**{len(failed)} checks fail** by Holm's correction at a family-wise level of {FALSE_ALARM:g}: were all as"
    yield "it should be, one run in a million would show a failure."
    yield ""
    yield "| what | checks | least p | of | test | fail |"
    yield "|---|---|---|---|---|---|"
    for name, checks in found.items():
        worst = min(checks, key=lambda c: c.p)
        bad = sum(c in failed for c in checks)
        yield f"| {name.replace('_', ' ')} | {len(checks)} | {worst.p:.2g} | {worst.subject} | {worst.test} | {bad} |"
    yield ""
    yield "p-values should be uniform themselves, or larger where counts are small. So many checks have less than:"
    yield ""
    yield "| p | 0.5 | 0.1 | 0.01 | 0.001 | 0.0001 |"
    yield "|---|---|---|---|---|---|"
    levels = (0.5, 0.1, 0.01, 0.001, 0.0001)
    yield "| checks | " + " | ".join(str(sum(c.p < p for c in every)) for p in levels) + " |"
    yield "| at most expected | " + " | ".join(f"{p * len(every):.1f}" for p in levels) + " |"
    if failed:
        yield ""
        yield "| failed | test | p | n |"
        yield "|---|---|---|---|"
        for c in failed:
            yield f"| {c.subject} | {c.test} | {c.p:.3g} | {c.n:,} |"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("n", nargs="?", type=int, default=1_000_000)
    parser.add_argument("seed", nargs="?", type=int, default=0)
    parser.add_argument("--markdown")
    chosen = parser.parse_args()
    start = time.process_time()
    found = {}
    for part in PARTS:
        found[part.__name__] = list(part(chosen.n, chosen.seed))
        print(f"{part.__name__}: {len(found[part.__name__])} checks", file=sys.stderr)
    lines = list(report(chosen.n, chosen.seed, found, time.process_time() - start))
    if chosen.markdown:
        with open(chosen.markdown, "w") as out:
            out.write("\n".join(lines) + "\n")
    else:
        print("\n".join(lines))
    sys.exit(bool(holm([c for checks in found.values() for c in checks])))


if __name__ == "__main__":
    main()
