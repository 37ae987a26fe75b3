"""Whether a million samples have the same bits however, wherever and by whatever they are computed.

    python benchmarks/determinism.py                                  # every variation, against the frozen hashes
    python benchmarks/determinism.py --python PATH_OF_ANOTHER_PYTHON  # one that has hpdsl's dependencies
    python benchmarks/determinism.py --only threads                   # variations whose names hold a word
    python benchmarks/determinism.py --renew                          # freeze what is computed now

Every variation runs in processes of its own, with a cache of its own for what it compiles.
"""

import argparse
import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from random import Random

import measure

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

import golden_samples as golden

# What a processor with AVX2 has, as LLVM names it; and what the C library is told not to use.
AVX2 = "+64bit,+cmov,+cx8,+fxsr,+mmx,+sse,+sse2,+sse3,+ssse3,+sse4.1,+sse4.2,+popcnt,+avx,+avx2,+fma,+bmi,+bmi2,+f16c"
NO_LIBM = "glibc.cpu.hwcaps=-AVX2,-FMA,-FMA4,-AVX512F,-AVX512VL"


@dataclass(frozen=True)
class Variation:
    """How a sample is computed: the environment, the interpreter, and the way within it."""

    name: str
    how: str = "whole"
    rows: int = golden.MANY
    environment: dict[str, str] = field(default_factory=dict)
    python: str = sys.executable


def variations(others):
    """Everything that is tried; the first is what others are compared with where nothing is frozen."""
    one = {"HPDSL_JIT": "1", "HPDSL_THREADS": "1"}
    yield Variation("one thread", environment=one)
    for count in ("2", "3", "8"):
        yield Variation(f"{count} threads", environment={**one, "HPDSL_THREADS": count})
    yield Variation("41 splits of rows", "splits", environment=one)
    yield Variation("3 processes", "processes", environment=one)
    for chunk in (96, 333, 4096):
        yield Variation(f"compiled, chunks of {chunk} rows", f"chunk {chunk}", environment=one)
    yield Variation("compiled for a generic processor", environment={**one, "NUMBA_CPU_NAME": "generic"})
    haswell = {"NUMBA_CPU_NAME": "haswell", "NUMBA_CPU_FEATURES": AVX2}
    yield Variation("compiled for AVX2 (haswell)", environment={**one, **haswell})
    yield Variation("compiled for AVX-512 (skylake-avx512)", environment={**one, "NUMBA_CPU_NAME": "skylake-avx512"})
    old = {"OPENBLAS_CORETYPE": "Prescott", "NPY_DISABLE_CPU_FEATURES": _dispatched(), "GLIBC_TUNABLES": NO_LIBM}
    yield Variation("numpy, BLAS and libm of an older processor", environment={**one, **old})
    numpy = {"HPDSL_JIT": "0"}
    yield Variation("numpy", rows=golden.MANY // 10, environment=numpy)
    yield Variation("numpy, chunks of 77 rows", "chunk 77", golden.MANY // 10, numpy)
    yield Variation("numpy, of an older processor", rows=golden.MANY // 10, environment={**numpy, **old})
    yield Variation("plain Python", "chunk 7", golden.FEW, numpy)
    for python in others:
        yield Variation(f"{Path(python).parent.parent.name}, compiled", environment=one, python=python)
        yield Variation(f"{Path(python).parent.parent.name}, numpy", "whole", golden.FEW, numpy, python)


def _dispatched():
    """The features beyond its baseline that numpy uses on this processor."""
    from numpy._core import _multiarray_umath as core

    return " ".join(name for name in core.__cpu_dispatch__ if core.__cpu_features__[name])


def main():
    """Run the variations; exit with 1 where one differs."""
    options = _options()
    if options.inside:
        print(json.dumps(inside(*options.inside.split(":"))))
        return 0
    expected = {} if options.renew else golden.frozen()
    table, different, native = [], 0, None
    with tempfile.TemporaryDirectory() as folder:
        for v in variations(options.python):
            if options.only not in v.name:
                continue
            result = _run(v, folder)
            if options.renew:
                expected = {n: {c: h[c] for c in sorted(h, key=int)} for n, h in result["hashes"].items()}
                kept = {n: {c: h[c] for c in map(str, (golden.FEW, golden.MANY))} for n, h in expected.items()}
                golden.HASHES.write_text(json.dumps(kept, indent=2) + "\n", "utf-8")
                options.renew = False
            if native is None:
                native = result["hashes"]
            same = [name for name, h in result["hashes"].items() if _agrees(h, expected[name], native[name])]
            different += len(result["hashes"]) - len(same)
            verdict = "equal" if len(same) == len(golden.NAMES) else f"differs: {set(golden.NAMES) - set(same)}"
            table.append((v.name, f"{v.rows:,}", result["python"], result["vectors"], f"{result['cpu']:.0f}", verdict))
            print(*table[-1], sep=" | ", file=sys.stderr, flush=True)
    print(f"golden spaces: {', '.join(golden.NAMES)}; seed {golden.SEED}\n")
    measure.table(("computed by", "rows", "Python, numpy, Numba", "vectors", "CPU s", "hashes"), table)
    return 1 if different else 0


def _agrees(found, expected, native):
    """Whether every length that is known elsewhere has the same hash."""
    known = {**native, **expected}
    return all(known[count] == value for count, value in found.items() if count in known)


def _options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", action="append", default=[], help="another interpreter")
    parser.add_argument("--only", default="", help="a word in the names of the variations to run")
    parser.add_argument("--renew", action="store_true", help="freeze the hashes of the first variation")
    parser.add_argument("--inside", help=argparse.SUPPRESS)
    return parser.parse_args()


def _run(v, folder):
    # Chunks are constants of the compiled code, which the cache does not know.
    apart = "chunk" in v.how or v.environment.keys() - {"HPDSL_JIT", "HPDSL_THREADS"}
    cache = Path(folder) / (v.name.replace(" ", "_") if apart else "native")
    environment = {**os.environ, **v.environment, "HPDSL_CACHE_DIR": str(cache), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [v.python, __file__, "--inside", f"{v.how}:{v.rows}"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{v.name}: {done.stderr[-2000:]}")
    return json.loads(done.stdout)


# ---- inside ----------------------------------------------------------------------------------------------


def inside(how, rows):
    """The hashes of every golden space, by the number of rows."""
    import numpy as np

    start, count = time.process_time(), int(rows)
    if how.startswith("chunk"):
        _chunks(int(how.split()[1]))
    found = {}
    for name in golden.NAMES:
        space = golden.space_of(name)
        lengths = [n for n in (golden.FEW, golden.MANY // 10, golden.MANY) if n <= count]
        matrix = np.concatenate(list(_matrices(space, name, how, count)), axis=1)
        found[name] = {str(n): golden.digest(space, [matrix[:, :n]]) for n in lengths}
    versions = f"{sys.version.split()[0]}, {np.__version__}"
    vectors = "-"
    if "numba" in sys.modules:
        versions += f", {sys.modules['numba'].__version__}"
        vectors = _vectors() if how != "processes" else "-"
    return {"hashes": found, "python": versions, "vectors": vectors, "cpu": time.process_time() - start}


def _chunks(size):
    """Let every executor work on chunks of so many rows."""
    from hpdsl.kernels import engine, twin

    twin.CHUNK = engine._SLICE = size
    if os.environ["HPDSL_JIT"] == "1":
        from hpdsl.kernels import interpreter

        interpreter.CHUNK = size


def _matrices(space, name, how, rows):
    """A sample in consecutive parts."""
    if how == "processes":
        cuts = [0, 333_333, 700_001, rows]
        with ProcessPoolExecutor(3, multiprocessing.get_context("spawn")) as pool:
            yield from pool.map(_part, [name] * 3, cuts[:-1], cuts[1:])
        return
    cuts = [0, *sorted(Random(7).sample(range(1, rows), 40)), rows] if how == "splits" else [0, rows]
    for low, high in pairwise(cuts):
        yield space.sample(high - low, seed=golden.SEED, start=low).matrix


def _part(name, low, high):
    return golden.space_of(name).sample(high - low, seed=golden.SEED, start=low).matrix


def _vectors():
    """The widest registers that the compiled code names."""
    from hpdsl.kernels import interpreter

    text = "".join(interpreter.execute.inspect_asm().values())
    return next((f"{bits} bits" for name, bits in (("zmm", 512), ("ymm", 256), ("xmm", 128)) if name in text), "-")


if __name__ == "__main__":
    sys.exit(main())
