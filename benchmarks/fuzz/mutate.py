"""Mutations of .hp texts: tokens, subtrees, lines, literals. Each is a function of a random generator."""

from collections.abc import Callable
from dataclasses import fields, is_dataclass
from functools import cache
from random import Random

import damage
from corpus import native
from tokens import joined, tokens

from hpdsl.source import Source
from hpdsl.syntax import nodes
from hpdsl.syntax.parser import parse

Parts = list[tuple[str, str]]
LITERALS = (
    *("0", "-0", "1", "2", "-1", "0.5", "1e-3", "3", "0.1", "100", "1000", "1e5", "64", "1e-300", "5e-324", "1e308"),
    *("1e309", "1e-400", "2**53", "9007199254740993", "4294967296", "1e999999999", "1e16", "0.30000000000000004"),
    *("00012", "1e9", "1e18", "-1e-9", "9" * 400, "0.0", "1.0", "1e2", "2**-1074", "(0 - 0)", "1 / 3", "1e-17"),
    *("true", "false", "none", "inf", "nan", '""', '"\\n"', "[]", "0 .. 1", "1 .. 0", ".. 5", "5 ..", "1e22", "2.5"),
)
_RULES = {
    **dict.fromkeys((nodes.Prior, nodes.Choice, nodes.Union, nodes.Ordered), "prior"),
    **dict.fromkeys((nodes.Item,), "item"),
    **dict.fromkeys((nodes.Branch,), "branch"),
    **dict.fromkeys((nodes.Argument,), "argument"),
    **dict.fromkeys((nodes.Assign,), "assign"),
    **dict.fromkeys((nodes.Range,), "range"),
    **dict.fromkeys(
        (nodes.Path, nodes.Number, nodes.String, nodes.Constant, nodes.Unary, nodes.Binary, nodes.Compare), "expr"
    ),
    **dict.fromkeys((nodes.IfElse, nodes.Call, nodes.Index, nodes.ListExpr), "expr"),
}
_LONGEST_SUBTREE = 240
_WRAPS = (
    ("(", ")"), ("[", "]"), ("-", ""), ("not ", ""), ("when a {\n", "\n}"), ("g {\n", "\n}"), ("g[3] {\n", "\n}"),
    ("c ~ choice {\n  u {\n", "\n}\n v\n}"), ("space t(n) {\n", "\n}\nuse t(2)"), ("abs(", ")"), ("log(", ")"),
    ("active(", ")"), ("len(", ")"), ("require ", ""), ("1 / (", ")"), ("(", ") ** 2"), ("try { ", " }"),
)  # fmt: skip


@cache
def _pool() -> dict[str, list[str]]:
    """Tokens of the corpus by class."""
    found: dict[str, dict[str, None]] = {}
    for text in native():
        for kind, token in tokens(text):
            found.setdefault(kind, {})[token] = None
    found["number"].update(dict.fromkeys(LITERALS))
    return {kind: list(texts) for kind, texts in found.items()}


@cache
def _everything() -> list[str]:
    return [t for kind, texts in _pool().items() if kind not in ("comment", "other") for t in texts[:60]]


@cache
def _subtrees(seed: int) -> list[tuple[str, int, int]]:
    """(rule, start, end) of every subtree of a seed that can be cut out."""
    text = native()[seed]
    found: list[tuple[str, int, int]] = []
    todo: list[object] = list(parse(Source("seed.hp", text))[0].sentences)
    found += [("sentence", s.span.start, s.span.end) for s in todo]  # type: ignore[attr-defined]
    while todo:
        node = todo.pop()
        if isinstance(node, tuple):
            todo += node
        elif is_dataclass(node) and hasattr(node, "span"):
            rule = _RULES.get(type(node))
            if rule is not None:
                found.append((rule, node.span.start, node.span.end))
            todo += [getattr(node, f.name) for f in fields(node)]
    return sorted(set(found))


@cache
def _forest() -> dict[str, list[str]]:
    """The texts of all subtrees by rule."""
    found: dict[str, dict[str, None]] = {}
    for k, text in enumerate(native()):
        for rule, start, end in _subtrees(k):
            if end - start <= _LONGEST_SUBTREE:
                found.setdefault(rule, {})[text[start:end]] = None
    return {rule: list(texts) for rule, texts in found.items()}


def _grafted(rng: Random, seed: int) -> str:
    """A seed with subtrees replaced by others of the same rule."""
    text = native()[seed]
    places = _subtrees(seed)
    if not places:
        return text
    for rule, start, end in sorted(rng.choices(places, k=rng.choice((1, 1, 1, 2, 3))), key=lambda p: -p[1]):
        if end <= len(text):
            text = text[:start] + rng.choice(_forest()[rule]) + text[end:]
    return text


# ---- tokens ---------------------------------------------------------------------------------------------


def _solid(rng: Random, parts: Parts) -> int:
    """The place of a token that is no blank."""
    for _ in range(8):
        k = rng.randrange(len(parts))
        if parts[k][0] != "blank":
            break
    return k


def _alike(rng: Random, parts: Parts) -> None:
    k = _solid(rng, parts)
    kind = parts[k][0]
    same = [t for c, t in parts if c == kind] if rng.random() < 0.6 else _pool().get(kind, [])
    parts[k] = (kind, rng.choice(same or [parts[k][1]]))


def _any(rng: Random, parts: Parts) -> None:
    parts[_solid(rng, parts)] = ("other", rng.choice(_everything()))


def _insert(rng: Random, parts: Parts) -> None:
    parts.insert(rng.randrange(len(parts) + 1), ("other", f" {rng.choice(_everything())} "))


def _delete(rng: Random, parts: Parts) -> None:
    del parts[_solid(rng, parts)]


def _double(rng: Random, parts: Parts) -> None:
    k = _solid(rng, parts)
    parts[k:k] = [parts[k], ("blank", " ")]


def _swap(rng: Random, parts: Parts) -> None:
    a, b = _solid(rng, parts), _solid(rng, parts)
    parts[a], parts[b] = parts[b], parts[a]


def _extreme(rng: Random, parts: Parts) -> None:
    numbers = [k for k, (kind, _) in enumerate(parts) if kind == "number"]
    k = rng.choice(numbers) if numbers else _solid(rng, parts)
    parts[k] = ("number", rng.choice(LITERALS))


def _wrap(rng: Random, parts: Parts) -> None:
    a = _solid(rng, parts)
    b = min(len(parts), a + rng.choice((1, 1, 3, 5, 9, 30)))
    before, after = rng.choice(_WRAPS)
    parts[a:b] = [("other", before), *parts[a:b], ("other", after)]


TOKEN_STEPS: tuple[Callable[[Random, Parts], None], ...] = (
    *(_alike, _alike, _alike, _alike, _extreme, _extreme, _any, _insert, _delete, _double, _swap, _wrap),
)


def steps(rng: Random, text: str, count: int) -> str:
    """A text after some changes of its tokens."""
    parts = tokens(text)
    for _ in range(count):
        if parts:
            rng.choice(TOKEN_STEPS)(rng, parts)
    return joined(parts)


# ---- lines ----------------------------------------------------------------------------------------------


def lines_of(rng: Random, text: str) -> str:
    """A text with lines repeated, removed, moved, or taken from another."""
    lines = text.splitlines(keepends=True) or [""]
    for _ in range(rng.choice((1, 1, 2, 3))):
        k = rng.randrange(len(lines) + 1)
        how = rng.randrange(5)
        if how == 0:
            lines.insert(k, rng.choice(lines or [""]))
        elif how == 1 and k < len(lines):
            del lines[k]
        elif how == 2:
            rng.shuffle(lines)
        elif how == 3:
            lines.insert(k, rng.choice(rng.choice(native()).splitlines(keepends=True) or [""]))
        else:
            lines = [*lines[:k], *rng.choice(native()).splitlines(keepends=True)[:6]]
    return "".join(lines)


def _salad(rng: Random) -> str:
    """Words of the language in any order."""
    return " ".join(rng.choices(_everything(), k=rng.randrange(1, 30)))


def mutant(rng: Random, gentle: bool = False) -> str | bytes:
    """A .hp text, or the bytes of a file; `gentle` ones can mostly be read."""
    kind = rng.random() * (0.62 if gentle else 1.0)
    seed = rng.randrange(len(native()))
    if kind < 0.3:
        return _grafted(rng, seed)
    if kind < 0.5:
        return steps(rng, native()[seed], 1 if gentle else rng.choice((1, 1, 2, 3, 5)))
    if kind < 0.62:
        return lines_of(rng, native()[seed])
    if kind < 0.78:
        return steps(rng, _grafted(rng, seed), rng.choice((1, 2, 3)))
    if kind < 0.84:
        return _salad(rng)
    if kind < 0.90:
        return damage.characters(rng, native()[seed])
    if kind < 0.96:
        return damage.flipped(rng, native()[seed].encode())
    return damage.raw(rng)
