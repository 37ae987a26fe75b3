"""`Trial`, one evaluation of the objective, and `TrialFailure`, which an objective raises to say why it failed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hpdsl.errors import HpdslError

WAITING, RUNNING, COMPLETE, FAILED = STATES = ("waiting", "running", "complete", "failed")

# What is kept of a failed trial: its last bytes, and a reason that fits a line.
OUTPUT_LIMIT = 16 * 1024
REASON_LIMIT = 300


@dataclass
class Trial:
    """One configuration and what became of it.

    `value` is the objective in the user's own sense (not negated where it is maximised); a failed trial keeps
    the NaN or infinity it returned, if any. Where there are several objectives it is None, and `outcomes` has them.
    Times are in seconds since 1970, `duration` is measured monotonically.
    """

    number: int
    state: str
    config: dict[str, Any]
    value: float | None = None
    outcomes: dict[str, float] = field(default_factory=dict)
    started: float | None = None
    ended: float | None = None
    duration: float | None = None
    reason: str = ""
    output: str = ""

    @property
    def finished(self) -> bool:
        """True once nothing more is to come."""
        return self.state in (COMPLETE, FAILED)


class TrialFailure(HpdslError):
    """A trial failed: `reason` in one line, `output` as captured, `result` where something came back after all."""

    def __init__(self, reason: str, output: str = "", result: float | Mapping[str, Any] | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.output = output
        self.result = result


def one_line(text: str) -> str:
    """A text as one storable line of bounded length, without what a terminal would obey."""
    line = "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in " ".join(storable(text).split()))
    return line if len(line) <= REASON_LIMIT else line[: REASON_LIMIT - 1] + "…"


def tail(text: str, limit: int = OUTPUT_LIMIT) -> str:
    """The last `limit` bytes of a text, storable, beginning with "…" where something was cut."""
    data = storable(text).encode()
    if len(data) <= limit:
        return data.decode()
    mark = "…\n"
    return mark + data[len(data) - limit + len(mark.encode()) :].decode(errors="ignore")


def storable(text: str) -> str:
    """A text without what databases refuse: NUL characters and lone surrogates."""
    return text.replace("\0", "\\x00").encode(errors="backslashreplace").decode()
