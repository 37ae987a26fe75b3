"""`Written`: a space in another format, with what that format could not hold."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Written:
    """The text in the other format, and one note for every sentence whose meaning changed on the way."""

    text: str
    notes: tuple[str, ...] = ()
