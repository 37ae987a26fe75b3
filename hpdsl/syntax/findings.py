"""Syntax findings: their codes, and the collector that stops after twenty."""

from __future__ import annotations

import re

from hpdsl.diagnostics import Diagnostic, Label
from hpdsl.source import Source, Span

# Stable codes of the parser (the checker's begin at HP020).
UNEXPECTED = "HP001"  # something else was expected here
CHARACTER = "HP002"  # a character that has no place in a .hp file
UNCLOSED_TEXT = "HP003"  # a string or a quoted name that doesn't end, or a wrong escape
NUMBER = "HP004"  # a number in a spelling of another language: .5, 1., 1_000, 0x10
HUGE = "HP005"  # a number too large for a double
UNCLOSED = "HP006"  # a bracket that is never closed
UNOPENED = "HP007"  # a closing bracket that closes nothing, or another kind
INCOMPLETE = "HP008"  # a sentence without `~` or `=`, or that stops too early
TWO_SENTENCES = "HP009"  # two sentences on one line
FOREIGN = "HP010"  # an operator of another language, or the wrong one of ours
NO_PRIOR = "HP011"  # what follows `~` is no prior
MODIFIER = "HP012"  # a modifier that is repeated, or stands in the wrong place
EMPTY = "HP013"  # a choice without items
MISSPELT = "HP014"  # a misspelt keyword
NAME = "HP015"  # what can't be a name, or not here
SPELLING = "HP016"  # warning: `True`, `None`, … are names
DEPTH = "HP017"  # nested too deeply
SIZE = "HP018"  # too long a file, or too many sentences
MANY = "HP019"  # more errors than are shown

_LONG_QUOTATION = re.compile(r"([^\s`]{40})[^\s`]+")

MAX_ERRORS = 20
MAX_WARNINGS = 20


class Slip(Exception):
    """What is wrong with a sentence, before it is tied to a source."""

    def __init__(
        self,
        code: str,
        message: str,
        span: Span,
        note: str = "",
        help: str = "",
        labels: tuple[Label, ...] = (),
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.span = span
        self.note = note
        self.help = help
        self.labels = labels


def _clipped(text: str) -> str:
    """A text whose quotations are cut to a length that can be read."""
    return _LONG_QUOTATION.sub(r"\1…", text)


class Findings:
    """Diagnostics about one source; more than `MAX_ERRORS` are counted as one last error."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.errors: list[Diagnostic] = []
        self.warnings: list[Diagnostic] = []
        self.overflow: Span | None = None

    def add(self, slip: Slip, severity: str = "error") -> None:
        """Record a finding."""
        kept, limit = (self.errors, MAX_ERRORS) if severity == "error" else (self.warnings, MAX_WARNINGS)
        if len(kept) >= limit:
            if severity == "error" and self.overflow is None:
                self.overflow = slip.span
            return
        message, note, help = map(_clipped, (slip.message, slip.note, slip.help))
        d = Diagnostic(slip.code, severity, message, self.source, slip.span, note, slip.labels, help)
        if d not in kept:
            kept.append(d)

    def error(self, code: str, message: str, span: Span, note: str = "", help: str = "", *labels: Label) -> None:
        """Record an error."""
        self.add(Slip(code, message, span, note, help, labels))

    def all(self) -> tuple[Diagnostic, ...]:
        """Every finding in the order of the text."""
        found = sorted(self.errors + self.warnings, key=lambda d: (d.span.start, d.span.end))
        if self.overflow is not None:
            message = f"more than {MAX_ERRORS} syntax errors; the rest isn't shown"
            help = "correct these first and check again"
            found.append(Diagnostic(MANY, "error", message, self.source, self.overflow, help=help))
        return tuple(found)
