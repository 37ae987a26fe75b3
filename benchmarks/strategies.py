"""Examples a second of `hpdsl.testing`'s strategies, warm, one thread: configurations of real spaces, random specs.

python benchmarks/strategies.py [examples]
"""

import statistics
import sys
import time
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings
from measure import table

import hpdsl
from hpdsl.testing import broken_specs, configs, specs

N = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
ROUNDS = 5
ROOT = Path(__file__).parent.parent
FILES = ("examples/lora/lora.hp", "benchmarks/spaces/kernel.hp", "benchmarks/spaces/learners.hp")


def examples(strategy, n, number):
    """How many examples a second of CPU time are drawn, Hypothesis's own time included."""
    drawn = 0

    @seed(number)
    @settings(
        max_examples=n, phases=[Phase.generate], database=None, deadline=None, suppress_health_check=list(HealthCheck)
    )
    @given(strategy)
    def draw(example):
        nonlocal drawn
        drawn += 1

    start = time.process_time()
    draw()
    return drawn / (time.process_time() - start)


def main():
    rows = []
    strategies = {file: (configs(hpdsl.load(ROOT / file)), N) for file in FILES}
    strategies |= {"specs()": (specs(), N // 4), "broken_specs()": (broken_specs(), N // 4)}
    for name, (strategy, n) in strategies.items():
        examples(strategy, max(n // 10, 10), 0)
        rates = [examples(strategy, n, k) for k in range(1, ROUNDS + 1)]
        rows.append([name, f"{statistics.median(rates):.0f}", f"{min(rates):.0f} .. {max(rates):.0f}"])
    table(["strategy", "examples a second", f"over {ROUNDS} rounds"], rows)


if __name__ == "__main__":
    main()
