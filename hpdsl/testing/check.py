"""`check_space`: every law and every `assert` of a space, one by one."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

from hpdsl.space import Space
from hpdsl.testing.arguments import TRIES, count_of, names_of, seed_of, space_of
from hpdsl.testing.promises import Promises, check_names
from hpdsl.testing.verdict import BrokenPromiseError, Verdict


def check_space(
    space: Space | str | os.PathLike[str],
    *,
    tries: int = TRIES,
    seed: int = 0,
    laws: Iterable[str] | None = None,
) -> tuple[Verdict, ...]:
    """The verdict on every law, then on every `assert`; `laws` names those to examine instead, `assert` the claims.

    `space` may be the path of a .hp file, or the text of a spec. Raises `BrokenPromiseError` with the reports where
    any is refuted, `SpecError` for a wrong spec, `UnknownNameError` for a name that is no law's, and `UsageError` for
    other arguments that make no sense.
    """
    # A failing test shows its own line, then the report.
    __tracebackhide__ = True
    names = names_of(laws, "check_space")
    promises = _promises(space, tries, seed, "check_space")
    check_names(names, promises.names)
    found = tuple(map(promises.verdict, promises.chosen(names)))
    if any(v.failed for v in found):
        raise BrokenPromiseError(found)
    return found


def verdicts(space: Space | str | os.PathLike[str], *, tries: int = TRIES, seed: int = 0) -> Iterator[Verdict]:
    """The verdicts one by one, as they are found; nothing is raised for a broken promise."""
    promises = _promises(space, tries, seed, "verdicts")
    return map(promises.verdict, promises.names)


def _promises(space: object, tries: object, seed: object, caller: str) -> Promises:
    __tracebackhide__ = True
    tried, seeded = count_of("tries", tries), seed_of(seed)
    return Promises(space_of(space, caller, defer=True), tried, seeded)
