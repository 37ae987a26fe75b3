"""`Law`: a promise that every space keeps, with the check that tells whether one does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hpdsl.errors import SamplingError
from hpdsl.testing.laws.fault import Fault, reported
from hpdsl.testing.laws.subject import Subject
from hpdsl.testing.verdict import Verdict


@dataclass(frozen=True)
class Law:
    """A law: its name, what it says in one line, and its check, which never raises for what a space is like."""

    name: str
    says: str
    check: Callable[[Subject], Verdict]


@dataclass(frozen=True)
class Held:
    """The law holds; `detail` says in how many cases."""

    detail: str


@dataclass(frozen=True)
class Skipped:
    """The law does not apply; `reason` says why."""

    reason: str


Result = Held | Skipped | Fault


def law(name: str, says: str) -> Callable[[Callable[[Subject], Result]], Law]:
    """The law whose check is a function of the subject."""

    def made(examine: Callable[[Subject], Result]) -> Law:
        def check(subject: Subject) -> Verdict:
            try:
                result = examine(subject)
            except SamplingError as error:
                if name == "constraints":
                    # Said once, and aloud: nobody can use such a space.
                    return Verdict(name, "law", "refuted", f"refuted: {error}", f"error[{name}]: {error}")
                result = Skipped(f"no feasible configuration is at hand: {error}")
            match result:
                case Held(detail):
                    return Verdict(name, "law", "held", detail)
                case Skipped(reason):
                    return Verdict(name, "law", "skipped", reason)
                case fault:
                    return Verdict(name, "law", "refuted", f"refuted: {fault.brief}", reported(subject, name, fault))

        return Law(name, says, check)

    return made
