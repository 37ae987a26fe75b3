"""The experiment: objectives, bounds on outcomes, the fidelity, points to try."""

from __future__ import annotations

from hypothesis import strategies as st

from hpdsl.testing.generator.expressions import numbers
from hpdsl.testing.generator.names import pick, rarely, spelled
from hpdsl.testing.generator.scope import Scope
from hpdsl.testing.generator.values import OPEN, UNKNOWN, Value, binary, plain

_OUTCOMES = ("loss", "error", "latency", "accuracy")


def outcome(draw: st.DrawFn, scope: Scope) -> str | None:
    """An objective, or a bound on what is measured."""
    free = [n for n in _OUTCOMES if n not in scope.world.outcomes]
    if not free:
        return None
    name = pick(draw, free)
    scope.world.outcomes.add(name)
    if rarely(draw, 3):
        return f"subject to {name} {pick(draw, ('<=', '<', '>=', '>'))} {pick(draw, ('40', '0.5', '2 * 3', '-1'))}"
    return f"{pick(draw, ('minimize', 'maximize'))} {name}"


def fidelity(draw: st.DrawFn, scope: Scope) -> str | None:
    """The fidelity, of which there is one."""
    if scope.world.measured:
        return None
    scope.world.measured = True
    low, high = pick(draw, (("1", "27"), ("0.1", "1"), ("10", "1000")))
    text = f"fidelity epochs = {low} .. {high}"
    if rarely(draw, 2):
        text += f" by {pick(draw, ('3', '2', '1.5'))}"
    if rarely(draw, 2):
        value = draw(numbers(scope, 1))
        epochs = Value("epochs", lo=float(low), hi=float(high))
        cost = binary("*", epochs, value) if value.safe and value.lo > 0 else epochs
        text += f" cost {cost.text}"
    return text + (" unit pass" if rarely(draw) else "")


def attempt(draw: st.DrawFn, scope: Scope) -> str | None:
    """A point to try: some of the witness."""
    known = [s for s in scope.own if s.drawn and not s.guard and s.at is not UNKNOWN and s.at is not OPEN]
    chosen = [s for s in known if draw(st.integers(0, 2)) == 0]
    if not chosen:
        return None
    parts = []
    for s in chosen:
        x = s.at
        text = plain(x) if isinstance(x, float) else spelled(x)  # type: ignore[arg-type]  # drawn symbols have labels
        parts.append(f"{s.path} = {text}")
    if len(parts) > 2 and rarely(draw, 2):
        return "try {\n" + "\n".join(f"  {p}" for p in parts) + "\n}"
    return f"try {{ {', '.join(parts)}{',' if rarely(draw) else ''} }}"
