"""`python -m hpdsl.kernels.warm` compiles every kernel and leaves them in the cache; one process at a time."""

from __future__ import annotations

import contextlib
import os

from hpdsl.kernels import cache, engine


def main() -> None:
    """Compile at low priority, unless another process is at it."""
    if hasattr(os, "nice"):
        with contextlib.suppress(OSError):
            os.nice(10)
    if cache.is_complete() or not cache.claim():
        return
    try:
        engine.warmup()
    finally:
        cache.release()


if __name__ == "__main__":
    main()
