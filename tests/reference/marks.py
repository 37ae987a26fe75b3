"""What values are and what operations make of them: plain Python, one value at a time, written from docs/language.md.

Numbers are floats, truth is bool, labels are str, bool, None or numbers as written, arrays are lists (UNKNOWN where an
element is inactive), subsets are `Chosen`, permutations lists. UNKNOWN and UNDEFINED are the two marks.
"""

import math
from enum import Enum
from itertools import pairwise


class Mark(Enum):
    UNKNOWN = "unknown"
    UNDEFINED = "undefined"


UNKNOWN, UNDEFINED = Mark.UNKNOWN, Mark.UNDEFINED


class Chosen(tuple):
    """The values of a subset, in written order."""


class Label:
    """A value of a choice: compared by identity of kind and value, `1` and `true` and `"1"` being three things."""

    def __init__(self, value):
        self.value = value

    def __eq__(self, other):
        return isinstance(other, Label) and same(self.value, other.value)

    __hash__ = None

    def __repr__(self):
        return f"Label({self.value!r})"


def same(a, b):
    """Whether two labels are one: numbers by value, everything else by kind and value."""
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    if isinstance(a, (int, float)) and isinstance(b, (int, float)):
        return a == b
    return type(a) is type(b) and a == b


def number(x):
    """A value in arithmetic: truth counts as 1, labels never do."""
    if isinstance(x, Label):
        x = x.value
    if isinstance(x, Mark):
        return x
    if isinstance(x, bool):
        return float(x)
    return float(x) if isinstance(x, (int, float)) else UNKNOWN


def arithmetic(f, *values):
    """A function of numbers: unknown wins over undefined, and whatever Python can't work out is undefined."""
    numbers = [number(v) for v in values]
    for mark in (UNKNOWN, UNDEFINED):
        if mark in numbers:
            return mark
    try:
        result = f(*numbers)
    except (ArithmeticError, ValueError):
        return UNDEFINED
    if isinstance(result, complex):
        return UNDEFINED
    result = float(result)
    return result if math.isfinite(result) else UNDEFINED


def positive(f):
    def checked(x):
        if x <= 0:
            raise ValueError
        return f(x)

    return checked


UNARY = {
    "exp": math.exp,
    "log": positive(math.log),
    "log2": positive(math.log2),
    "log10": positive(math.log10),
    "sqrt": math.sqrt,
    "abs": abs,
    "floor": math.floor,
    "ceil": math.ceil,
    "round": round,
}
BINARY = {
    "+": lambda x, y: x + y,
    "-": lambda x, y: x - y,
    "*": lambda x, y: x * y,
    "/": lambda x, y: x / y,
    "//": lambda x, y: x // y,
    "%": lambda x, y: x % y,
    "**": lambda x, y: x**y,
}
ORDERS = {
    "<": lambda x, y: x < y,
    "<=": lambda x, y: x <= y,
    ">": lambda x, y: x > y,
    ">=": lambda x, y: x >= y,
    "==": lambda x, y: x == y,
    "!=": lambda x, y: x != y,
}


def compare(op, a, b):
    """Two numbers compared."""
    x, y = number(a), number(b)
    for mark in (UNKNOWN, UNDEFINED):
        if mark in (x, y):
            return mark
    return ORDERS[op](x, y)


def truth(x):
    """A value as a condition."""
    return x.value if isinstance(x, Label) else x


def inverse(x):
    return x if isinstance(x, Mark) else not x


def conjunction(*values):
    """Kleene's and: false where one is, else unknown, else undefined, else true."""
    for outcome in (False, UNKNOWN, UNDEFINED):
        if any(v is outcome for v in values):
            return outcome
    return True


def disjunction(*values):
    return inverse(conjunction(*(inverse(v) for v in values)))


def active(items):
    return [x for x in items if x is not UNKNOWN]


def total(items):
    return arithmetic(lambda *xs: sum(xs), *active(items))


def product(items):
    return arithmetic(lambda *xs: math.prod(xs), *active(items))


def extreme(f, items):
    """`min` or `max` of a list; of an empty one it is unknown."""
    found = active(items)
    return arithmetic(lambda *xs: f(xs), *found) if found else UNKNOWN


def pairs(op, items, neighbours):
    """Whether an order holds between all (neighbouring) active elements."""
    found = active(items)
    both = pairwise(found) if neighbours else ((a, b) for k, a in enumerate(found) for b in found[k + 1 :])
    return conjunction(*(compare(op, a, b) for a, b in both))


OVER_LISTS = {
    "sum": total,
    "prod": product,
    "min": lambda items: extreme(min, items),
    "max": lambda items: extreme(max, items),
    "len": lambda items: float(len(items if isinstance(items, Chosen) else active(items))),
    "increasing": lambda items: pairs("<", items, True),
    "decreasing": lambda items: pairs(">", items, True),
    "distinct": lambda items: pairs("!=", items, False),
}
