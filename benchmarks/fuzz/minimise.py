"""Delta debugging: the smallest text found that still shows the same finding."""

import re
from collections.abc import Callable, Sequence

from tokens import tokens

Shows = Callable[[str | bytes], bool]


def smallest(data: str | bytes, shows: Shows, tries: int = 600) -> str | bytes:
    """A part of an input that still shows its finding: lines are left out, then tokens, then characters."""
    left = [tries]

    def counted(candidate: str | bytes) -> bool:
        left[0] -= 1
        return left[0] >= 0 and shows(candidate)

    if isinstance(data, bytes):
        try:
            text = data.decode()
        except UnicodeDecodeError:
            return b"".join(_reduced([data[k : k + 1] for k in range(len(data))], b"", counted))
        data = text if counted(text) else data
        if isinstance(data, bytes):
            return data
    for cut in (_lines, lambda t: [part for _, part in tokens(t)], list):
        data = "".join(_reduced(cut(data), "", counted))
    return data


def _lines(text: str) -> list[str]:
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def _reduced(parts: Sequence, empty: str | bytes, shows: Shows) -> Sequence:
    """The parts that are needed: ever shorter runs are left out (Zeller's ddmin, complements only)."""
    size = max(1, len(parts) // 2)
    while parts:
        k = 0
        while k < len(parts):
            fewer = [*parts[:k], *parts[k + size :]]
            if shows(empty.join(fewer)):
                parts = fewer
            else:
                k += size
        if size == 1:
            break
        size //= 2
    return parts
