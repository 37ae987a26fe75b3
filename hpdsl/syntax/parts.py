"""What parser callbacks hand each other: tokens, nodes, and the small pieces that become fields of nodes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias, TypeVar

from hpdsl.diagnostics import Label
from hpdsl.source import Span
from hpdsl.syntax import nodes
from hpdsl.syntax.findings import DEPTH, MODIFIER, Slip
from hpdsl.syntax.tokens import Token

Parts: TypeAlias = list[Any]  # what a rule matched, in order

MAX_EXPRESSION_DEPTH = 100


@dataclass(frozen=True, slots=True)
class Suffix:
    """`in`, `step` after a prior, `default`, `when`, `unit` after a sentence, with the value."""

    word: str
    value: Any
    span: Span


@dataclass(frozen=True, slots=True)
class Weight:
    """`: e` after an item or a branch."""

    value: nodes.Expr
    span: Span


@dataclass(frozen=True, slots=True)
class Group:
    """Parts between brackets, without brackets and commas."""

    parts: tuple[Any, ...]
    span: Span
    round: bool = False
    """Whether the brackets are ( )."""


def span(parts: Sequence[Any]) -> Span:
    """From the first part to the last."""
    return Span(parts[0].span.start, parts[-1].span.end)


def listed(parts: Parts) -> tuple[Any, ...]:
    """The parts that are no tokens: the elements of a list without its brackets and commas."""
    return tuple([p for p in parts if not isinstance(p, Token)])


def group(parts: Parts) -> Group:
    """Arguments, sentences of a block, or what else stands between brackets."""
    return Group(listed(parts), span(parts), isinstance(parts[0], Token) and parts[0].text == "(")


def plain(token: Token) -> str:
    """The name a token stands for, without backticks."""
    return token.text[1:-1] if token.type == "QUOTED" else token.text


def once(suffixes: Iterable[Suffix]) -> dict[str, Any]:
    """Values by word; a repeated word is an error."""
    found: dict[str, Suffix] = {}
    for s in suffixes:
        if s.word in found:
            first = Label(found[s.word].span, "first here")
            message = f"`{s.word}` stands twice in this sentence"
            raise Slip(MODIFIER, message, s.span, "repeated here", "keep one of them", (first,))
        found[s.word] = s
    return {word: s.value for word, s in found.items()}


class _Spanned(Protocol):
    @property
    def span(self) -> Span: ...


_Node = TypeVar("_Node", bound=_Spanned)


def bounded(node: _Node) -> _Node:
    """Return a sentence whose expressions are not nested too deeply; nested sentences were checked before."""
    if node.span.end - node.span.start <= MAX_EXPRESSION_DEPTH:
        return node
    stack: list[tuple[Any, int]] = [(node, 0)]
    while stack:
        at, depth = stack.pop()
        if depth > MAX_EXPRESSION_DEPTH:
            message = f"this expression is nested more than {MAX_EXPRESSION_DEPTH} deep"
            raise Slip(DEPTH, message, at.span, help="name its parts: part = …, and combine the names; or use sum([…])")
        for name, value in vars(at).items():
            if isinstance(value, tuple):
                if name not in ("body", "orelse"):
                    stack.extend((v, depth + 1) for v in value if hasattr(v, "span"))
            elif hasattr(value, "span"):
                stack.append((value, depth + 1))
    return node
