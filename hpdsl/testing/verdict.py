"""`Verdict`: what attacking one law or one `assert` of a space came to, and the error about those that failed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from hpdsl.errors import HpdslError

Kind = Literal["law", "assert"]
Outcome = Literal["held", "proved", "refuted", "skipped"]


@dataclass(frozen=True)
class Verdict:
    """The outcome for one law or one `assert`.

    `detail` is one line: how often it held and what that bounds, why it is skipped, or the counterexample.
    `report` is the whole failure as text in the manner of a diagnostic (place, rule, values, help); empty unless
    refuted.
    """

    name: str
    kind: Kind
    outcome: Outcome
    detail: str
    report: str = ""

    @property
    def failed(self) -> bool:
        """True where a promise of the space is broken."""
        return self.outcome == "refuted"


class BrokenPromiseError(HpdslError, AssertionError):
    """A space breaks laws or claims; its text holds the report on each, `verdicts` all that were reached."""

    def __init__(self, verdicts: Sequence[Verdict]) -> None:
        super().__init__("\n\n".join(v.report or f"{v.name}: {v.detail}" for v in verdicts if v.failed))
        self.verdicts = tuple(verdicts)
