"""Progress of a study: one line that is rewritten on a terminal, one line a trial elsewhere."""

from __future__ import annotations

import math
import shutil
import sys
import time
from typing import Any

from hpdsl.cli.streams import Forgiving
from hpdsl.cli.tables import shown
from hpdsl.study.study import Study
from hpdsl.study.trial import Trial


class Progress:
    """Shows each finished trial on standard error; `count` is how many this run has finished.

    Within `with progress:` whatever else is written to a terminal, by an objective say, stands above the line.
    """

    def __init__(self, total: int) -> None:
        self.total = total
        self.count = 0
        self._start = time.monotonic()
        self._out: Any = Forgiving(sys.stderr)
        self._terminal = bool(sys.stderr.isatty())
        self._line = ""  # as it stands on the terminal
        self._midline = False  # someone else has left a line unfinished
        self._done = -1
        self._best: float | None = None
        self._successes = 0

    def __enter__(self) -> Progress:
        self._streams = sys.stdout, sys.stderr
        # A reader that leaves (`… | head`) must neither end the study nor fail the trials that print.
        sys.stdout, sys.stderr = (
            Forgiving(stream, self._make_way if self._terminal and stream.isatty() else None)
            for stream in self._streams
        )
        if self._terminal:
            self._draw("running …")
        return self

    def __exit__(self, *unused: object) -> None:
        self.close()

    def show(self, study: Study, trial: Trial) -> None:
        """Report a trial that has just ended."""
        self._note(study, trial)
        which = f"trial {trial.number} ({self._done}/{self.total})"
        best = self._standing(study)
        if not self._terminal:
            what = f"failed: {trial.reason}" if trial.reason else _measured(study, trial)
            values = " ".join(f"{name}={shown(value)}" for name, value in trial.config.items())
            self._out.write(f"{which}   {what}   {best}   {values}\n")
            self._out.flush()
            return
        if trial.reason:
            self.close()
            self._out.write(f"trial {trial.number} failed: {trial.reason}\n")
        each = (time.monotonic() - self._start) / self.count
        rate = f"{1 / each:.1f} trials/s" if each < 1 else f"{each:.1f} s a trial"
        self._draw(f"{which}   {best}   {rate}   {_span(each * max(self.total - self._done, 0))} left")

    def close(self) -> None:
        """Leave the line: what it said is gone, or about to be said by others."""
        if self._midline:
            sys.stdout.flush()
            self._out.write("\n")
        elif self._line:
            self._out.write(f"\r{' ' * len(self._line)}\r")
        self._line, self._midline = "", False
        self._out.flush()

    def _note(self, study: Study, trial: Trial) -> None:
        """Count a trial, and at first those of earlier runs."""
        first = self._done < 0
        self.count += 1
        self._done = sum(t.finished for t in study.trials) if first else self._done + 1
        for t in study.trials if first else [trial]:
            if study.succeeded(t):
                self._successes += 1
                if t.value is not None:
                    better = max if study.objective.maximize else min
                    self._best = t.value if self._best is None else better(self._best, t.value)

    def _standing(self, study: Study) -> str:
        """What the study has come to."""
        if not self._successes:
            return "no success yet"
        return f"best {self._best:.6g}" if self._best is not None else f"front of {len(study.front)}"

    def _draw(self, text: str) -> None:
        self.close()
        self._line = text[: shutil.get_terminal_size().columns - 1]
        self._out.write(self._line)
        self._out.flush()

    def _make_way(self, text: str) -> None:
        """Clear the line for what someone else is about to write."""
        if self._line:
            self.close()
        self._midline = not text.endswith("\n")


def _measured(study: Study, trial: Trial) -> str:
    """What a complete trial measured of the objectives; and which bounds it breaks."""
    if len(study.objectives) == 1:
        what = f"{study.objective.name} = {trial.value:.6g}"
    else:
        what = ", ".join(f"{o.name} = {trial.outcomes[o.name]:.6g}" for o in study.objectives)
    broken = [b for b in study.space.outcomes if not b.holds(trial.outcomes.get(b.name, math.nan))]
    if not broken:
        return what
    found = (f"{b.name} = {trial.outcomes[b.name]:.6g}, not {b.op} {b.bound:g}" for b in broken)
    return f"{what}, but {', '.join(found)}"


def _span(seconds: float) -> str:
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    return f"{whole // 60} min {whole % 60} s" if whole < 3600 else f"{whole // 3600} h {whole % 3600 // 60} min"
