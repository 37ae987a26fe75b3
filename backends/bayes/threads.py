"""`one_thread`: linear algebra on one thread while a proposal is made.

The matrices are small: threads gain nothing on an idle machine, and cost several times as much on one that trains
models meanwhile. On one thread results do not depend on how many there might be either.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from importlib import import_module
from typing import Any

_lock = threading.Lock()
_inside = 0
_limiter: Any = None


@contextmanager
def one_thread() -> Iterator[None]:
    """Limit BLAS to one thread; the first to enter sets the limit, the last to leave lifts it."""
    global _inside, _limiter
    controller = _controller()
    if controller is None:
        yield
        return
    with _lock:
        _inside += 1
        if _inside == 1:
            _limiter = controller.limit(limits=1, user_api="blas")
    try:
        yield
    finally:
        with _lock:
            _inside -= 1
            if _inside == 0:
                _limiter.restore_original_limits()


@lru_cache(maxsize=1)
def _controller() -> Any:
    """What reaches the loaded libraries, None where threadpoolctl is not installed; call it after importing SciPy."""
    try:
        return import_module("threadpoolctl").ThreadpoolController()
    except ImportError:
        return None
