"""Shared by the benchmarks: medians over rounds in which every candidate takes its turn."""

import os
import statistics
import time

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "1")


def side_by_side(candidates, rounds=15):
    """Median CPU seconds of each callable; interleaved, so that a noisy moment hits all of them."""
    times = {name: [] for name in candidates}
    for _ in range(rounds):
        for name, work in candidates.items():
            start = time.process_time()
            work()
            times[name].append(time.process_time() - start)
    return {name: statistics.median(t) for name, t in times.items()}


def instruction_set():
    """The widest vector instructions of this machine, as Numba sees them."""
    import llvmlite.binding as llvm

    features = llvm.get_host_cpu_features()
    return "AVX-512" if features.get("avx512f") else "AVX2" if features.get("avx2") else "SSE2"


def table(header, rows):
    """Print a Markdown table."""
    print("| " + " | ".join(header) + " |\n|" + "---|" * len(header))
    for row in rows:
        print("| " + " | ".join(str(cell) for cell in row) + " |")
