"""Python and numpy values from outside as plain Python values."""

from __future__ import annotations

from typing import Any


def plain(value: Any) -> Any:
    """A value whose numpy scalars and arrays are numbers, texts and lists."""
    if isinstance(value, tuple):
        return tuple(plain(v) for v in value)
    if isinstance(value, (list, set, frozenset)):
        return [plain(v) for v in value]
    if hasattr(value, "tolist"):
        return value.tolist()
    return value
