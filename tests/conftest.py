"""Deterministic property tests, and one thread for every numeric library."""

import os
import signal
import sys

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

import pytest  # noqa: E402 - the variables must be set before numpy is imported
from hypothesis import HealthCheck, settings  # noqa: E402 - likewise

# A job in the background inherits that interrupts are ignored, and so would the programs that tests interrupt.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Each loads, or compiles, the kernels: more bring nothing.
MOST_WORKERS = 8


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers():
    """How many workers `-n auto` starts."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(usable, MOST_WORKERS)


def pytest_sessionfinish():
    """Write down what was reached, where .ci/run measures it."""
    write = getattr(sys.modules.get("sitecustomize"), "write_coverage", None)
    if write is not None:
        write()


settings.register_profile(
    "hpdsl",
    derandomize=True,
    deadline=None,
    max_examples=100,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("hpdsl")
