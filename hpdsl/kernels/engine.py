"""`run` executes an op table with whatever is quickest by now: numpy while cold, compiled code once warm.

Both give the same bits, so that the choice is never visible in a result. Compiling takes seconds and happens in
a background process; loading what it left behind takes some tenths of a second, which a process pays once it
has enough to compute. `HPDSL_JIT=0` keeps to numpy, `HPDSL_JIT=1` to compiled code.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hpdsl.kernels import cache, single, twin

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Executor = Callable[..., None]

# What `warmup` compiles, as "module:function"; a module that is not installed is skipped.
JOBS = ("hpdsl.kernels.interpreter:compile_all", "hpdsl.backends.bayes.kernels:compile_all")

# Seconds: the numpy executor's fixed cost of an operation and its cost of an operation on a lane; the time that
# loading the compiled kernels takes, with Numba and where that is there already, and the cold work after which
# compiling them in the background is worth it.
_PER_OPERATION = 4e-6
_PER_LANE = 1.2e-8
_LOAD, _LOAD_MORE = 0.4, 0.05
_COMPILE_AFTER = 1.0
# Lanes up to which plain Python beats arrays.
_FEW = 8
# Lanes the numpy executor does before it looks whether compiled kernels have appeared: few enough for the cache.
_SLICE = 8192
# Lanes from which threads pay, and lanes to a thread's share.
_THREADED = 131072

_lock = threading.Lock()
_native: Executor | None = None
_spent = 0.0
_requested = False


def run(
    code: NDArray[np.int32],
    consts: Floats,
    tables: Floats,
    keys: NDArray[np.uint32],
    registers: int,
    regions: int,
    start: int,
    rows: Ints,
    attempts: Ints,
    U: Floats,
    G: Floats,
    M: Floats,
) -> None:
    """Run an op table over the lanes of M, in place.

    `code` (k, 6) holds rows (op, dst, a, b, c, imm) of `hpdsl.ops`; `consts`, `tables` 1-D; `keys` (streams, 2)
    Philox keys; `registers`, `regions` how many. Lanes are the columns of M (columns, n), C-contiguous. The row
    of lane i is rows[i], or start + i where `rows` is empty; its attempt attempts[i], or 0. `U` (streams, n)
    replaces the random numbers, `G` (given, n) is what `override` reads; both may have no lanes.

    In a region a register holds that region's lanes only; code never mixes registers of different regions, and
    no two threads may write the same M.
    """
    arguments = (code, consts, tables, keys, registers, regions, start, rows, attempts, U, G, M)
    n = M.shape[1]
    done = 0
    while done < n:
        execute = _compiled(len(code), n - done)
        if execute is not None:
            try:
                _spread(execute, arguments, done, n)
            except TypeError:
                # Compiled for writable, contiguous arrays of these kinds only.
                _spread(execute, _plain(arguments), done, n)
            return
        stop = min(done + _SLICE, n)
        (single if stop - done <= _FEW else twin).execute(*arguments, done, stop)
        done = stop


def _compiled(operations: int, lanes: int) -> Executor | None:
    """The compiled executor if it is to be used for this much work, else None and the work is noted."""
    global _spent
    wish = os.environ.get("HPDSL_JIT", "")
    if wish == "0":
        return None
    if _native is None and os.environ.get("NUMBA_DISABLE_JIT", "0") not in ("", "0"):
        return None
    if _native is not None or wish == "1":
        return _native or _load()
    cost = operations * (_PER_OPERATION + _PER_LANE * lanes)
    load = _LOAD_MORE if "hpdsl.kernels.jit" in sys.modules else _LOAD
    if _spent + cost > load and cache.is_complete():
        return _load()
    _spent += operations * (_PER_OPERATION + _PER_LANE * min(lanes, _SLICE))
    if _spent > _COMPILE_AFTER:
        start_warmup()
    return None


def _load() -> Executor:
    global _native
    with _lock:
        if _native is None:
            interpreter = import_module("hpdsl.kernels.interpreter")
            interpreter.compile_all()
            # Arrays of other kinds are converted by `run`, never compiled for.
            interpreter.execute.disable_compile()
            _native = interpreter.execute
    return _native


def _plain(arguments: tuple[Any, ...]) -> tuple[Any, ...]:
    """The arguments with every array but the last made writable, contiguous and of its kind."""
    code, consts, tables, keys, registers, regions, start, rows, attempts, U, G, M = arguments
    if M.dtype != np.float64 or not M.flags.carray:
        raise TypeError(f"M must be a C-contiguous, writable matrix of float64, not {M.dtype} with {M.flags}")

    def plain(a: NDArray[Any], kind: type[np.generic]) -> NDArray[Any]:
        return np.require(a, kind, ["C", "W", "A"])

    floats = (plain(consts, np.float64), plain(tables, np.float64))
    ints = (plain(rows, np.int64), plain(attempts, np.int64))
    given = (plain(U, np.float64), plain(G, np.float64))
    sizes = (int(registers), int(regions), int(start))
    return (plain(code, np.int32), *floats, plain(keys, np.uint32), *sizes, *ints, *given, M)


def _spread(execute: Executor, arguments: tuple[Any, ...], low: int, high: int) -> None:
    """Execute lanes low .. high - 1, on several threads where there are many."""
    many = high - low >= _THREADED
    threads = min(_threads(), (high - low) // (_THREADED // 2)) if many else 1
    if threads < 2:
        execute(*arguments, low, high)
        return
    # Whole chunks, so that pairs of rows stay together.
    share = -(-(high - low) // (threads * 1024)) * 1024
    with ThreadPoolExecutor(threads) as pool:
        parts = [pool.submit(execute, *arguments, first, min(first + share, high)) for first in range(low, high, share)]
        for part in parts:
            part.result()


def _threads() -> int:
    wish = os.environ.get("HPDSL_THREADS", "")
    if wish.isdigit():
        return max(1, int(wish))
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


# ---- warm-up -------------------------------------------------------------------------------------


def warm() -> bool:
    """Whether compiled kernels are in the cache, for these sources on this machine."""
    return cache.is_complete()


def warmup() -> None:
    """Compile every kernel in this process and leave them in the cache; quick where they are there already."""
    for job in JOBS:
        name, _, function = job.partition(":")
        try:
            module = import_module(name)
        except ModuleNotFoundError as error:
            if error.name is None or not name.startswith(error.name):
                raise
            continue
        getattr(module, function)()
    cache.mark_complete()


def start_warmup() -> None:
    """Compile in a background process of low priority, unless that is done, under way, or was tried before."""
    global _requested
    with _lock:
        if _requested or os.environ.get("HPDSL_JIT") == "0":
            return
        _requested = True
    if cache.folder() is None or cache.is_complete() or not sys.executable:
        return
    # A session of its own, so that it outlives this process and its terminal. What lies in the working folder
    # is not imported (-P); this very package is.
    package = str(Path(__file__).resolve().parents[2])
    child = subprocess.Popen(
        [sys.executable, "-P", "-m", "hpdsl.kernels.warm"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, [package, os.environ.get("PYTHONPATH")]))},
    )
    # Someone has to take note of its end.
    threading.Thread(target=child.wait, daemon=True).start()


def wait_until_warm(timeout: float, notice: Callable[[str], None] | None = None) -> bool:
    """Wait until compiled kernels are in the cache, at most `timeout` seconds; whether they are.

    `notice` is told once, before a wait that is not over at once.
    """
    if warm():
        return True
    start_warmup()
    if notice is not None:
        notice("compiling the kernels, once for this machine (about half a minute)")
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        time.sleep(0.05)
        if warm():
            return True
    return False
