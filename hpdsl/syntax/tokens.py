"""`Token`, and the vocabulary: which text is which terminal of the grammar."""

from __future__ import annotations

import re
from collections.abc import Iterable

from lark.lexer import TerminalDef

from hpdsl.source import Span

BAD = "BAD"  # the type of a token whose sentence is given up; the finding has been made
BLANK = "BLANK"  # the end of an empty line
DOC = "DOC"  # a `##` comment; its text has no `##`


def terminals(names: str) -> frozenset[str]:
    """A set of terminals, from their names with blanks between."""
    return frozenset(names.split())


class Token:
    """A piece of text with its terminal.

    `keyword` is the terminal a word has where the parser can accept it; `doc` is the `##` text of the sentence
    that the token opens; `thinned` marks a `{` whose block lost something to error recovery.
    """

    __slots__ = ("doc", "end", "keyword", "start", "text", "thinned", "type")

    # What Lark borrows for its end token.
    start_pos = line = column = end_line = end_column = end_pos = None

    def __init__(self, type: str, text: str, start: int, end: int, keyword: str | None = None) -> None:
        self.type = type
        self.text = text
        self.start = start
        self.end = end
        self.keyword = keyword
        self.doc = ""
        self.thinned = False

    def __repr__(self) -> str:
        return f"Token({self.type}, {self.text!r}, {self.start})"

    @property
    def span(self) -> Span:
        """Where it stands."""
        return Span(self.start, self.end)

    @property
    def is_word(self) -> bool:
        """True for a name, quoted or not, and for a keyword."""
        return self.keyword is not None or self.type in ("NAME", "QUOTED")


class Vocabulary:
    """The terminals of the grammar by kind: keywords, signs, and patterns."""

    def __init__(self, terminals: Iterable[TerminalDef]) -> None:
        self.keywords: dict[str, str] = {}
        self.signs: dict[str, str] = {}
        self.patterns: dict[str, str] = {}
        for terminal in terminals:
            value = terminal.pattern.value
            if terminal.pattern.type == "re":
                self.patterns[terminal.name] = value
            elif value.isidentifier():
                self.keywords[value] = terminal.name
            else:
                self.signs[value] = terminal.name
        self.spelling = {name: text for text, name in (self.keywords | self.signs).items()}

    def sign_pattern(self) -> str:
        """A regular expression that matches the longest sign."""
        return "|".join(re.escape(s) for s in sorted(self.signs, key=len, reverse=True))
