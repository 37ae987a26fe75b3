"""`check_space`: every law and every `assert` of a space, one by one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from hpdsl.errors import UsageError
from hpdsl.space import Space
from hpdsl.testing.attack import attacks
from hpdsl.testing.laws.codes import features, round_trip
from hpdsl.testing.laws.density import density
from hpdsl.testing.laws.grids import grid
from hpdsl.testing.laws.joint import conditioning, independence
from hpdsl.testing.laws.law import Law
from hpdsl.testing.laws.marginals import marginals
from hpdsl.testing.laws.points import written
from hpdsl.testing.laws.rows import prefix
from hpdsl.testing.laws.subject import Subject
from hpdsl.testing.laws.texts import fmt, isolation, order
from hpdsl.testing.laws.values import constraints, guards, membership, support
from hpdsl.testing.verdict import BrokenPromiseError, Verdict

LAWS: tuple[Law, ...] = (
    support, guards, constraints, membership, round_trip, features, marginals, independence, density, conditioning,
    prefix, order, isolation, grid, written, fmt,
)  # fmt: skip
"""In the order in which they are examined: what others rest on comes first."""

TRIES = 2000


def check_space(
    space: Space | str, *, tries: int = TRIES, seed: int = 0, laws: Iterable[str] | None = None
) -> tuple[Verdict, ...]:
    """The verdict on every law, then on every `assert`; `laws` names those to examine instead, `assert` the claims.

    Raises `BrokenPromiseError` with the reports where any is refuted, `SpecError` for the text of a wrong spec, and
    `UsageError` for a name that is no law's.
    """
    found = tuple(_chosen(Subject(space, tries, seed), None if laws is None else set(laws)))
    if any(v.failed for v in found):
        raise BrokenPromiseError(found)
    return found


def verdicts(space: Space | str, *, tries: int = TRIES, seed: int = 0) -> Iterator[Verdict]:
    """The verdicts one by one, as they are found; nothing is raised for a broken promise."""
    return _chosen(Subject(space, tries, seed), None)


def _chosen(subject: Subject, names: set[str] | None) -> Iterator[Verdict]:
    unknown = sorted((names or set()) - {law.name for law in LAWS} - {"assert"})
    if unknown:
        raise UsageError(f"there is no law {unknown[0]!r}; they are {', '.join(law.name for law in LAWS)}, and assert")
    for law in LAWS:
        if names is None or law.name in names:
            yield law.check(subject)
    if names is None or "assert" in names:
        yield from attacks(subject.space, subject.tries, subject.seed)
