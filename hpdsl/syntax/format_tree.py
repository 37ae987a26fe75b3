"""Sentences as trees of tokens, brackets and blocks: all the structure that the layout of a text depends on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from hpdsl.syntax.tokens import Token


@dataclass(slots=True)
class Bracket:
    """`( )` or `[ ]`, with a comma after every item but perhaps the last."""

    open: Token
    items: list[list[Element]] = field(default_factory=list)
    commas: list[Token] = field(default_factory=list)
    close: Token | None = None


@dataclass(slots=True)
class Statement:
    """A sentence, a branch or an assignment; `comma`: what separates it from the next, in a `choice` or `try`."""

    elements: list[Element] = field(default_factory=list)
    comma: Token | None = None


@dataclass(slots=True)
class Block:
    """`{ }`; `kind` is "choice", "try" or "block"."""

    open: Token
    kind: str
    statements: list[Statement] = field(default_factory=list)
    close: Token | None = None


Element: TypeAlias = Token | Bracket | Block


def first_token(statement: Statement) -> Token:
    """The token that opens a statement."""
    element = statement.elements[0]
    return element if isinstance(element, Token) else element.open


def last_token(elements: Sequence[Element]) -> Token:
    """The token that ends a statement or an item."""
    element = elements[-1]
    if isinstance(element, Token):
        return element
    assert element.close is not None
    return element.close


def read_statement(tokens: list[Token]) -> Statement:
    """The tree of one outermost sentence whose tokens have been parsed."""
    statement, at = _statement(tokens, 0, "block")
    assert at == len(tokens)
    return statement


def _statement(tokens: list[Token], at: int, kind: str) -> tuple[Statement, int]:
    """The statement that begins at a position, and where it ends."""
    statement = Statement()
    while at < len(tokens):
        token = tokens[at]
        if token.type in ("NEWLINE", "RBRACE") or (token.type == "COMMA" and kind != "block"):
            break
        element, at = _element(tokens, at)
        statement.elements.append(element)
    return statement, at


def _element(tokens: list[Token], at: int) -> tuple[Element, int]:
    token = tokens[at]
    if token.type in ("LPAR", "LSQB"):
        return _bracket(tokens, at)
    if token.type == "LBRACE":
        return _block(tokens, at)
    return token, at + 1


def _bracket(tokens: list[Token], at: int) -> tuple[Bracket, int]:
    bracket = Bracket(tokens[at])
    at += 1
    item: list[Element] = []
    while tokens[at].type not in ("RPAR", "RSQB"):
        if tokens[at].type == "COMMA":
            bracket.items.append(item)
            bracket.commas.append(tokens[at])
            item = []
            at += 1
        else:
            element, at = _element(tokens, at)
            item.append(element)
    if item:
        bracket.items.append(item)
    bracket.close = tokens[at]
    return bracket, at + 1


def _block(tokens: list[Token], at: int) -> tuple[Block, int]:
    before = tokens[at - 1].type
    block = Block(tokens[at], before.lower() if before in ("CHOICE", "TRY") else "block")
    at += 1
    while tokens[at].type != "RBRACE":
        if tokens[at].type == "NEWLINE":
            at += 1
            continue
        statement, at = _statement(tokens, at, block.kind)
        if tokens[at].type == "COMMA":
            statement.comma = tokens[at]
            at += 1
        block.statements.append(statement)
    block.close = tokens[at]
    return block, at + 1
