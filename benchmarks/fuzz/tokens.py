"""Tokens of any text, for mutations: each with a class, so that one can be replaced by another of its kind."""

import re
from functools import cache

from hpdsl.priors.table import DISCRETE, NUMERIC
from hpdsl.semantics.functions import UNARY

_TOKEN = re.compile(
    r"""(?P<comment>\#[^\n]*)|(?P<string>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')|(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
    |(?P<word>[A-Za-z_]\w*|`[^`\n]+`)|(?P<newline>\r?\n|;)|(?P<blank>[ \t]+)|(?P<bracket>[()\[\]{}])
    |(?P<sign>\*\*|//|=>|==|!=|<=|>=|\.\.|[^\s\w])|(?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
WORDS = {
    "opener": "require forbid assert when else given correlate space use import fidelity minimize maximize subject try",
    "inner": "default unit step in int increasing decreasing choice as by cost to",
    "logic": "and or not in if else true false none",
}
_KINDS = {word: kind for kind, words in WORDS.items() for word in words.split()}


@cache
def _known() -> dict[str, str]:
    functions = (*UNARY, *("min", "max", "len", "sum", "prod", "distinct", "active"))
    return {**dict.fromkeys(functions, "function"), **dict.fromkeys((*NUMERIC, *DISCRETE), "prior"), **_KINDS}


def kind_of(text: str, kind: str) -> str:
    """The class within which a token may be replaced."""
    if kind == "word":
        return _known().get(text, "name")
    if kind == "sign":
        return "sign" if text in "~=:,.@#$?!" or not text.isascii() else "operator"
    return kind


def tokens(text: str) -> list[tuple[str, str]]:
    """(class, text) of everything in a text, blanks too, so that joined they are the text."""
    return [(kind_of(m[0], m.lastgroup or "other"), m[0]) for m in _TOKEN.finditer(text)]


def joined(parts: list[tuple[str, str]]) -> str:
    """The text of tokens."""
    return "".join([text for _, text in parts])
