"""`Change`: one difference between two spaces."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, order=True)
class Place:
    """A line of a file, from 1."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True)
class Change:
    """One difference, with what stands in the old and the new file, much as a .hp file says it.

    Kinds, of parameters: "added", "removed", "moved" (another name, branch or guard with the same prior), "widened",
    "narrowed", "shifted" (of the range), "prior" (another law over the same range, or another kind of values),
    "labels added", "labels removed", "labels reordered", "weights", "default", "guard", "correlation". Of other
    sentences: "derived", "requirement added", "requirement removed", "requirement changed". Of the experiment:
    "objective", "outcome", "fidelity", "try". "other" is a difference that has no name.
    """

    kind: str
    path: str
    old: str = ""
    new: str = ""
    old_place: Place | None = None
    new_place: Place | None = None

    @property
    def experiment(self) -> bool:
        """True where it concerns the experiment, not the space."""
        return self.kind in ("objective", "outcome", "fidelity", "try")

    def as_dict(self) -> dict[str, Any]:
        """The change as JSON data."""
        return asdict(self)

    def __str__(self) -> str:
        head = f"{self.path}: {self.kind}" if self.path else self.kind
        lines = [head]
        if self.old:
            lines.append(f"  - {self.old}{_at(self.old_place)}")
        if self.new:
            lines.append(f"  + {self.new}{_at(self.new_place)}")
        return "\n".join(lines)


def _at(place: Place | None) -> str:
    return f"  ({place})" if place is not None else ""
