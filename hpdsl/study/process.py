"""One run of a program in a process group of its own, with the tail of what it prints."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import FrameType
from typing import IO

# Bytes kept of each stream, seconds for what still holds a stream after the program has ended,
# and seconds between asking a group to end and killing it.
KEPT = 64 * 1024
LINGER = 1.0
GRACE = 2.0


@dataclass(frozen=True)
class Finished:
    """How a program ended; `status` is negative for a signal. Streams are cut at their beginning where `cut`."""

    status: int
    stdout: bytes
    stderr: bytes
    cut: bool


def run(argv: Sequence[str], environment: Mapping[str, str]) -> Finished:
    """Run a program to its end with nothing to read; OSError and ValueError where it can't be started.

    Whatever interrupts the wait ends the program and all its children.
    """
    process = None
    try:
        with _interrupts_later():
            process = subprocess.Popen(
                argv,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=dict(environment),
                start_new_session=True,
            )
        assert process.stdout is not None
        assert process.stderr is not None
        stdout, stderr = _Tail(process.stdout), _Tail(process.stderr)
        status = process.wait()
        # A child may be about to print the last line; one that stays longer is ended.
        stdout.wait(LINGER)
        stderr.wait(LINGER)
        _signal(process, "SIGKILL")
        stdout.wait(LINGER)
        stderr.wait(LINGER)
        return Finished(status, stdout.kept(), stderr.kept(), stdout.cut)
    except BaseException:
        if process is not None:
            _end(process)
        raise


@contextlib.contextmanager
def _interrupts_later() -> Iterator[None]:
    """Hold interrupts back until the block is left: one within `Popen` would lose a child that has started."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    held: list[int] = []
    handlers: dict[int, Callable[[int, FrameType | None], object]] = {}
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        handler = signal.getsignal(number) if number is not None else None
        if number is not None and callable(handler):
            handlers[number] = handler
            signal.signal(number, lambda number, frame: held.append(number))
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
    for number in held:
        handlers[number](number, None)


class _Tail:
    """Reads a stream in the background and keeps its end."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._kept = bytearray()
        self._lock = threading.Lock()
        self.cut = False
        self._thread = threading.Thread(target=self._read, args=(stream,), daemon=True)
        self._thread.start()

    def _read(self, stream: IO[bytes]) -> None:
        with stream:
            while data := os.read(stream.fileno(), KEPT):
                with self._lock:
                    self._kept += data
                    if len(self._kept) > KEPT:
                        del self._kept[:-KEPT]
                        self.cut = True

    def wait(self, seconds: float) -> None:
        """Wait for the end of the stream, but not long."""
        self._thread.join(seconds)

    def kept(self) -> bytes:
        """What is kept."""
        with self._lock:
            return bytes(self._kept)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ask the process group to end, then make it."""
    try:
        _signal(process, "SIGTERM")
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(GRACE)
    finally:
        _signal(process, "SIGKILL")
        process.wait()


def _signal(process: subprocess.Popen[bytes], name: str) -> None:
    """Signal a program and its children; groups exist on POSIX systems only."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if os.name == "posix":
            os.killpg(process.pid, getattr(signal, name))
        else:
            process.kill()


def signal_name(number: int) -> str:
    """The name of a signal."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
