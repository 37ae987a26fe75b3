"""`Diagnostic`, one finding about a spec, with the place, the rule, the values and what to write instead."""

from __future__ import annotations

from dataclasses import dataclass, field

from hpdsl.source import Source, Span


@dataclass(frozen=True)
class Label:
    """A remark attached to a span other than the primary one."""

    span: Span
    text: str


@dataclass(frozen=True)
class Diagnostic:
    """One finding. `code` is stable ("HP021"); `severity` is "error" or "warning"; `note` stands at the caret."""

    code: str
    severity: str
    message: str
    source: Source
    span: Span
    note: str = ""
    labels: tuple[Label, ...] = field(default=())
    help: str = ""

    @property
    def line(self) -> int:
        """1-based line of the primary span."""
        return self.source.position(self.span.start)[0]

    @property
    def column(self) -> int:
        """1-based column of the primary span."""
        return self.source.position(self.span.start)[1]
