"""The layout of expressions: spaces between tokens, and lines that end before operators or inside brackets."""

from __future__ import annotations

import re
from collections.abc import Sequence

from hpdsl.syntax.format_comments import Comments
from hpdsl.syntax.format_layout import Broken, Doc, Group, Indent, Line, Own, Soft, Trailing
from hpdsl.syntax.format_tree import Bracket, Element, last_token
from hpdsl.syntax.tokens import Token, Vocabulary, terminals

_ENDS_OPERAND = terminals("NAME QUOTED NUMBER STRING TRUE FALSE NONE")
_CALLABLE = terminals("NAME QUOTED CHOICE")
_TIGHT_BEFORE = terminals("COMMA DOT COLON")
# The loosest first. A line never ends before those of `_JOINED`, which read better in one piece.
_LEVELS = [
    terminals(level)
    for level in (
        "IMPLIES",
        "IF ELSE",
        "OR",
        "AND",
        "LESSTHAN LE MORETHAN GE EQ NE IN NOT STEP",
        "RANGE",
        "PLUS MINUS",
        "STAR SLASH FLOORDIV PERCENT",
        "POWER",
    )
]
_LEVEL = {sign: k for k, level in enumerate(_LEVELS) for sign in level}
_JOINED = terminals("RANGE POWER STEP")
_SIMPLE = 5  # tokens of an item that may share a line with others: `size = 1 .. 3`

_PLAIN_NAME = re.compile(r"`[A-Za-z_][A-Za-z_0-9]*`")
_PYTHON_VALUES = frozenset({"True", "False", "None"})  # unquoted they are remarked upon


class Expressions:
    """Lays out expressions of one text."""

    def __init__(self, comments: Comments, vocabulary: Vocabulary) -> None:
        self.comments = comments
        self._keywords = vocabulary.keywords

    # ---- tokens ---------------------------------------------------------------------------------------

    def token(self, token: Token, after: bool = True) -> list[Doc]:
        """A token with the comments around it."""
        parts: list[Doc] = [Own(c) for c in self.comments.above(token) if c]
        parts.append(self.spelled(token))
        comment = self.comments.after(token) if after else ""
        return [*parts, Trailing(comment)] if comment else parts

    def spelled(self, token: Token) -> str:
        """The text of a token: `1e5` for `1E5`, "a" for 'a', and no backticks where they change nothing."""
        text = token.text
        if token.type == "NUMBER":
            return text.replace("E", "e")
        if token.type == "STRING" and text[0] == "'" and '"' not in text:
            # An escaped quote needs its backslash no more; a pair of backslashes stays one.
            body = re.sub(r"\\(.)", lambda m: "'" if m[1] == "'" else m[0], text[1:-1])
            return f'"{body}"'
        if token.type == "QUOTED" and _PLAIN_NAME.fullmatch(text):
            name = text[1:-1]
            return text if name in self._keywords or name in _PYTHON_VALUES else name
        return text

    # ---- expressions ----------------------------------------------------------------------------------

    def expression(self, elements: Sequence[Element], hang: bool = True, rigid: bool = False) -> list[Doc]:
        """An expression; further lines are indented where it is to `hang`, and come from brackets only if `rigid`."""
        if len(elements) == 1:
            return self._atom(elements)
        places = _operators(elements)
        if not places:
            return self._atom(elements)
        loosest = min(_LEVEL[_type(elements[k])] for k in places)
        places = [k for k in places if _LEVEL[_type(elements[k])] == loosest]
        parts = self.expression(elements[: places[0]], rigid=rigid)
        rest: list[Doc] = []
        for k, end in zip(places, [*places[1:], len(elements)], strict=True):
            operator = elements[k]
            assert isinstance(operator, Token)
            rest.append(" " if rigid or operator.type in _JOINED else Line())
            rest += self.token(operator)
            begin = k + 1
            if operator.type == "NOT":  # not in
                rest += [" ", *self._atom(elements[begin : begin + 1])]
                begin += 1
            if begin < end:
                rest += [" ", *self.expression(elements[begin:end], rigid=rigid)]
        return [Group([*parts, Indent(rest)] if hang else [*parts, *rest])]

    def _atom(self, elements: Sequence[Element]) -> list[Doc]:
        """Operands and words without operators between them."""
        parts: list[Doc] = []
        for k, element in enumerate(elements):
            if k and _spaced(elements, k):
                parts.append(" ")
            assert isinstance(element, (Token, Bracket))
            parts += self.token(element) if isinstance(element, Token) else [self.bracket(element)]
        return parts

    # ---- brackets -------------------------------------------------------------------------------------

    def bracket(self, bracket: Bracket) -> Group:
        """`( )` or `[ ]`: several short items to a line, longer ones a line each."""
        assert bracket.close is not None
        several = len(bracket.items) > 1
        filled = several and all(map(_simple, bracket.items))
        inner: list[Doc] = []
        for k in range(len(bracket.items)):
            inner.append(Soft() if k and filled else Line(" " if k else ""))
            inner += self._item(bracket, k, filled)
        inner += [Own(c) for c in self.comments.above(bracket.close) if c]
        end: list[Doc] = [Line("")] if inner else []
        return Group([*self.token(bracket.open), Indent(inner), *end, *self.token(bracket.close)])

    def _item(self, bracket: Bracket, k: int, filled: bool) -> list[Doc]:
        """An item with its comma; a comment between the two goes behind the comma."""
        item = bracket.items[k]
        several, last = len(bracket.items) > 1, k == len(bracket.items) - 1
        comma = bracket.commas[k] if k < len(bracket.commas) else None
        if comma is not None and not self.comments.none_at(comma):
            return [*self._valued(item, several), *self.token(comma)]
        comment = self.comments.after(last_token(item))
        parts = self._valued(item, several)
        if not last:
            parts.append(",")
        elif several and not filled:
            parts.append(Broken(","))
        return [*parts, Trailing(comment)] if comment else parts

    def _valued(self, item: Sequence[Element], hang: bool) -> list[Doc]:
        """`e`, `name = e`, or `e: weight`."""
        for k, element in enumerate(item):
            if _type(element) in ("EQUAL", "COLON"):
                assert isinstance(element, Token)
                left = self.expression(item[:k])
                gap = " " if element.type == "EQUAL" else ""
                return [*left, gap, *self.token(element), " ", *self.expression(item[k + 1 :])]
        return self.expression(item, hang)


def _type(element: Element) -> str:
    return element.type if isinstance(element, Token) else ""


def _ends_operand(element: Element) -> bool:
    return isinstance(element, Bracket) or _type(element) in _ENDS_OPERAND


def _operators(elements: Sequence[Element]) -> list[int]:
    """Where operators with an operand before them stand; of `not in`, the place of `not`."""
    places = []
    for k in range(1, len(elements)):
        kind = _type(elements[k])
        if kind in _LEVEL and _ends_operand(elements[k - 1]):
            places.append(k)
        elif kind in _LEVEL and _type(elements[k - 1]) == "RANGE" and kind not in ("PLUS", "MINUS"):
            places.append(k)  # after a range without an upper end; a sign there is one of its number
    return places


def _spaced(elements: Sequence[Element], k: int) -> bool:
    """True where a space stands before an element in an operand."""
    before, element = elements[k - 1], elements[k]
    if _type(before) in ("PLUS", "MINUS"):
        return False  # a sign: what stands here has no operators
    if isinstance(element, Bracket):
        return not (_type(before) in _CALLABLE or isinstance(before, Bracket))
    return _type(element) not in _TIGHT_BEFORE and _type(before) != "DOT"


def _simple(item: Sequence[Element]) -> bool:
    return len(item) <= _SIMPLE and all(isinstance(e, Token) for e in item)
