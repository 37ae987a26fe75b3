"""Comments and empty lines, tied to the tokens they stand at."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from hpdsl.syntax.tokens import BLANK, DOC, Token

EMPTY = ""  # an empty line among the comments above a token


@dataclass(slots=True)
class Around:
    """What stands at a token: lines of their own `above` it, and a comment `after` it on its line."""

    above: list[str] = field(default_factory=list)
    after: str = ""


class Comments:
    """Comments of a text; each is handed out once."""

    def __init__(self, text: str, tokens: Iterable[Token]) -> None:
        self.all: list[str] = []
        self._at: dict[int, Around] = {}
        self._last: Token | None = None  # the last token on the line at hand
        self._ended = False  # a `;` follows it
        self._bare = True  # nothing but `;` stands on this line
        self._above: list[str] = []
        position = 0
        for token in tokens:
            self._between(text[position : token.start])
            position = token.end
            if token.type in ("NEWLINE", BLANK):
                self._line_end(token)
            elif token.type == DOC:
                # After `;` it documents the next sentence, not the one before.
                if self._ended:
                    self._last = None
                self._comment(text[token.start : token.end].rstrip())
            else:
                self._at[token.start] = Around(self._above)
                self._above, self._last, self._ended, self._bare = [], token, False, False
        self._between(text[position:])
        self.end = self._above

    def above(self, token: Token) -> list[str]:
        """The lines above a token, `EMPTY` for empty ones."""
        around = self._at[token.start]
        lines, around.above = around.above, []
        return lines

    def after(self, token: Token) -> str:
        """The comment at the end of a token's line, or an empty text."""
        around = self._at[token.start]
        text, around.after = around.after, ""
        return text

    def between(self, opened: Token, closed: Token) -> bool:
        """True where a comment stands in a pair of brackets that holds nothing else."""
        return bool(self._at[opened.start].after) or any(self._at[closed.start].above)

    def none_at(self, token: Token) -> bool:
        """True where no comment stands at a token."""
        around = self._at[token.start]
        return not around.after and not any(around.above)

    def _between(self, gap: str) -> None:
        at = gap.find("#")
        if at >= 0:
            self._comment(gap[at:].rstrip())

    def _comment(self, text: str) -> None:
        self.all.append(text)
        self._bare = False
        if self._last is None:
            self._above.append(text)
        else:
            self._at[self._last.start].after = text

    def _line_end(self, token: Token) -> None:
        if token.text == ";":
            self._ended = True
            return
        if self._bare:
            self._above.append(EMPTY)
        self._last, self._ended, self._bare = None, False, True
