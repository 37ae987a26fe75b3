"""Tokens in the spelling of another language: what they are, what was meant, and what to write."""

from __future__ import annotations

import math
import unicodedata
from dataclasses import dataclass

from hpdsl.source import Span
from hpdsl.syntax.findings import CHARACTER, FOREIGN, NUMBER, UNCLOSED_TEXT, Slip
from hpdsl.syntax.tokens import BAD

_OPERATORS = {
    "&&": "and", "||": "or", "&": "and", "|": "or", "!": "not",
    "===": "==", "!==": "!=", "<>": "!=", "=<": "<=", "->": "=>", "^": "**", "...": "..", ":=": "=", "~=": "~",
    "≤": "<=", "≥": ">=", "≠": "!=", "×": "*", "·": "*", "÷": "/", "−": "-", "–": "-", "…": "..",
    "∈": "in", "∧": "and", "∨": "or", "¬": "not", "⇒": "=>", "→": "=>", "∼": "~", "≈": "~",
}  # fmt: skip
_MEANING = {":=": "`x = 2 * y` defines a value", "->": "`a => b` reads as: if a holds, so does b"}
_QUOTES = "“”„‟«»‘’‚‛"
_NUMBER = r"(?>[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)"
# Digits above or below the line and fractions, which are no letters.
_RAISED = "\u00b2\u00b3\u00b9\u00bc-\u00be\u2070-\u2189"
_TAIL = r"(?:\w|\.(?!\.))*(?:(?<=[eE])[+-][0-9]+)?"

# Named patterns tried before the tokens of the grammar, …
BEFORE: tuple[tuple[str, str], ...] = (
    ("BAD_NUMBER", rf"{_NUMBER}(?=[^\W\d{_RAISED}]|\.(?!\.)){_TAIL}|(?<![\w.)\]`])\.[0-9]{_TAIL}"),
    ("BAD_OPERATOR", r"!==|===|&&|\|\||<>|=<|->|\.\.\.|:=|~=|!(?!=)|[&|^≤≥≠×·÷−–…∈∧∨¬⇒→∼≈]"),
    ("BAD_QUOTES", rf"[{_QUOTES}][^{_QUOTES}\"\n]*[{_QUOTES}\"]"),
    ("BAD_SPACE", "[\u00a0\u1680\u2000-\u200d\u202f\u205f\u2060\u3000\ufeff]+"),
)
# … and for what is left then.
AFTER: tuple[tuple[str, str], ...] = (
    ("OPEN_TEXT", r"[\"'`][^\n]*"),
    ("BAD_WORD", r"[^\W\d_a-zA-Z]\w*"),
    ("BAD_CHARACTER", r"\S"),
)


@dataclass(frozen=True, slots=True)
class Repair:
    """A finding, and the token that was meant, of type BAD where that can't be guessed."""

    slip: Slip
    text: str
    type: str = BAD


def repair(kind: str, text: str, span: Span) -> Repair:
    """What is wrong with a misspelt token, and what it must have meant (a sign's or word's type is left open)."""
    match kind:
        case "BAD_NUMBER":
            return _number(text, span)
        case "BAD_OPERATOR":
            return _operator(text, span)
        case "BAD_QUOTES":
            plain = f'"{text[1:-1]}"'
            slip = Slip(CHARACTER, "these quotation marks are typographic", span, help=f"write {plain}")
            return Repair(slip, plain, "STRING")
        case "BAD_SPACE":
            slip = Slip(CHARACTER, f"this blank is {_named(text[0])}", span, help="type an ordinary space")
            return Repair(slip, "")
        case "BAD_WORD":
            help = f"put it in backticks: `{text}`"
            slip = Slip(CHARACTER, f"`{text}` is no plain name", span, "letters outside a-z A-Z 0-9 _", help)
            return Repair(slip, f"`{text}`", "QUOTED")
        case "OPEN_TEXT":
            return _open_text(text, span)
        case _:
            digit = unicodedata.decimal(text, None)
            help = "remove it" if digit is None else f"write {digit}"
            slip = Slip(CHARACTER, f"{_named(text)} means nothing in a .hp file", span, "stray character", help)
            return Repair(slip, text)


def _number(text: str, span: Span) -> Repair:
    """`.5`, `1.` and `1_000` have a value; `0x10`, `10k` and `2x` are given up."""
    try:
        value = float(text) if text.isascii() else math.nan
    except ValueError:
        value = math.nan
    if math.isfinite(value):
        mantissa, _, exponent = text.replace("_", "").lower().partition("e")
        if mantissa.startswith("."):
            mantissa = "0" + mantissa
        if mantissa.endswith("."):
            mantissa += "0"
        plain = f"{mantissa}e{exponent}" if exponent else mantissa
        note = "no digit separators" if "_" in text else "a digit stands on both sides of the point"
        slip = Slip(NUMBER, f"`{text}` is not how a number is written", span, note, f"write {plain}")
        return Repair(slip, plain, "NUMBER")
    digits = text[: next((i for i, c in enumerate(text) if c.isalpha() or c == "_"), len(text))]
    if text[:2].lower() in ("0x", "0b", "0o"):
        try:
            help = f"write {int(text, 0)}"
        except ValueError:  # such as 0x1G
            help = "write the number in decimal"
    elif text[len(digits) :].isidentifier() and text.isascii():
        suffix = text[len(digits) :]
        power = {"k": "e3", "K": "e3", "M": "e6", "G": "e9"}.get(suffix)
        help = f"write {digits}{power} for a number, since suffixes mean nothing, or" if power else "write"
        help += f" {digits} * {suffix} for a product" + ("" if power else "; numbers have no suffixes")
        help += f", and a name that begins with a digit is quoted: `{text}`"
    else:
        help = "write it like 3, 0.5 or 2e-4"
    return Repair(Slip(NUMBER, f"`{text}` is no number", span, help=help), text)


def _operator(text: str, span: Span) -> Repair:
    meant = _OPERATORS[text]
    slip = Slip(FOREIGN, f"`{text}` is no operator here", span, "from another notation", f"write `{meant}`")
    if text in _MEANING:
        slip.help += f" ({_MEANING[text]})"
    return Repair(slip, meant)


def _open_text(text: str, span: Span) -> Repair:
    mark = text[0]
    start = Span(span.start, span.end - (len(text) - len(text.rstrip())))
    if text.startswith("``"):
        place = Span(span.start, span.start + 2)
        return Repair(Slip(UNCLOSED_TEXT, "a quoted name is empty", place, help="write a name, or leave it out"), text)
    what = "quoted name" if mark == "`" else "string"
    help = f"close it with {mark} on the same line"
    return Repair(Slip(UNCLOSED_TEXT, f"this {what} is not closed", start, "runs to the end of the line", help), text)


def _named(character: str) -> str:
    code = f"U+{ord(character):04X}"
    name = unicodedata.name(character, "").lower()
    if character.isascii():
        return f"`{character}`"
    return f"{name} ({code})" if name else code
