"""Options that go wherever a FILE is taken: `--given` fills inputs, `--fix` pins parameters."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from hpdsl.cli import streams
from hpdsl.errors import UsageError

if TYPE_CHECKING:
    from hpdsl.space import Space

_F = TypeVar("_F", bound=Callable[..., Any])

_WORDS = {"true": True, "false": False, "none": None}


def space_options(command: _F) -> _F:
    """Add `--given` and `--fix` to a command, as `given` and `fix`."""
    fix = click.option("--fix", "fix", multiple=True, metavar="NAME=VALUE", help="Pin a parameter.")
    given = click.option("--given", "given", multiple=True, metavar="NAME=VALUE", help="Fill a `given` input.")
    return given(fix(command))


def pairs(texts: tuple[str, ...], option: str) -> dict[str, Any]:
    """The values of NAME=VALUE texts: JSON where they are, bare words as text, `[a, b]` as a list of words."""
    found: dict[str, Any] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            raise UsageError(f"{option} takes NAME=VALUE, not {text!r}")
        name = name.strip()
        if name in found:
            raise UsageError(f"{option} sets `{name}` twice")
        found[name] = _value(value.strip())
    return found


def _value(text: str) -> Any:
    if text in _WORDS:
        return _WORDS[text]
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        if text.startswith("[") and text.endswith("]"):
            return [_value(part.strip()) for part in text[1:-1].split(",") if part.strip()]
        return text
    # NaN and infinities are no values of a parameter; as words they give a clear message.
    return text if isinstance(value, float) and value - value != 0.0 else value


def opened(path: str, given: tuple[str, ...] = (), fix: tuple[str, ...] = (), defer: bool = False) -> Space:
    """The space in a file (`-`: standard input), inputs filled and parameters pinned; warnings go to standard error.

    With `defer` claims that fail are no errors.
    """
    from pathlib import Path

    from hpdsl.compiler import Compilation, read, standard_input
    from hpdsl.diagnostics import render

    if path == "-":
        source, folder = standard_input(), None
    else:
        source, folder = read(path), Path(path).parent
    space = Compilation(source, folder, pairs(given, "--given"), defer=defer).space
    pinned = pairs(fix, "--fix")
    if pinned:
        space = space.fix(pinned)
    if space.warnings:
        click.echo(render(space.warnings, streams.colored(sys.stderr)), err=True)
    return space
