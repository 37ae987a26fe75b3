"""NAME=VALUE as it is written on a command line: values of inputs and of parameters."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from hpdsl.errors import UsageError

_WORDS = {"true": True, "false": False, "none": None}


def pairs(texts: Iterable[str], option: str) -> dict[str, Any]:
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
