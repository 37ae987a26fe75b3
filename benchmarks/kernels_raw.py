"""Nanoseconds per value of single operations and of whole priors, compiled, on one thread.

Run as `python benchmarks/kernels_raw.py`; `--twin` times the numpy executor instead.
"""

import argparse
import time
from collections.abc import Callable

import numpy as np

from hpdsl.kernels import twin
from hpdsl.ops import OPS

NO_ROWS = np.empty(0, np.int64)
NONE = np.empty((0, 0))
CONSTS = np.array([0.25, 2.0, 0.3, 1.9, -3.0, 7.0, 1.7])
LANES = 200_000
Instruction = tuple[str, int, int, int, int, int]


def program(*instructions: Instruction) -> np.ndarray:
    return np.array([(OPS[name].code, *rest) for name, *rest in instructions], np.int32)


def timed(
    execute: Callable[..., None], code: np.ndarray, n: int, repeats: int = 7, rows: np.ndarray = NO_ROWS
) -> float:
    keys = np.arange(64, dtype=np.uint32).reshape(32, 2)
    tables = np.linspace(0.01, 0.99, 1000)
    matrix = np.ones((4, n))
    best = np.inf
    for _ in range(repeats):
        begin = time.perf_counter()
        execute(code, CONSTS, tables, keys, 64, 2, 0, rows, NO_ROWS, NONE, NONE, matrix, 0, n)
        best = min(best, time.perf_counter() - begin)
    return best


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--twin", action="store_true")
    if parser.parse_args().twin:
        execute, n = twin.execute, LANES // 10
    else:
        from hpdsl.kernels import interpreter

        execute, n = interpreter.execute, LANES
        interpreter.compile_all()

    draws: list[Instruction] = [("draw", r, 0, 0, 0, r) for r in range(3)]
    base = timed(execute, program(*draws), n)
    print(f"{'draw':14s} {base / n / 3 * 1e9:8.2f} ns")
    rows = np.arange(n)
    print(f"{'draw, any row':14s} {timed(execute, program(*draws), n, rows=rows) / n / 3 * 1e9:8.2f} ns")
    for name, op in OPS.items():
        if name in ("enter", "region", "draw"):
            continue
        count = 1 if name.startswith("beta") else 16
        b = 12 if name in ("pick", "take", "find") else 1
        one = (name, 5, 0, b, 2, 0)
        lanes = n // 20 if name.startswith("beta") else n
        more = timed(execute, program(*draws, *[one] * count), lanes) - base * lanes / n
        print(f"{name:14s} {more / lanes / count * 1e9:8.2f} ns   arity {op.arity}")
    pick = ("pick", 5, 0, 500, 0, 0)
    print(f"{'pick of 500':14s} {(timed(execute, program(*draws, pick), n) - base) / n * 1e9:8.2f} ns")
    priors: dict[str, list[Instruction]] = {
        "uniform": [
            ("draw", 0, 0, 0, 0, 3),
            ("affine", 1, 0, 0, 0, 0),
            ("clip", 2, 1, 0, 0, 2),
            ("store", 0, 2, 0, 0, 0),
        ],
        "loguniform": [
            ("draw", 0, 0, 0, 0, 3),
            ("affine", 1, 0, 0, 0, 0),
            ("exp", 2, 1, 0, 0, 0),
            ("clip", 3, 2, 0, 0, 2),
            ("store", 0, 3, 0, 0, 0),
        ],
        "int uniform": [
            ("draw", 0, 0, 0, 0, 3),
            ("affine", 1, 0, 0, 0, 4),
            ("floor", 2, 1, 0, 0, 0),
            ("clip", 3, 2, 0, 0, 4),
            ("store", 0, 3, 0, 0, 0),
        ],
        "normal": [("draw", 0, 0, 0, 0, 3), ("normal_ppf", 1, 0, 0, 0, 0), ("store", 0, 1, 0, 0, 0)],
    }
    for name, instructions in priors.items():
        ten = instructions * 10
        print(f"{name:14s} {timed(execute, program(*ten), n) / n / 10 * 1e9:8.2f} ns a value, 10 columns")
        print(f"{'':14s} {timed(execute, program(*ten), 1, 200) * 1e6:8.2f} us for one lane of 10 columns")


if __name__ == "__main__":
    main()
