"""Progress of a study: one line that is rewritten on a terminal, one line a trial elsewhere."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import time
from typing import Any

from hpdsl.cli.tables import cell
from hpdsl.errors import UnknownNameError
from hpdsl.study.study import Study
from hpdsl.study.trial import Trial


class Forgiving:
    """A text stream that goes quiet once its reader has left or its disk is full."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._gone = False

    def write(self, text: str) -> int:
        """Write, or pretend to."""
        if not self._gone:
            try:
                self._stream.write(text)
            except OSError:
                self._leave()
        return len(text)

    def flush(self) -> None:
        """Flush, or pretend to."""
        if not self._gone:
            try:
                self._stream.flush()
            except OSError:
                self._leave()

    def _leave(self) -> None:
        self._gone = True
        # What is buffered must not fail once more when the process ends.
        with contextlib.suppress(OSError, ValueError, AttributeError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), self._stream.fileno())

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


class Progress:
    """Shows each finished trial; `count` is how many this run has finished."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.count = 0
        self._start = time.monotonic()
        self._terminal = sys.stderr.isatty()
        self._open = False

    def show(self, study: Study, trial: Trial) -> None:
        """Report a trial that has just ended."""
        self.count += 1
        done = sum(t.finished for t in study.trials)
        spent = time.monotonic() - self._start
        each = spent / self.count
        try:
            best = f"best {study.best_value:.6g}"
        except UnknownNameError:
            best = "no success yet"
        if self._terminal:
            rate = f"{1 / each:.1f} trials/s" if each < 1 else f"{each:.1f} s a trial"
            left = f"{_span(each * max(self.total - done, 0))} left"
            self._rewrite(f"trial {trial.number} ({done}/{self.total})   {best}   {rate}   {left}")
            if trial.reason:
                self.close()
                sys.stderr.write(f"trial {trial.number} failed: {trial.reason}\n")
            return
        what = f"failed: {trial.reason}" if trial.reason else f"{study.objective.name} = {trial.value:.6g}"
        values = " ".join(f"{name}={cell(value)}" for name, value in trial.config.items())
        sys.stderr.write(f"trial {trial.number} ({done}/{self.total})   {what}   {best}   {values}\n")
        sys.stderr.flush()

    def close(self) -> None:
        """Leave the line."""
        if self._open:
            sys.stderr.write("\n")
            sys.stderr.flush()
            self._open = False

    def _rewrite(self, text: str) -> None:
        width = shutil.get_terminal_size().columns - 1
        sys.stderr.write("\r" + text[:width].ljust(width))
        sys.stderr.flush()
        self._open = True


def _span(seconds: float) -> str:
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    return f"{whole // 60} min {whole % 60} s" if whole < 3600 else f"{whole // 3600} h {whole % 3600 // 60} min"
