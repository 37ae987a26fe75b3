"""What the functions for tests are called with: a space in one of its forms, numbers in their ranges, names."""

from __future__ import annotations

import operator
import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from hpdsl.errors import SpecError, UsageError

if TYPE_CHECKING:
    from hpdsl.space import Space

# Random configurations for each promise; more than the most would not fit into memory.
TRIES, MOST = 2000, 10**7
# Longest argument that a message repeats.
LONGEST = 60


def space_of(space: object, caller: str, defer: bool = False) -> Space:
    """The space itself, or that of the path of a .hp file or of the text of a spec; `defer`: claims may fail.

    Raises `SpecError` for a wrong spec, and `UsageError` for what is none of these.
    """
    __tracebackhide__ = True
    # Loaded where it is used: the pytest plugin needs this module in every run.
    from hpdsl.compiler import Compilation, read
    from hpdsl.source import Source
    from hpdsl.space import Space

    if isinstance(space, Space):
        return space
    if isinstance(space, os.PathLike):
        path = Path(os.fsdecode(space))
        source, folder = read(path), path.parent
    elif isinstance(space, str):
        if _names_file(space):
            name = repr(space.strip())
            raise UsageError(
                f"{caller}() reads a string as the text of a spec, and {name} is the name of a file; "
                f"write {caller}(hpdsl.load({name})), or {caller}(Path({name}))"
            )
        source, folder = Source("<string>", space), None
    else:
        raise UsageError(
            f"{caller}() takes a Space, the path of a .hp file, or the text of a spec, not {_said(space)}; "
            f'write {caller}(hpdsl.load("space.hp"))'
        )
    try:
        return Compilation(source, folder, defer=defer).space
    except SpecError as error:
        wrong = error
    # What is wrong is the text, not where in the compiler that was found.
    raise wrong.with_traceback(None)


def count_of(name: str, value: object) -> int:
    """A number of random configurations; raises `UsageError` for what is none."""
    __tracebackhide__ = True
    found = _whole(value)
    if found is None or not 1 <= found <= MOST:
        raise UsageError(f"{name} takes a whole number from 1 to {MOST:,}, not {_said(value)}")
    return found


def seed_of(value: object) -> int:
    """A seed; raises `UsageError` for what is none."""
    __tracebackhide__ = True
    found = _whole(value)
    if found is None:
        raise UsageError(f"seed takes a whole number, not {_said(value)}")
    return found


def names_of(laws: object, caller: str) -> tuple[str, ...]:
    """The names of laws to examine, none for all of them; raises `UsageError` for what is no list of names."""
    __tracebackhide__ = True
    if laws is None:
        return ()
    if isinstance(laws, str):
        raise UsageError(f"laws takes a list of names, not one name; write {caller}(…, laws=[{laws!r}])")
    said = 'laws takes a list of names such as ["support", "assert"], not'
    if not isinstance(laws, Iterable):
        raise UsageError(f"{said} {_said(laws)}")
    names = tuple(laws)
    for name in names:
        if not isinstance(name, str):
            raise UsageError(f"{said} {_said(name)} in it")
    if not names:
        raise UsageError("laws names nothing to examine; leave it out for all laws and every `assert`")
    return names


def _whole(value: object) -> int | None:
    if isinstance(value, bool):
        return None
    try:
        return operator.index(value)  # type: ignore[arg-type]  # what has no index is what is asked here
    except TypeError:
        return None


def _names_file(text: str) -> bool:
    line = text.strip()
    if not line or "\n" in line:
        return False
    try:
        return line.endswith(".hp") or os.path.isfile(line)
    except ValueError:  # a NUL, which no name has
        return False


def _said(value: object) -> str:
    text = repr(value)
    return text if len(text) <= LONGEST else f"a {type(value).__name__}"
