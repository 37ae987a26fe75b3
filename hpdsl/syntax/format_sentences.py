"""The layout of sentences and blocks: what stands on one line, and what is aligned with its neighbours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from hpdsl.syntax.format_comments import EMPTY, Comments
from hpdsl.syntax.format_expressions import Expressions
from hpdsl.syntax.format_layout import STEP, WIDTH, Body, Doc, Indent, Line, Soft, flat, write
from hpdsl.syntax.format_rows import WIDE, Row, aligned
from hpdsl.syntax.format_tree import Block, Element, Statement, first_token, last_token
from hpdsl.syntax.tokens import Token, terminals

_CLAIMS = terminals("REQUIRE FORBID ASSERT")
_OPENERS = terminals("WHEN TEMPLATE USE IMPORT CORRELATE GIVEN FIDELITY MINIMIZE MAXIMIZE SUBJECT TRY")
_JOINTS = terminals("TILDE EQUAL BY COST")
_CONTINUING = terminals("DEFAULT UNIT STEP")  # as names, they must not begin a line


@dataclass(slots=True)
class _Parts:
    """A statement cut up: the name before `~` or `=`, text and blocks in turn, and modifiers or a message."""

    kind: str
    name: list[Doc] = field(default_factory=list)
    body: list[list[Doc] | Block] = field(default_factory=list)
    tails: list[tuple[bool, list[Doc]]] = field(default_factory=list)
    """Whether a line may end before it, and its text."""

    @property
    def gap(self) -> str:
        return " " if self.kind in ("claim", "branch", "declaration") else WIDE


class Sentences:
    """Lays out the sentences of one text."""

    def __init__(self, text: str, comments: Comments, expressions: Expressions) -> None:
        self._text = text
        self._comments = comments
        self._expressions = expressions

    def lines(self, statements: Sequence[Statement], indent: int, kind: str, end: list[str]) -> list[str]:
        """The lines of a file or of the inside of a block of a kind; `end` holds the comments at its end."""
        out: list[str] = []
        run: list[Row] = []
        pending: list[str] = []

        def put(lines: Sequence[str]) -> None:
            if lines:
                out.extend(aligned(run, indent))
                run.clear()
            out.extend(lines)

        for k, statement in enumerate(statements):
            above = pending + self._comments.above(first_token(statement))
            put([" " * indent + line if line else EMPTY for line in above])
            comment, pending = self._behind(statement)
            if k and kind != "choice":
                _keep_apart(first_token(statement))
            parts = self._cut(statement, kind)
            row = self._row(parts, comment)
            if row is None or indent + len(row.text) > WIDTH:
                *lines, last = self._spread(parts, indent)
                put([*lines, f"{last}{WIDE}{comment}" if comment else last])
                continue
            if run and run[-1].kind != row.kind:
                out.extend(aligned(run, indent))
                run.clear()
            run.append(row)
        out.extend(aligned(run, indent))
        run.clear()
        put([" " * indent + line if line else EMPTY for line in pending + end])
        return _trimmed(out)

    def _behind(self, statement: Statement) -> tuple[str, list[str]]:
        """The comment at the end of a statement, and those at its comma that need lines of their own."""
        comment = self._comments.after(last_token(statement.elements))
        if statement.comma is None:
            return comment, []
        above = [c for c in self._comments.above(statement.comma) if c]
        behind = self._comments.after(statement.comma)
        if not comment and not above:
            return behind, []
        return comment, [*above, *([behind] if behind else [])]

    # ---- one statement --------------------------------------------------------------------------------

    def _cut(self, statement: Statement, context: str) -> _Parts:
        elements = statement.elements
        parts = _Parts(_kind(statement, context))
        tails = _tails(elements, parts.kind)
        body = elements[: tails[0]] if tails else elements
        if parts.kind == "declaration":
            at = next(k for k, e in enumerate(body) if isinstance(e, Token) and e.type in ("TILDE", "EQUAL"))
            parts.name = self._expressions.expression(body[:at])
            body = body[at:]
        start = 0
        for k, element in enumerate(body):
            if isinstance(element, Block):
                if k > start:
                    parts.body.append(self._text_of(body[start:k], parts.kind))
                parts.body.append(element)
                start = k + 1
        if start < len(body):
            parts.body.append(self._text_of(body[start:], parts.kind))
        for begin, stop in pairwise([*tails, len(elements)]):
            tail = elements[begin:stop]
            assert isinstance(tail[0], Token)
            parts.tails.append((tail[0].type != "WHEN", self._expressions.expression(tail)))
        return parts

    def _text_of(self, elements: Sequence[Element], kind: str) -> list[Doc]:
        """What stands between blocks: expressions, and the signs and words that join them."""
        parts: list[Doc] = []
        start = 0
        for k, element in enumerate([*elements, None]):
            joint = element.type if isinstance(element, Token) else ""
            if element is not None and joint not in _JOINTS | {"COMMA", "COLON"}:
                continue
            if k > start:
                parts += [" "] if parts else []
                parts += self._expressions.expression(elements[start:k], rigid=kind == "branch")
            if isinstance(element, Token):
                parts += [" "] if parts and joint in _JOINTS else []
                parts += self._expressions.token(element)
            start = k + 1
        return parts

    # ---- on one line ----------------------------------------------------------------------------------

    def _row(self, parts: _Parts, comment: str) -> Row | None:
        """A statement on one line; None where that is too long, or where a comment or a block has several."""
        name, body = flat(parts.name), self._flat_body(parts.body)
        tails = [flat(docs) for _, docs in parts.tails]
        if name is None or body is None or any(t is None for t in tails):
            return None
        behind = WIDE.join(t for t in tails if t)
        if parts.kind == "declaration":
            cells = [name, body, behind]
        elif parts.kind == "branch" and isinstance(parts.body[-1], Block):
            cells = [self._flat_body(parts.body[:-1]) or "", self._flat_block(parts.body[-1]) or ""]
        else:
            cells = [body, behind]
        row = Row(parts.kind, cells, parts.gap, comment)
        return row if len(row.text) <= WIDTH else None

    def _flat_body(self, body: Sequence[list[Doc] | Block]) -> str | None:
        texts = [self._flat_block(b) if isinstance(b, Block) else flat(b) for b in body]
        return None if any(t is None for t in texts) else " ".join(t for t in texts if t)

    def _flat_block(self, block: Block) -> str | None:
        """A block that was written on one line; None for another, and where it is too long."""
        assert block.close is not None
        if not block.statements and not self._comments.between(block.open, block.close):
            return "{}"
        if "\n" in self._text[block.open.start : block.close.end]:
            return None
        texts = []
        for statement in block.statements:
            row = self._row(self._cut(statement, block.kind), "")
            if row is None:
                return None
            texts.append(row.text)
        inside = ("; " if block.kind == "block" else ", ").join(texts)
        return f"{{ {inside} }}" if len(inside) <= WIDTH else None

    # ---- on several lines -----------------------------------------------------------------------------

    def _spread(self, parts: _Parts, indent: int) -> list[str]:
        """The lines of a statement that has no place on one."""
        out: list[Doc] = [*parts.name]
        for piece in parts.body:
            out += [" "] if out else []
            out += self._block(piece, indent) if isinstance(piece, Block) else piece
        for may_break, docs in parts.tails:
            gap = " " if parts.kind == "claim" else WIDE
            out.append(Indent([Soft(gap) if may_break else gap, *docs]))
        return write(out, indent)

    def _block(self, block: Block, indent: int) -> list[Doc]:
        assert block.close is not None
        opened = self._expressions.token(block.open)
        end = self._comments.above(block.close)
        inside = self.lines(block.statements, indent + STEP, block.kind, end)
        if not inside and len(opened) == 1:
            return ["{", *self._expressions.token(block.close)]
        return [*opened, Body(inside), Line(), *self._expressions.token(block.close)]


def _kind(statement: Statement, context: str) -> str:
    """What a statement is aligned with."""
    if context == "choice":
        return "branch"
    first = statement.elements[0]
    word = first.type if isinstance(first, Token) else ""
    if word in _CLAIMS:
        return "claim"
    if word in _OPENERS:
        return "objective" if word in ("MINIMIZE", "MAXIMIZE") else word.lower()
    declares = any(isinstance(e, Token) and e.type in ("TILDE", "EQUAL") for e in statement.elements)
    return "declaration" if declares else "group"


def _tails(elements: Sequence[Element], kind: str) -> list[int]:
    """Where modifiers stand, or the message of a claim."""
    if kind == "branch":
        return []
    words = terminals("COLON") if kind == "claim" else terminals("DEFAULT WHEN UNIT")
    places = []
    for k, element in enumerate(elements):
        before = elements[k - 1] if k else None
        chained = isinstance(before, Token) and before.type == "ELSE"
        if k and isinstance(element, Token) and element.type in words and not chained:
            places.append(k)
    return places


def _keep_apart(first: Token) -> None:
    """Quote a name that would continue the line before, now that it begins one."""
    if first.type == "NAME" and first.keyword in _CONTINUING:
        first.text, first.type = f"`{first.text}`", "QUOTED"


def _trimmed(lines: list[str]) -> list[str]:
    """The lines without empty ones at both ends, and with one in the place of several."""
    kept: list[str] = []
    for line in lines:
        if line != EMPTY or (kept and kept[-1] != EMPTY):
            kept.append(line)
    return kept[:-1] if kept and kept[-1] == EMPTY else kept
