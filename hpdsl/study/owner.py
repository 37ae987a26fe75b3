"""Which process runs a study, and whether it still lives: by host, boot, process number and start time."""

from __future__ import annotations

import os
import socket
from pathlib import Path

# Stores this process runs right now, by resolved path: a leftover mark of its own does not stop it.
_held: set[str] = set()


def mine() -> dict[str, str]:
    """The mark of this process."""
    return {
        "host": socket.gethostname(),
        "boot": _read("/proc/sys/kernel/random/boot_id"),
        "pid": str(os.getpid()),
        "start": _start(os.getpid()),
    }


def hold(path: str) -> None:
    """Note that this process runs the study at a path."""
    _held.add(path)


def release(path: str) -> None:
    """Note that it no longer does."""
    _held.discard(path)


def lives(mark: dict[str, str], path: str) -> bool:
    """True where the process of a mark is known to be running the study still.

    Processes of another host, or before a restart, count as gone: what they might still write is refused by the
    store, for their trials are no longer theirs.
    """
    me = mine()
    if mark.get("host") != me["host"] or mark.get("boot") != me["boot"]:
        return False
    if mark.get("pid") == me["pid"] and mark.get("start") == me["start"]:
        return path in _held
    try:
        pid = int(mark["pid"])
        if pid <= 0 or os.name != "posix":
            return False
        os.kill(pid, 0)
    except (KeyError, ValueError, OverflowError, ProcessLookupError):
        return False
    except PermissionError:
        pass  # someone else's, but alive
    return _start(pid) == mark.get("start")


def _start(pid: int) -> str:
    """When a process started, in the kernel's own ticks; "dead" for a zombie, "" where nothing tells."""
    stat = _read(f"/proc/{pid}/stat")
    if not stat:
        return ""
    fields = stat.rpartition(")")[2].split()
    return "dead" if fields[0] in "ZX" else fields[19]


def _read(path: str) -> str:
    try:
        return Path(path).read_text().strip()
    except (OSError, ValueError):
        return ""
