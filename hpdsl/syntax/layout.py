"""Newlines, brackets and `##` lines: a flat list of tokens becomes sentences.

A newline or `;` ends a sentence, except inside ( ) and [ ], after `{` or `,`, and before a line that continues
the sentence (`_CONTINUING`). What remains of NEWLINE tokens separates sentences inside `{ }`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice, pairwise, takewhile

from hpdsl.diagnostics import Label
from hpdsl.syntax.findings import DEPTH, SIZE, UNCLOSED, UNEXPECTED, UNOPENED, Findings
from hpdsl.syntax.tokens import BAD, BLANK, DOC, Token, terminals

MAX_DEPTH = 100
MAX_SENTENCES = 20_000

_CLOSER = {"(": ")", "[": "]", "{": "}"}
_OPERATORS = terminals(
    "PLUS MINUS STAR SLASH PERCENT POWER FLOORDIV LESSTHAN LE MORETHAN GE EQ NE IMPLIES AND OR NOT IN IF ELSE"
)
_CONTINUING_SIGNS = (_OPERATORS | {"COLON", "RANGE"}) - {"AND", "OR", "NOT", "IN", "IF", "ELSE"}
_CONTINUING_WORDS = terminals("DEFAULT UNIT STEP IN AND OR NOT IF ELSE")
_OPERATOR_WORDS = terminals("AND OR NOT IN IF ELSE")
_MODIFIERS = _CONTINUING_WORDS | {"WHEN"}
OPENERS = terminals(
    "REQUIRE FORBID WHEN TEMPLATE USE IMPORT ASSERT CORRELATE GIVEN FIDELITY MINIMIZE MAXIMIZE SUBJECT TRY"
)
_ENDS_OPERAND = frozenset({"NAME", "QUOTED", "NUMBER", "STRING", "RPAR", "RSQB", BAD})
_END = Token("$END", "", 0, 0)


class Fatal(Exception):
    """The text goes beyond a limit."""


@dataclass(slots=True)
class _Open:
    """An open bracket; `kind` is its sign, or for `{` what stands before it; `bad`: something in it is reported."""

    token: Token
    kind: str
    indent: int = 0
    outside: Token | None = None  # the first line inside that is not indented deeper than the bracket's
    bad: bool = False


@dataclass(slots=True)
class _Level:
    """The sentence at hand in a block: the token that opened it, and its number of `else when`."""

    head: Token | None = None
    chained: int = 0


@dataclass
class Laid:
    """The outermost sentences of a file, and the `##` text at its head that belongs to none."""

    sentences: list[list[Token]] = field(default_factory=list)
    doc: str = ""


def lay_out(tokens: list[Token], findings: Findings) -> Laid:
    """Cut tokens into sentences; raise `Fatal` beyond the limits of depth and number."""
    _settle_words(tokens)
    layout = _Layout(findings)
    for token, following in pairwise([*tokens, _END]):
        layout.feed(token, following)
    return layout.finish()


def _settle_words(tokens: list[Token]) -> None:
    """Make names of the words that what follows shows to be names.

    So is `if` at the beginning of a line with a `{`: it is meant to open a block, and must not continue the line
    before.
    """
    for i, token in enumerate(tokens):
        if token.keyword == "IF" and (i == 0 or tokens[i - 1].type in ("NEWLINE", BLANK)):
            rest = takewhile(
                lambda t: t.type not in ("NEWLINE", BLANK) and t.keyword != "ELSE", islice(tokens, i, None)
            )
            if any(t.type == "LBRACE" for t in rest):
                token.keyword = None
    for token, following in pairwise([*tokens, _END]):
        if token.keyword is None:
            continue
        word = token.text
        if (
            (following.text in ("~", "=") and word not in ("true", "false", "none"))
            or (word in ("int", "increasing", "decreasing") and not following.is_word)
            or (word == "choice" and following.text not in ("(", "{"))
            or (word == "subject" and following.text != "to")
        ):
            token.keyword = None


class _Layout:
    def __init__(self, findings: Findings) -> None:
        self.findings = findings
        self.laid = Laid()
        self.out: list[Token] = []
        self.stack: list[_Open] = []
        self.levels = [_Level()]  # the sentence at hand, for each open `{`
        self.previous: Token | None = None
        self.newline: Token | None = _END  # the last newline, until something follows it
        self.pending: list[str] = []  # `##` lines that wait for their sentence
        self.count = 0

    # ---- what comes -----------------------------------------------------------------------------------

    def feed(self, token: Token, following: Token) -> None:
        """Take the next token."""
        if token.type in ("NEWLINE", BLANK):
            if token.type == BLANK:
                self._blank_line()
            if self.newline is None or token.text == ";":
                self.newline = token
        elif token.type == DOC:
            self._doc(token)
        else:
            if self.newline is not None:
                self._line_start(token, following)
            elif self.previous is not None and self.previous.type == "RBRACE" and self._follows_block(token):
                self._separate(token)
            self.newline = None
            self._token(token)
            if token.keyword == "ELSE" and following.keyword == "WHEN":
                self.levels[-1].chained += 1

    def finish(self) -> Laid:
        """Close what is open, and return the sentences."""
        self._close_soft()
        while self.stack:
            self._unclosed_block(self.stack.pop())
        self._end_sentence()
        if self.count == 0 and self.pending:
            self._blank_line()
        return self.laid

    # ---- documentation --------------------------------------------------------------------------------

    def _blank_line(self) -> None:
        if self.count == 0 and self.pending:
            self.laid.doc = "\n".join([*([self.laid.doc] if self.laid.doc else []), *self.pending])
        self.pending.clear()

    def _doc(self, token: Token) -> None:
        if self.newline is not None:
            self.pending.append(token.text)
            return
        head = next((level.head for level in reversed(self.levels) if level.head is not None), None)
        if head is not None:
            head.doc = f"{head.doc}\n{token.text}" if head.doc else token.text

    # ---- newlines -------------------------------------------------------------------------------------

    def _line_start(self, token: Token, following: Token) -> None:
        """Decide whether the newline before a token ends the sentence at hand."""
        if self._in_soft() and self._shows_unclosed(token, following):
            self._close_soft()
        if self._in_soft() or self.previous is None or token.type == "RBRACE":
            return
        if self.stack:
            self._compare_indent(token)
        if token.type == "LBRACE" and self.previous.type not in ("LBRACE", "NEWLINE"):
            help = "put `{` at the end of the line before"
            self.findings.error(UNEXPECTED, "a line begins with `{`", token.span, "the sentence has ended", help)
            return
        declares = token.is_word and following.text in ("~", "=")
        if self.previous.type == "LBRACE" or (self.previous.type == "COMMA" and following.text != "~"):
            return
        hard = self.newline is not None and self.newline.text == ";"
        if not hard and not declares and self._continues(token):
            return
        if not hard and not declares and self._operator_at_end(token, following):
            return
        self._separate(token)

    def _continues(self, token: Token) -> bool:
        if token.type in _CONTINUING_SIGNS:
            return True
        in_choice = bool(self.stack) and self.stack[-1].kind == "choice"  # words are labels there
        return token.keyword in _CONTINUING_WORDS and not in_choice

    def _operator_at_end(self, token: Token, following: Token) -> bool:
        """Report a line that ends with an operator and join it to the next, unless that begins a sentence."""
        last = self.previous
        assert last is not None
        ends = last.type in _OPERATORS | {"EQUAL", "TILDE"} or last.keyword in _OPERATOR_WORDS
        if not ends or token.keyword in OPENERS or following.text == "{":
            return False
        where = "at the end of the line, where the sentence ends too"
        help = "put it at the start of the next line, or put ( ) around the expression"
        if last.type in ("EQUAL", "TILDE"):
            help = f"continue on the same line after `{last.text}`"
        self.findings.error(UNEXPECTED, f"`{last.text}` stands {where}", last.span, "what follows is missing", help)
        return True

    def _follows_block(self, token: Token) -> bool:
        """True where a `}` and a word on the same line are two sentences, or two branches."""
        if not token.is_word:
            return False
        in_choice = bool(self.stack) and self.stack[-1].kind == "choice"
        return in_choice or token.keyword not in _MODIFIERS

    def _separate(self, token: Token) -> None:
        if not self.stack:
            self._end_sentence()
        elif self.previous is not None and self.previous.type != "NEWLINE":
            where = self.newline if self.newline is not None and self.newline is not _END else token
            self._emit(Token("NEWLINE", "", where.start, where.start))
        self.levels[-1] = _Level()

    def _end_sentence(self) -> None:
        if self.out:
            self.laid.sentences.append(self.out)
        self.out, self.previous, self.levels = [], None, [_Level()]

    # ---- brackets -------------------------------------------------------------------------------------

    def _token(self, token: Token) -> None:
        if not self._in_soft() and self.levels[-1].head is None and token.type != "RBRACE":
            self._head(token)
        self.pending.clear()
        if token.text in _CLOSER and token.type != BAD:
            self._open(token)
        elif token.type in ("RPAR", "RSQB"):
            self._close(token)
        elif token.type == "RBRACE" and not self._close_block(token):
            return
        elif token.type == BAD and self.stack:
            self.stack[-1].bad = True
        self._emit(token)

    def _emit(self, token: Token) -> None:
        self.out.append(token)
        self.previous = token

    def _head(self, token: Token) -> None:
        self.levels[-1].head = token
        token.doc = "\n".join(self.pending)
        self.count += 1
        if self.count > MAX_SENTENCES:
            message = f"the file has more than {MAX_SENTENCES:,} sentences"
            self.findings.error(SIZE, message, token.span, help="split the space into smaller ones")
            raise Fatal

    def _open(self, token: Token) -> None:
        kind = token.text
        if kind == "{":
            self._close_soft()
            before = self.previous
            kind = before.text if before is not None and before.keyword in ("CHOICE", "TRY") else "block"
            self.levels.append(_Level())
        self.stack.append(_Open(token, kind, self._indent(token) if token.text == "{" else 0))
        if len(self.stack) + sum(level.chained for level in self.levels) > MAX_DEPTH:
            message = f"brackets (and `else when`) are nested more than {MAX_DEPTH} deep"
            self.findings.error(DEPTH, message, token.span, help="name the inner parts: part = …")
            raise Fatal

    def _close(self, token: Token) -> None:
        if not self._in_soft():
            note = f"there is no `{'(' if token.text == ')' else '['}` before it"
            self.findings.error(UNOPENED, f"`{token.text}` closes nothing", token.span, note, "remove it")
            token.type = BAD
            return
        opened = self.stack.pop()
        wanted = _CLOSER[opened.kind]
        if wanted != token.text:
            self.findings.error(
                UNOPENED,
                f"`{opened.kind}` is closed by `{token.text}`",
                token.span,
                f"`{wanted}` was due",
                self._closing(opened, token, wanted),
                Label(opened.token.span, "opened here"),
            )
            token.type = BAD
        if (opened.bad or token.type == BAD) and self.stack:
            self.stack[-1].bad = True

    def _close_block(self, token: Token) -> bool:
        """Take a `}`; return False for one that closes nothing."""
        self._close_soft()
        if not self.stack:
            self.findings.error(UNOPENED, "`}` closes nothing", token.span, "no block is open here", "remove it")
            self.newline = None
            self._end_sentence()
            return False
        self.stack.pop()
        self.levels.pop()
        return True

    def _closing(self, opened: _Open, token: Token, wanted: str) -> str:
        """What to write where a bracket is closed by another kind."""
        if opened.kind == "[" and token.text == ")":
            return "write `( … )` around the ends of a range, which always belong to it, or `]` to close a list"
        return f"write `{wanted}`; the ends of a range always belong to it"

    def _in_soft(self) -> bool:
        return bool(self.stack) and self.stack[-1].kind in ("(", "[")

    def _shows_unclosed(self, token: Token, following: Token) -> bool:
        """True where a line can't stand inside ( ) or [ ], so that a bracket before it was left open."""
        if not token.is_word:
            return False
        if following.text == "~":
            return True
        if token.keyword in OPENERS and (following.is_word or following.type == "NUMBER"):
            return True
        before = self.previous
        # `step` and `in` may follow a prior on a line of their own.
        inside = token.keyword in _OPERATOR_WORDS or token.keyword == "STEP"
        return before is not None and before.type in _ENDS_OPERAND and not inside

    def _close_soft(self) -> None:
        """Report the ( and [ that are still open, and give their sentence up."""
        while self._in_soft():
            opened = self.stack.pop()
            closer = _CLOSER[opened.kind]
            end = self.previous.end if self.previous is not None else opened.token.end
            if not opened.bad:
                self.findings.error(
                    UNCLOSED,
                    f"`{opened.kind}` is never closed",
                    opened.token.span,
                    f"its `{closer}` is missing",
                    f"write `{closer}` where the expression ends",
                )
            if self.stack:
                self.stack[-1].bad = True
            self._emit(Token(BAD, "", end, end))
        if self.stack and self.stack[-1].bad:
            self.stack[-1].bad = False

    def _unclosed_block(self, opened: _Open) -> None:
        labels: tuple[Label, ...] = ()
        if opened.outside is not None:
            labels = (Label(opened.outside.span, "this line seems to stand outside the block"),)
        help = "write `}` on a line of its own where the block ends"
        self.findings.error(UNCLOSED, "`{` is never closed", opened.token.span, "its `}` is missing", help, *labels)
        start = opened.token.start
        self.out.insert(self.out.index(opened.token), Token(BAD, "", start, start))
        end = self.out[-1].end
        if self.out[-1].type == "NEWLINE":
            self.out.pop()
        self._emit(Token("RBRACE", "", end, end))

    def _indent(self, token: Token) -> int:
        """Column of the first thing on a token's line, from 0."""
        source = self.findings.source
        line = source.line(source.position(token.start)[0])
        return len(line) - len(line.lstrip())

    def _compare_indent(self, token: Token) -> None:
        opened = self.stack[-1]
        if opened.outside is None and self.findings.source.position(token.start)[1] - 1 <= opened.indent:
            opened.outside = token
