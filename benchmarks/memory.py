"""Peak memory of sampling 10^6 configurations of ten parameters, above the process's baseline.

python benchmarks/memory.py
"""

import resource
from pathlib import Path

import measure  # noqa: F401 - limits threads before numpy starts

import hpdsl

N = 1_000_000


def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def main():
    hpdsl.warmup()
    space = hpdsl.load(Path(__file__).parent / "spaces" / "flat.hp")
    space.sample(1000)
    before = peak()
    configs = space.sample(N, seed=1)
    columns = len(space.names)
    used = peak() - before
    needed = N * columns * (8 + 1)
    print(f"sampled {len(configs)} x {columns}: {used / 1e6:.1f} MB above the baseline")
    print(f"values and mask need {needed / 1e6:.1f} MB; ratio {used / needed:.2f} (target: 1.5)")


if __name__ == "__main__":
    main()
