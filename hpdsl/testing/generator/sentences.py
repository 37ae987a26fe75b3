"""`y = …`, `require`, `forbid`, `assert`, `correlate`, `given`: what ties parameters together."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st

from hpdsl.testing.generator.expressions import conditions, numbers, simple
from hpdsl.testing.generator.names import fresh, pick, rarely
from hpdsl.testing.generator.parameters import modified
from hpdsl.testing.generator.scope import Scope, Symbol
from hpdsl.testing.generator.values import OPEN, SUM, TRUE, constant, inverted, joined, plain

_MESSAGES = ("too much", "why: it diverges", "a\\tb")


def derived(draw: st.DrawFn, scope: Scope) -> str:
    """A value that follows: a number, a truth value or a text."""
    how = draw(st.integers(0, 5))
    name = fresh(draw, scope)
    if how == 5:
        c = draw(conditions(scope, 1))
        words = ("hot", "cold")
        at = words[0] if c.at is True else words[1] if c.at is False else c.at
        scope.add(Symbol(name, "label", labels=words, at=at))
        return f'{name} = "hot" if {c.within(2)} else "cold"'
    value = draw(conditions(scope, 1) if how == 4 else numbers(scope, 2))
    if not value.safe and value.at is OPEN:
        value = replace(simple(draw, scope), kind="bool") if how == 4 else constant(1.0)
    tail, condition = modified(draw, scope)
    scope.add(Symbol(name, value.kind, value.lo, value.hi, value.whole, at=value.at), 0, condition)
    return f"{name} = {value.text}{tail}"


def require(draw: st.DrawFn, scope: Scope) -> str:
    """A requirement that holds at the witness."""
    condition = draw(conditions(scope, 2))
    scope.world.requirements += 1
    message = f" : {pick(draw, (chr(34), chr(39)))}" if rarely(draw, 4) else ""
    if message:
        message += pick(draw, _MESSAGES) + message[-1]
    if condition.at is OPEN and scope.live is not False:
        return f"assert {joined('or', condition, TRUE).text}{message}" if condition.safe else "assert true"
    if condition.at is False and scope.live is not False:
        if rarely(draw, 2):
            return f"require {inverted(condition).text}{message}"
        return f"forbid {condition.text}{message}"
    return f"require {condition.text}{message}"


def claim(draw: st.DrawFn, scope: Scope) -> str:
    """An `assert` that ranges prove."""
    value = draw(numbers(scope, 1))
    if not value.safe or not value.bounded:
        return "assert true"
    low, high = plain(value.lo - 1), plain(value.hi + 1)
    return pick(draw, (f"assert {value.within(SUM)} <= {high}", f"assert {low} < {value.within(SUM)} < {high}"))


def correlate(draw: st.DrawFn, scope: Scope) -> str | None:
    """A correlation of parameters that are active together; None where there are none."""
    world = scope.world
    free = [s for s in scope.own if s.rankable and s.guard == scope.guard and s.path not in world.correlated]
    if len(free) < 2:
        return None
    members = free[: 3 if len(free) > 2 and rarely(draw, 3) else 2]
    world.correlated.update(s.path for s in members)
    r = pick(draw, ("0.5", "0.9", "-0.3", "1 / 2", "0")) if len(members) == 2 else pick(draw, ("0.5", "0.25"))
    by = " by gaussian()" if rarely(draw, 4) else ""
    return f"correlate {', '.join(s.path for s in members)} = {r}{by}"


def given(draw: st.DrawFn, scope: Scope) -> str:
    """An input with a value."""
    name = fresh(draw, scope)
    how = draw(st.integers(0, 4))
    x = draw(st.integers(1, 3))
    value = Symbol(name, "number", float(x), float(x), True, at=float(x))
    if how == 4:
        flag = pick(draw, (True, False))
        scope.add(Symbol(name, "bool", 0, 1, True, at=flag))
        return f"given {name} = {str(flag).lower()}"
    text = f"given {name}"
    if how > 1:
        within = ("1 .. 3", "0 ..")[how - 2]
        text += f" in {within}"
        value = replace(value, lo=float(within[0]), hi=3.0 if how == 2 else float("inf"))
    scope.add(value)
    return f"{text} = {x}" + (" unit GiB" if rarely(draw) else "")


def simplex(draw: st.DrawFn, scope: Scope) -> str:
    """Uniform parameters with a constant sum."""
    scope.reuse.clear()
    found = [fresh(draw, scope) for _ in range(draw(st.integers(2, 3)))]
    share = 1.0 / 2 if len(found) == 2 else 0.25
    for k, name in enumerate(found):
        at = share if k else 1.0 - share * (len(found) - 1)
        scope.add(Symbol(name, "number", 0.0, 1.0, at=at), 1)
    lines = [f"{name} ~ uniform(0, 1)" for name in found]
    op = pick(draw, ("==", "<="))
    scope.world.requirements += 1
    return "\n".join([*lines, f"require {' + '.join(found)} {op} 1"])
