"""Text to tokens, and the lexer that tells Lark which words are keywords.

Lark's own contextual lexer compiles one regular expression for each set of terminals that a parser state
accepts, some tens of them. Here one expression finds all tokens before the parse, so that slips in them are
reported together; a word's terminal is settled during the parse, from what the state accepts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from lark.common import LexerConf
from lark.lexer import Lexer

from hpdsl.source import Span
from hpdsl.syntax.findings import CHARACTER, SIZE, SPELLING, Findings, Slip
from hpdsl.syntax.misspellings import AFTER, BEFORE, repair
from hpdsl.syntax.tokens import BAD, BLANK, DOC, Token, Vocabulary, terminals

# C0 and C1 controls but tab and newline, a carriage return alone, line separators, direction overrides, and
# halves of a surrogate pair.
_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]|\r(?!\n)"
)
_RESERVED = terminals("TRUE FALSE NONE AND OR NOT IN IF ELSE")  # no names, but for what layout settles
# Words and signs of a sentence, blocks not counted; a line of several times as many is not read to its end.
MAX_WORDS = 25_000
_STOP = 2 * MAX_WORDS
_PYTHON_VALUES = {"True": "true", "False": "false", "None": "none"}


class KeywordLexer(Lexer):
    """Feeds prepared tokens to the parser; a word becomes a keyword where the parser can accept it."""

    __future_interface__ = 2

    def __init__(self, conf: LexerConf) -> None:
        self.vocabulary = Vocabulary(conf.terminals)
        self._pattern = _master_pattern(self.vocabulary)

    def lex(self, lexer_state: Any, parser_state: Any) -> Iterator[Any]:
        """Yield the tokens of one sentence (the state's "text")."""
        states = parser_state.parse_conf.states
        for token in lexer_state.text:
            keyword = token.keyword
            if keyword is not None:
                accepted = keyword in states[parser_state.position] or keyword in _RESERVED
                token.type = keyword if accepted else "NAME"
            yield token

    def scan(self, text: str, findings: Findings) -> list[Token]:
        """All tokens of a text, with NEWLINE, BLANK (an empty line) and DOC (`##`) among them.

        Stops early once there are more findings than are shown, or on a line that is no sentence at such a length.
        """
        text = _without_controls(text, findings)
        keywords, signs = self.vocabulary.keywords, self.vocabulary.signs
        tokens: list[Token] = []
        fresh = True  # nothing stands on this line yet
        first = 0  # the token at which the line, or a block on it, began
        for match in self._pattern.finditer(text):
            kind = match.lastgroup or ""
            start, end = match.span(kind)
            value = text[start:end]
            if kind == "NAME":
                tokens.append(Token("NAME", value, start, end, keywords.get(value)))
                if value in _PYTHON_VALUES:
                    _hint(tokens[-1], findings)
            elif kind == "SIGN":
                tokens.append(Token(signs[value], value, start, end))
                if value in "{}":
                    first = len(tokens)
            elif kind == "NEWLINE":
                tokens.append(Token(BLANK if fresh and value != ";" else "NEWLINE", value, start, end))
                fresh = True
                first = len(tokens)
                continue
            elif kind == "COMMENT":
                if value.startswith("##") and not value.startswith("###"):
                    tokens.append(Token(DOC, value[2:].strip(), start, end))
            elif kind in self.vocabulary.patterns:
                tokens.append(Token(kind, value, start, end))
            elif kind != "END":
                self._misspelt(kind, Token(BAD, value, start, end), tokens, findings)
                if findings.overflow is not None:
                    break
            fresh = False
            if len(tokens) > first + _STOP:
                too_long(tokens[first:], findings)
                break
        return tokens

    def _misspelt(self, kind: str, token: Token, tokens: list[Token], findings: Findings) -> None:
        """Report a token of no terminal, and add what was meant in its place."""
        if kind == "BAD_WORD" and tokens and tokens[-1].end == token.start and tokens[-1].type in ("NAME", "NUMBER"):
            first = tokens.pop()
            token = Token(BAD, first.text + token.text, first.start, token.end)
        meant = repair(kind, token.text, Span(token.start, token.end))
        findings.add(meant.slip)
        if kind == "BAD_SPACE":
            return
        token.text, token.type = meant.text, meant.type
        if kind == "BAD_OPERATOR":
            token.keyword = self.vocabulary.keywords.get(meant.text)
            token.type = "NAME" if token.keyword else self.vocabulary.signs[meant.text]
        tokens.append(token)


def _master_pattern(vocabulary: Vocabulary) -> re.Pattern[str]:
    """One expression for every token, after the blanks before it; some alternative matches anywhere."""
    groups = [*BEFORE]
    groups += [(name, pattern) for name, pattern in vocabulary.patterns.items() if name != "SPACE"]
    groups += [("SIGN", vocabulary.sign_pattern()), *AFTER, ("END", r"\Z")]
    named = "|".join(f"(?P<{name}>{pattern})" for name, pattern in groups)
    return re.compile(f"(?:{vocabulary.patterns['SPACE']})?(?:{named})")


def too_long(tokens: list[Token], findings: Findings) -> bool:
    """Report a sentence that would take too long to parse."""
    count = 0
    for token in tokens:
        count = 0 if token.type in ("NEWLINE", "LBRACE", "RBRACE") else count + 1
        if count > MAX_WORDS:
            message = f"a sentence of more than {MAX_WORDS:,} words and signs"
            findings.error(SIZE, message, token.span, "too long", "split it: name its parts, `part = …`")
            return True
    return False


def _without_controls(text: str, findings: Findings) -> str:
    """The text with a blank in the place of every forbidden character, each reported."""
    if text.startswith("\ufeff"):
        text = " " + text[1:]
    for match in _FORBIDDEN.finditer(text):
        what = "a carriage return without a newline" if match[0] == "\r" else f"the character U+{ord(match[0]):04X}"
        findings.error(
            CHARACTER,
            f"{what} can't stand in a .hp file",
            Span(*match.span()),
            "not allowed, not in strings or comments either",
            "remove it",
        )
        if findings.overflow is not None:
            break
    return _FORBIDDEN.sub(" ", text)


def _hint(token: Token, findings: Findings) -> None:
    value = _PYTHON_VALUES[token.text]
    slip = Slip(
        SPELLING,
        f"`{token.text}` is an ordinary name",
        token.span,
        "a name or label, not a value",
        f'write {value} for the value; for the label, write "{token.text}" in quotes',
    )
    findings.add(slip, "warning")
