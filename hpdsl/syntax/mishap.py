"""`Mishap`: where a parse stopped, and the words for what it found and what could have stood there."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from hpdsl.source import Span
from hpdsl.syntax.findings import INCOMPLETE, UNEXPECTED, Slip
from hpdsl.syntax.recovery import item_range
from hpdsl.syntax.tokens import Token, Vocabulary

# In the order they are listed.
_SIGNS = ("RPAR", "RSQB", "TILDE", "EQUAL", "COMMA", "COLON", "RANGE", "LPAR", "LBRACE", "RBRACE", "TO", "AS")
_VALUE = frozenset({"NAME", "NUMBER", "STRING"})

# How each sentence is written, for help lines.
FORMS = {
    "require": 'require x <= y : "what a user sees when it fails"',
    "forbid": 'forbid x > y : "what a user sees when it holds"',
    "assert": "assert x <= 10",
    "when": "when x > 0 { … }, or after a sentence: y ~ uniform(0, 1) when x > 0",
    "correlate": "correlate a, b = 0.5",
    "given": "given n in 1 .. 64 = 32",
    "space": "space name(n) { … }",
    "use": "use name(n = 3)",
    "import": 'import "file.hp" as name',
    "fidelity": "fidelity epochs = 1 .. 27 by 3",
    "minimize": "minimize loss",
    "maximize": "maximize accuracy",
    "subject": "subject to latency <= 40",
    "try": "try { a = 1, b.c = 2 }",
}


class Mishap:
    """A token that can't stand where it stands."""

    def __init__(self, tokens: list[Token], at: int, state: Any, vocabulary: Vocabulary) -> None:
        self.tokens = tokens
        self.at = at
        self.vocabulary = vocabulary
        self._state = state
        self.begin, self.end = item_range(tokens, at)

    @property
    def found(self) -> Token | None:
        """The token, or None at the end of the sentence."""
        token = self.tokens[self.at] if self.at < len(self.tokens) else None
        return None if token is None or token.type == "NEWLINE" else token

    @property
    def text(self) -> str:
        """The text of the token, "" at the end of the sentence."""
        return self.found.text if self.found is not None else ""

    def near(self, distance: int) -> str:
        """The text of the token so far away in the same sentence, or ""."""
        i = self.at + distance
        inside = self.begin <= i < max(self.end, self.at + 1) and i < len(self.tokens)
        return self.tokens[i].text if inside and self.tokens[i].type != "NEWLINE" else ""

    @property
    def before(self) -> Token | None:
        """The token before it in the same sentence."""
        return self.tokens[self.at - 1] if self.at > self.begin else None

    @property
    def line(self) -> list[Token]:
        """The tokens of the sentence (or branch, or assignment) at fault."""
        return self.tokens[self.begin : self.end]

    @property
    def head(self) -> Token:
        """The first token of the sentence."""
        return self.tokens[min(self.begin, len(self.tokens) - 1)]

    @property
    def place(self) -> int:
        """The position in the sentence, from 0."""
        return self.at - self.begin

    @property
    def ends(self) -> bool:
        """True where the sentence ends, by a newline or by the `}` around it."""
        return self.found is None or (self.found.type == "RBRACE" and self.place > 0)

    @property
    def span(self) -> Span:
        """The token's span; the point after the last token at the end of the sentence."""
        if self.found is not None and not self.ends:
            return self.found.span
        last = self.tokens[min(self.at, len(self.tokens)) - 1]
        return Span(last.end, last.end)

    def rest(self) -> str:
        """The text from the token to the end of the sentence or to its first modifier."""
        text, end = "", None
        for token in self.tokens[self.at : self.end]:
            if token.keyword in ("DEFAULT", "WHEN", "UNIT"):
                break
            text += " " if end is not None and token.start > end else ""
            text += token.text
            end = token.end
        return text

    def shown(self) -> str:
        """The token in words."""
        if self.found is None:
            return "the end of the sentence"
        if self.found.type == "STRING":
            return "a string"
        return f"`{self.found.text}`" if self.found.text else "the end of the file"

    @cached_property
    def accepts(self) -> frozenset[str]:
        """The terminals that could have stood here: those that a shift follows once all reductions are made."""
        states = self._state.parse_conf.states
        stack = self._state.state_stack
        return frozenset(t for t in states[stack[-1]] if t.isupper() or t == "$END" if _shifts(states, stack, t))

    @property
    def could_end(self) -> bool:
        """True where the sentence is complete before the token."""
        return not self.accepts.isdisjoint({"$END", "NEWLINE", "RBRACE"}) and self.place > 0

    def expected(self) -> str:
        """What could have stood here, in words."""
        accepts = self.accepts
        words: list[str] = []
        if accepts >= _VALUE:
            words.append("a value")
        elif {"INT", "CHOICE"} <= accepts:
            words.append("a prior")
        elif "STRING" in accepts and "NAME" not in accepts:
            words.append("a text in quotes")
        elif "NAME" in accepts:
            words.append("a name")
        signs = _SIGNS if "a value" not in words else _SIGNS[:2]
        words += [f"`{self.vocabulary.spelling[s]}`" for s in signs if s in accepts][: 4 - len(words)]
        if "PLUS" in accepts and "a value" not in words:
            words.append("an operator")
        if self.could_end and "`}`" not in words:
            words.append("the end of the sentence")
        if not words:
            words = [f"`{self.vocabulary.spelling.get(t, t)}`" for t in sorted(accepts - {"$END"})][:3]
        return " or ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))

    def unexpected(self) -> Slip:
        """The finding where nothing special is recognised."""
        form = FORMS.get(self.head.text) if self.head.keyword else None
        wanted = self.expected()
        if form:
            help = f"write it like this: {form}"
        elif wanted == "a value":
            help = "write a value here, such as 1 or a name"
        else:
            help = f"write {wanted} here, or take out what is too much"
        if self.ends:
            return Slip(INCOMPLETE, f"the sentence ends too early: expected {self.expected()}", self.span, "", help)
        message = f"expected {self.expected()}, found {self.shown()}"
        return Slip(UNEXPECTED, message, self.span, "not expected here", help)


def _shifts(states: Any, stack: list[int], terminal: str) -> bool:
    """True where an LALR parser in these states gets to shift a terminal (or to accept, for `$END`).

    The table alone says too much: states that LALR merges share their look-ahead.
    """
    stack = list(stack)
    while terminal in states[stack[-1]]:
        target = states[stack[-1]][terminal][1]
        if isinstance(target, int):
            return True
        del stack[len(stack) - len(target.expansion) :]
        if target.origin.name == "start":
            return True
        stack.append(states[stack[-1]][target.origin.name][1])
    return False
