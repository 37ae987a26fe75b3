"""What an objective may return, and what a study makes of it."""

from __future__ import annotations

import math
import numbers
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from hpdsl.semantics.model import Objective
from hpdsl.study.trial import one_line

if TYPE_CHECKING:
    from hpdsl.space import Space


@dataclass(frozen=True)
class Outcome:
    """A value, None where there are several objectives, and every named outcome.

    `reason` says why the trial failed, "" where it did not.
    """

    value: float | None = None
    outcomes: dict[str, float] = field(default_factory=dict)
    reason: str = ""


def objectives_of(space: Space) -> tuple[Objective, ...]:
    """The objectives of a space, "value" to be minimised where it names none."""
    return space.objectives or (Objective("value", maximize=False),)


def read_outcome(result: Any, space: Space) -> Outcome:
    """The outcome in what an objective returned: a number, or numbers by name.

    Numbers are Python's, numpy's and whatever else is real and scalar; truth counts as 0 or 1. NaN and infinities
    are kept, and are failures. Of a dict, objectives and bounded outcomes must be there; entries that are no numbers
    are left out.
    """
    named = bool(space.objectives)
    names = [o.name for o in objectives_of(space)]
    if not isinstance(result, Mapping):
        value, reason = _judge(result, "")
        if len(names) > 1:
            return Outcome(reason=reason or _several(names))
        outcomes = {names[0]: value} if named and value is not None else {}
        return Outcome(value, outcomes, reason or _unmeasured(space, outcomes, "a single number"))
    outcomes = {str(k): number for k, v in result.items() if (number := real(v)) is not None}
    came = ", ".join(one_line(str(k)) for k in result) or "nothing"
    if named:
        missing = next((n for n in names if n not in result), None)
        if missing is not None:
            which = "the objective" if len(names) == 1 else "an objective"
            return Outcome(None, outcomes, one_line(f"returned no `{missing}`, {which}, but {came}"))
        judged = [_judge(result[n], f"{n} = ") for n in names]
        reason = next((why for _, why in judged if why), "") or _unmeasured(space, outcomes, came)
        return Outcome(judged[0][0] if len(names) == 1 else None, outcomes, reason)
    if len(result) != 1:
        return Outcome(
            None, outcomes, one_line(f"returned {came}, but the space does not say which to optimise: minimize NAME")
        )
    ((key, only),) = result.items()
    value, reason = _judge(only, f"{key} = ")
    return Outcome(value, outcomes, one_line(reason))


def _several(names: list[str]) -> str:
    shape = ", ".join(f'"{name}": …' for name in names)
    return one_line(f"returned a single number, but the space has {len(names)} objectives: return {{{shape}}}")


def _unmeasured(space: Space, outcomes: Mapping[str, float], came: str) -> str:
    """The reason why a bound on an outcome can't be judged, "" where all can."""
    missing = next((o.name for o in space.outcomes if o.name not in outcomes), None)
    return one_line(f"returned no `{missing}`, which the space bounds, but {came}") if missing else ""


def real(value: Any) -> float | None:
    """A real scalar as a float, None for anything else; too large integers are infinite."""
    if getattr(value, "shape", None) == () and hasattr(value, "item"):  # 0-d arrays, numpy scalars, tensors
        value = value.item()
    if not isinstance(value, (numbers.Real, Decimal)):  # complex numbers are not among them
        return None
    try:
        return float(value)
    except OverflowError:
        return math.copysign(math.inf, _sign(value))
    except (ValueError, TypeError, ArithmeticError):  # a signalling NaN; a class that promised too much
        return math.nan


def _sign(value: Any) -> int:
    return 1 if value > 0 else -1


def _judge(value: Any, label: str) -> tuple[float | None, str]:
    number = real(value)
    if number is None:
        shown = "None" if value is None else f"{_shown(value)}, a {type(value).__name__}, not a number"
        return None, one_line(f"returned {label}{shown}")
    if math.isnan(number):
        return number, f"returned {label}NaN"
    if math.isinf(number):
        return number, f"returned {label}{'-' if number < 0 else ''}infinity"
    return number, ""


def _shown(value: Any) -> str:
    try:
        text = repr(value)
    except Exception:  # the user's own __repr__ may do anything
        text = "something"
    return text if len(text) <= 60 else text[:57] + "…"
