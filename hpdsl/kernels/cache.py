"""Where compiled kernels are kept: a private folder named after everything they depend on.

The cache holds pickles, so the folder must belong to the user and to nobody else. `HPDSL_CACHE_DIR` replaces
the platform's place for caches.
"""

from __future__ import annotations

import hashlib
import os
import platform
import stat
import sys
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent.parent
_SOURCES = ("kernels/*.py", "ops.py", "backends/bayes/*.py")


@lru_cache(maxsize=1)
def key() -> str:
    """A hash of the kernels' sources, the versions of what compiles them, and the processor.

    Numba finds its entries by the folder of a source, so that counts too: another installation of the same sources
    has entries of its own.
    """
    digest = hashlib.sha256(f"{_PACKAGE}\0".encode())
    for pattern in _SOURCES:
        for path in sorted(_PACKAGE.glob(pattern)):
            digest.update(f"{path.name}\0".encode() + path.read_bytes() + b"\0")
    for name in ("numba", "llvmlite", "numpy"):
        digest.update(f"{name} {_version(name)}\0".encode())
    digest.update(f"{sys.version}\0{platform.machine()}\0{_processor()}".encode())
    return digest.hexdigest()[:24]


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "?"


def _processor() -> str:
    """What tells apart the machines of a cluster that share a home folder."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    # Only the first processor's lines; frequencies change, names and features don't.
    kept = dict.fromkeys(line for line in lines if line.startswith(("model name", "flags", "Features")))
    return "\n".join(list(kept)[:2])


def _root() -> Path:
    chosen = os.environ.get("HPDSL_CACHE_DIR")
    if chosen:
        return Path(chosen)
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local"
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "hpdsl"


def folder() -> Path | None:
    """The folder of this key, made if need be; None where no private, writable folder can be had."""
    try:
        path = _root() / key()
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except (OSError, RuntimeError):
        return None
    return path if _private(path) and os.access(path, os.W_OK) else None


def _private(path: Path) -> bool:
    if sys.platform == "win32":
        return True
    status = path.stat()
    others_write = status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    return status.st_uid == os.getuid() and not others_write


def is_complete() -> bool:
    """Whether every kernel of this key has been compiled and saved."""
    try:
        return (_root() / key() / "complete").exists() and folder() is not None
    except (OSError, RuntimeError):
        return False


def mark_complete() -> None:
    """Note that every kernel of this key has been compiled and saved."""
    path = folder()
    if path is not None:
        (path / "complete").touch()


def claim() -> bool:
    """Take this key's lock; False while another live process holds it or there is no folder."""
    path = folder()
    if path is None:
        return False
    lock = path / "lock"
    for _ in range(2):
        try:
            with open(lock, "x") as file:
                file.write(str(os.getpid()))
            return True
        except FileExistsError:
            if _alive(lock):
                return False
            lock.unlink(missing_ok=True)
        except OSError:
            return False
    return False


def release() -> None:
    """Give this key's lock back."""
    path = folder()
    if path is not None:
        (path / "lock").unlink(missing_ok=True)


def _alive(lock: Path) -> bool:
    """Whether the process that holds a lock still runs; an unreadable lock counts as held."""
    try:
        pid = int(lock.read_text())
    except FileNotFoundError:
        return False
    except (OSError, ValueError):
        return True
    if sys.platform == "win32":
        # Signal 0 would end the process there.
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
