"""Names, labels and numbers, in the spellings the language has for them."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from string import ascii_lowercase
from typing import TypeVar

from hypothesis import strategies as st

from hpdsl.testing.generator.scope import Label, Scope
from hpdsl.testing.generator.values import Value, constant, plain

T = TypeVar("T")

# Words of the language that are free as names, and names that look unlike others.
_WORDS = ("step", "unit", "by", "cost", "size", "beta", "uniform", "log", "subject", "increasing", "int", "X", "_")
# Of these, what goes on with the sentence of the line before, unless `~` or `=` follows.
_CONTINUING = ("step", "unit")
_QUOTED = ("a b", "svm:gamma", "λ", "x.y", "1st", "a-b")
LABELS: tuple[Label, ...] = ("red", "green", "blue", "relu", "adam", "sgd", "k-nn", "two words", "None", "Ω")
ATOMS: tuple[Label, ...] = ("auto", 0.0, None, 1.0, True, 2.5, -1.0, False, "all")
_NUMBERS = tuple(map(Decimal, ("1", "2", "3", "0.5", "0", "10", "-1", "0.25", "1e-3", "100", "-2.5", "1e-6", "1e5")))


def rarely(draw: st.DrawFn, one_in: int = 8) -> bool:
    """True once in a while; shrinks to False."""
    return draw(st.integers(0, one_in - 1)) == one_in - 1


def pick(draw: st.DrawFn, options: Sequence[T]) -> T:
    """One of several; shrinks to the first."""
    return options[draw(st.integers(0, len(options) - 1))] if len(options) > 1 else options[0]


def fresh(draw: st.DrawFn, scope: Scope, opens: bool = False) -> str:
    """A name that means nothing else here, as it is written; branches of a union may have names in common.

    With `opens` a bracket follows it.
    """
    world = scope.world
    if scope.reuse and rarely(draw, 2) and not (opens and scope.reuse[0] in _CONTINUING):
        return scope.reuse.pop(0)
    name = ""
    if rarely(draw, 12):
        banned = {*world.names, *(_CONTINUING if opens else ())}
        free = [w for w in (*_WORDS, *_QUOTED) if w not in banned]
        name = pick(draw, free) if free else ""
    if not name:
        plain_names = (f"{c}{k or ''}" for k in range(100) for c in ascii_lowercase)
        name = next(n for n in plain_names if n not in world.names)
    world.names.add(name)
    return f"`{name}`" if name in _QUOTED else name


def spelled(label: Label, draw: st.DrawFn | None = None) -> str:
    """A label as it is written: bare, or in quotes."""
    if isinstance(label, bool) or label is None:
        return "none" if label is None else str(label).lower()
    if isinstance(label, (int, float)):
        return plain(label)
    if label.isidentifier() and label.isascii() and label != "None":
        return f'"{label}"' if draw is not None and rarely(draw) else label
    return f"`{label}`" if draw is not None and rarely(draw, 3) else f'"{label}"'


def several(draw: st.DrawFn, options: Sequence[Label], least: int, most: int) -> tuple[Label, ...]:
    """Some different labels."""
    return tuple(draw(st.lists(st.sampled_from(options), min_size=least, max_size=most, unique_by=repr)))


def number(draw: st.DrawFn, options: Sequence[float | str | Decimal]) -> Value:
    """One of some numbers, in one of its spellings."""
    return written(draw, Decimal(str(pick(draw, options))))


def written(draw: st.DrawFn, x: Decimal) -> Value:
    """A number in one of its spellings."""
    text = plain(x)
    style = draw(st.integers(0, 11))
    if style == 9 and x:
        text = f"{x.normalize():e}".replace("e+", "e")
    elif style == 10 and x:
        text = f"{x.normalize():E}"
    elif style == 11 and "." not in text and "e" not in text:
        text += ".0"
    return constant(x, text)


def anything(draw: st.DrawFn) -> Value:
    """A number."""
    return number(draw, _NUMBERS)
