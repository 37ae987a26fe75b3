"""Command templates: arguments with `{name}` in them, filled from a configuration without any shell."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hpdsl.diagnostics import suggest
from hpdsl.errors import UsageError

ALL = "args"
_PIECE = re.compile(r"\{\{|\}\}|\{(?P<name>[^{}]*)\}|[{}]")


@dataclass(frozen=True)
class Name:
    """A placeholder."""

    key: str


@dataclass(frozen=True)
class Element:
    """One argument: texts and placeholders in turn; `everything` where it is `{args}`."""

    pieces: tuple[str | Name, ...]
    everything: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """The keys it needs."""
        return tuple(p.key for p in self.pieces if isinstance(p, Name))

    @property
    def begins_with_dash(self) -> bool:
        """True for an option, alone or with its value."""
        return bool(self.pieces) and isinstance(self.pieces[0], str) and self.pieces[0].startswith("-")

    @property
    def lone_flag(self) -> bool:
        """True for an option whose value may be the next argument."""
        text = self.pieces[0] if len(self.pieces) == 1 else None
        return isinstance(text, str) and re.fullmatch(r"--?[A-Za-z][^=]*", text) is not None


def read_template(template: Sequence[str], keys: Sequence[str]) -> tuple[Element, ...]:
    """The elements of a template; raises `UsageError` for what no configuration of these keys can fill."""
    if isinstance(template, str) or not all(isinstance(t, str) for t in template):
        raise UsageError(f"a command is a list of arguments, such as ['python', 'train.py'], not {template!r}")
    if not template or not template[0]:
        raise UsageError("there is no command to run; write one after --")
    elements = tuple(_element(text, keys) for text in template)
    if elements[0].everything:
        raise UsageError("a command begins with a program; {args} can't stand for it")
    return elements


def fill(elements: Sequence[Element], config: Mapping[str, Any], parameters: Sequence[str]) -> list[str]:
    """The arguments for a configuration.

    An element that needs an inactive name is left out, together with a lone flag right before it, unless the
    element is an option itself. `{args}` becomes --name=value of every active parameter.
    """
    argv: list[str] = []
    before: Element | None = None
    for element in elements:
        if element.everything:
            argv += [f"--{key}={text_of(config[key])}" for key in parameters if key in config]
        elif all(key in config for key in element.names):
            argv.append("".join(text_of(config[p.key]) if isinstance(p, Name) else p for p in element.pieces))
        elif before is not None and before.lone_flag and not element.begins_with_dash:
            argv.pop()
        before = element
    return argv


def text_of(value: Any) -> str:
    """A value as programs read it: floats in full, true, false, none, lists as JSON."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    if isinstance(value, float):
        return repr(float(value))
    if isinstance(value, (list, tuple, dict)):
        return json.dumps(value, separators=(",", ":"))
    return str(value)


def _element(text: str, keys: Sequence[str]) -> Element:
    if text == f"{{{ALL}}}":
        return Element((), everything=True)
    pieces: list[str | Name] = []
    last = 0
    for match in _PIECE.finditer(text):
        pieces.append(text[last : match.start()])
        last = match.end()
        found = match.group()
        if found in ("{{", "}}"):
            pieces.append(found[0])
        elif found in ("{", "}"):
            raise UsageError(f"a lone `{found}` in {text!r}; write `{found}{found}` for a brace")
        else:
            pieces.append(_known(match.group("name"), text, keys))
    pieces.append(text[last:])
    return Element(_joined(pieces))


def _known(name: str, text: str, keys: Sequence[str]) -> Name:
    if name in keys:
        return Name(name)
    if name == ALL:
        raise UsageError(f"{{{ALL}}} stands for several arguments, so it must be one of its own, not part of {text!r}")
    near = suggest(name.strip(), keys)
    hint = f"did you mean {{{near}}}? " if near else ""
    known = ", ".join(f"{{{k}}}" for k in keys)
    raise UsageError(
        f"{{{name}}} in {text!r} is no name of this space; {hint}there are {known} and {{{ALL}}}; "
        "write `{{` and `}}` for braces"
    )


def _joined(pieces: list[str | Name]) -> tuple[str | Name, ...]:
    """Neighbouring texts as one, empty ones left out."""
    joined: list[str | Name] = []
    for piece in pieces:
        if isinstance(piece, str) and joined and isinstance(joined[-1], str):
            joined[-1] += piece
        elif piece != "":
            joined.append(piece)
    return tuple(joined)
