"""`Recommendation`: under noise, which trial a backend holds for the best, and what it expects there."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from hpdsl.study import codec
from hpdsl.study.trial import Trial


@dataclass(frozen=True)
class Recommendation:
    """The number of a trial, the value that its model expects there, and how many finished trials that rests on."""

    number: int
    value: float
    finished: int

    def text(self) -> str:
        """As it is stored."""
        return codec.dump({"number": self.number, "value": self.value, "finished": self.finished})


def parse(text: str, trials: list[Trial]) -> Recommendation | None:
    """A stored recommendation; None where trials have been finished since, or it can't be read."""
    try:
        found = codec.parse_dict(text)
        made = Recommendation(int(found["number"]), float(found["value"]), int(found["finished"]))
    except (ValueError, LookupError, TypeError):
        return None
    fits = made.finished == sum(t.finished for t in trials) and 0 <= made.number < len(trials)
    return made if fits and math.isfinite(made.value) else None


def recommend(searcher: Any, trials: list[Trial]) -> Recommendation | None:
    """What a backend recommends instead of the best value told; None where that is what it recommends."""
    if not getattr(searcher, "smoothed", False):
        return None
    config, value = searcher.best
    number = next((t.number for t in trials if t.finished and t.config == config), None)
    return None if number is None else Recommendation(number, value, sum(t.finished for t in trials))
