"""Going on after a syntax error: the sentence (or branch, or assignment) at fault is taken out of the tokens.

Where the fault is in what stands before a `{ }`, the block stays and is checked on: a header that parses takes
the place of the faulty one, and the sentence is left out of the tree afterwards.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from hpdsl.syntax import nodes
from hpdsl.syntax.parts import plain
from hpdsl.syntax.tokens import BAD, Token


@dataclass
class Losses:
    """What recovery gave up: names in lost text, and where sentences begin whose header was replaced."""

    names: set[str] = field(default_factory=set)
    starts: set[int] = field(default_factory=set)

    def add_names(self, tokens: Iterable[Token]) -> None:
        """Remember every name among tokens that are given up."""
        self.names.update(plain(t) for t in tokens if t.is_word)


def cleaned(tokens: list[Token], losses: Losses) -> list[Token]:
    """The tokens without the sentences that hold a BAD token."""
    while True:
        at = next((i for i, t in enumerate(tokens) if t.type == BAD), None)
        if at is None:
            return tokens
        tokens = without_item(tokens, at, losses)


def without_item(tokens: list[Token], at: int, losses: Losses) -> list[Token]:
    """The tokens without the innermost sentence, branch or assignment around position `at`."""
    block = _enclosing(tokens, at)
    kind = tokens[block - 1].keyword if block > 0 else None
    begin, end = _item(tokens, at, block, kind)
    losses.add_names(tokens[begin:end])
    brace = next((i for i in range(begin, end) if tokens[i].type == "LBRACE"), None)
    if brace is not None and at <= brace and _can_stand_in(tokens, begin, brace, kind, losses):
        kept = _stub(tokens, begin, brace, end, kind == "CHOICE", losses)
    elif kind == "CHOICE" and tokens[begin].is_word and begin + 1 < end:
        kept = [_name(tokens[begin])]
    else:
        if block >= 0:
            tokens[block].thinned = True
        if end < len(tokens) and tokens[end].type in ("NEWLINE", "COMMA"):
            end += 1
        elif begin > 0 and tokens[begin - 1].type in ("NEWLINE", "COMMA"):
            begin -= 1
        kept = []
    return tokens[:begin] + kept + tokens[end:]


def _enclosing(tokens: list[Token], at: int) -> int:
    """Where the `{` of the innermost block around a position stands, or -1."""
    opened: list[int] = []
    for i, token in enumerate(tokens[:at]):
        if token.type == "LBRACE":
            opened.append(i)
        elif token.type == "RBRACE" and opened:
            opened.pop()
    if opened and at < len(tokens) and tokens[at].type == "RBRACE" and opened[-1] == at - 1:
        opened.pop()  # nothing is in the block, so what holds the block is at fault
    return opened[-1] if opened else -1


def item_range(tokens: list[Token], at: int) -> tuple[int, int]:
    """Where the innermost sentence, branch or assignment around a position begins and ends."""
    block = _enclosing(tokens, at)
    return _item(tokens, at, block, tokens[block - 1].keyword if block > 0 else None)


def _item(tokens: list[Token], at: int, block: int, kind: str | None) -> tuple[int, int]:
    with_commas = kind in ("CHOICE", "TRY")
    begin = block + 1
    braces = soft = 0  # soft brackets may be unclosed; then the newline or `}` after them closes them
    for i in range(begin, len(tokens)):
        type = tokens[i].type
        if braces == 0 and (type in ("NEWLINE", "RBRACE") or (type == "COMMA" and with_commas and soft == 0)):
            if i >= at:
                return begin, i
            begin = i + 1
        if type in ("NEWLINE", "LBRACE", "RBRACE"):
            soft = 0
            braces += (type == "LBRACE") - (type == "RBRACE")
        else:
            soft = max(soft + (type in ("LPAR", "LSQB")) - (type in ("RPAR", "RSQB")), 0)
    return begin, len(tokens)


def _can_stand_in(tokens: list[Token], begin: int, brace: int, kind: str | None, losses: Losses) -> bool:
    """True where another header helps: not where one was tried, nor where no sentence or branch may stand."""
    if kind == "CHOICE":
        return brace > begin + 1
    return kind != "TRY" and tokens[brace - 1].keyword != "TRY" and tokens[begin].start not in losses.starts


def _stub(tokens: list[Token], begin: int, brace: int, end: int, is_branch: bool, losses: Losses) -> list[Token]:
    """An item with a header that parses, and its block as it was."""
    close = _matching(tokens, brace)
    start = tokens[begin].start
    tail: list[Token] = []
    if is_branch:
        header = [_name(tokens[begin]) if tokens[begin].is_word else Token("NAME", "_", start, start)]
    elif tokens[brace - 1].keyword == "CHOICE":
        header = [Token("NAME", "_", start, start), Token("TILDE", "~", start, start), tokens[brace - 1]]
        losses.starts.add(start)
    else:
        header = [Token("NAME", "when", start, start, "WHEN"), Token("NAME", "true", start, start, "TRUE")]
        losses.starts.add(start)
        if close + 1 < end and tokens[close + 1].keyword == "ELSE":
            tail = tokens[close + 1 : end]
    return [*header, *tokens[brace : close + 1], *tail]


def _name(token: Token) -> Token:
    return Token("QUOTED" if token.type == "QUOTED" else "NAME", token.text, token.start, token.end)


def _matching(tokens: list[Token], brace: int) -> int:
    depth = 0
    for i in range(brace, len(tokens)):
        depth += (tokens[i].type == "LBRACE") - (tokens[i].type == "RBRACE")
        if depth == 0:
            return i
    return len(tokens) - 1


def without_lost(sentences: Iterable[nodes.Sentence], starts: set[int]) -> tuple[nodes.Sentence, ...]:
    """The sentences but those whose header was replaced, in blocks too."""
    return tuple(_pruned(s, starts) for s in sentences if s.span.start not in starts)


def _pruned(sentence: nodes.Sentence, starts: set[int]) -> nodes.Sentence:
    if isinstance(sentence, nodes.When):
        body, orelse = without_lost(sentence.body, starts), without_lost(sentence.orelse, starts)
        return replace(sentence, body=body, orelse=orelse)
    if isinstance(sentence, (nodes.Group, nodes.Template, nodes.Use)):
        return replace(sentence, body=without_lost(sentence.body, starts))
    if isinstance(sentence, nodes.Parameter) and isinstance(sentence.prior, nodes.Union):
        branches = tuple(replace(b, body=without_lost(b.body, starts)) for b in sentence.prior.branches)
        return replace(sentence, prior=replace(sentence.prior, branches=branches))
    return sentence
