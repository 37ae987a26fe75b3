"""Standard streams that a study may write to for hours: nothing that happens to them ends it."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable
from typing import Any


class Forgiving:
    """A text stream that goes quiet once its reader has left or its disk is full.

    `before` is told every text just before it is written.
    """

    def __init__(self, stream: Any, before: Callable[[str], None] | None = None) -> None:
        self._stream = stream
        self._before = before
        self._gone = False

    def write(self, text: str) -> int:
        """Write, or pretend to."""
        if not self._gone:
            try:
                if text and self._before is not None:
                    self._before(text)
                self._stream.write(text)
            except OSError:
                self._leave()
        return len(text)

    def writelines(self, lines: Any) -> None:
        """Write each line."""
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        """Flush, or pretend to."""
        if not self._gone:
            try:
                self._stream.flush()
            except OSError:
                self._leave()

    def _leave(self) -> None:
        self._gone = True
        silence(self._stream)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def silence(stream: Any) -> None:
    """Let what is still buffered go nowhere, so that it doesn't fail once more when the process ends."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def prepare() -> None:
    """Give closed standard streams a place to go, and characters their encoding lacks an escape."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode))  # noqa: SIM115 - for the rest of the process
    if getattr(sys.stdout, "errors", "") == "strict" and hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="backslashreplace")


def colored(stream: Any) -> bool:
    """Whether a stream is a terminal whose user has nothing against colors (https://no-color.org)."""
    return bool(stream.isatty()) and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
