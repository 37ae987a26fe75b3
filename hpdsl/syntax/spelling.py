"""How names are spelt: as they are, or in backticks."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import Any, cast

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z_0-9]*")


@cache
def _reserved() -> frozenset[str]:
    from hpdsl.syntax.tables import language

    keywords = cast(Any, language()).parser.lexer.vocabulary.keywords
    return frozenset([*keywords, "True", "False", "None"])


def bare(name: str) -> bool:
    """Whether a name needs no backticks."""
    return _IDENTIFIER.fullmatch(name) is not None and name not in _reserved()


def quoted(name: str) -> str:
    """A name, in backticks where it needs them; names with backticks or line breaks have no spelling."""
    return name if bare(name) else f"`{name}`"


def spelt(parts: Iterable[str]) -> str:
    """A dotted path as a file has it."""
    return ".".join(map(quoted, parts))
