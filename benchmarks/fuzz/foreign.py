"""Mutations of texts in other formats: JSON by structure, the others by tokens and lines, all by bytes."""

import copy
import json
from random import Random
from typing import Any

import damage
from corpus import foreign
from tokens import joined, tokens

_VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, 1, -1, 0.5, 1e308, -0.0, 5e-324, 2**53 + 1, 10**400, float("nan"), float("inf")),
    *("", "a", "0", "1e5", "lambda: 1", "`", "\u0000", "\ud800", "a" * 300, "x.y", "true", "None", [], {}, [[]]),
    *([1, 2], ["a", "a"], {"a": 1}, [None], "[1, 2", "2**10**10", "list(range(10**9))", "x or y", "x" + " + x" * 50),
)
_TEXTS = (
    *("0", "-1", "1e999", "1e-999", "nan", "inf", "{", "}", "[", "]", "|", "&&", "||", "==", "!=", "in"),
    *("c(", ")", "(", "%in%", "%%", "!", '"', "'", "log", "10^400", "9" * 400, "*", "&a", "<<", ": ", "- "),
    *("!!python/object:os.system",),
    *("~", "#", ",", "=", ">", "<", "i", "r", "l", "\t", "[forbidden]", "Conditionals:", "Forbidden:", "2^2^99", "1:9"),
)


def _places(data: Any) -> list[tuple[Any, Any]]:
    """Every (container, key) in JSON data."""
    found: list[tuple[Any, Any]] = []
    todo = [data]
    while todo:
        at = todo.pop()
        keys = list(at) if isinstance(at, dict) else range(len(at)) if isinstance(at, list) else ()
        for key in keys:
            found.append((at, key))
            todo.append(at[key])
    return found


def _restructured(rng: Random, text: str) -> str:
    """JSON with values changed, removed, repeated or moved."""
    data = json.loads(text)
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        places = _places(data)
        if not places:
            break
        at, key = rng.choice(places)
        how = rng.randrange(6)
        if how == 0:
            del at[key]
        elif how in (1, 2):
            at[key] = copy.deepcopy(rng.choice(_VALUES))  # not the very same list at two places
        elif how == 3:
            other, place = rng.choice(places)
            at[key] = json.loads(json.dumps(other[place]))
        elif how == 4 and isinstance(at, list):
            at.insert(rng.randrange(len(at) + 1), json.loads(json.dumps(at[key])))
        elif how == 5 and isinstance(at[key], str):
            at[key] = _tokens(rng, at[key])
        elif isinstance(at[key], (int, float)):
            at[key] = copy.deepcopy(rng.choice(_VALUES[:14]))
    return json.dumps(data)


def _tokens(rng: Random, text: str) -> str:
    parts = tokens(text)
    for _ in range(rng.choice((1, 1, 2, 4))):
        if not parts:
            break
        k = rng.randrange(len(parts))
        how = rng.randrange(5)
        if how == 0:
            del parts[k]
        elif how == 1:
            parts[k] = ("other", rng.choice(_TEXTS))
        elif how == 2:
            parts.insert(k, parts[rng.randrange(len(parts))])
        elif how == 3:
            j = rng.randrange(len(parts))
            parts[k], parts[j] = parts[j], parts[k]
        else:
            same = [t for kind, t in parts if kind == parts[k][0]]
            parts[k] = (parts[k][0], rng.choice(same))
    return joined(parts)


def _lines(rng: Random, text: str, name: str) -> str:
    lines = text.splitlines(keepends=True) or [""]
    other = rng.choice(foreign()[name]).splitlines(keepends=True) or [""]
    k = rng.randrange(len(lines) + 1)
    how = rng.randrange(4)
    if how == 0:
        lines.insert(k, rng.choice(lines))
    elif how == 1:
        lines.insert(k, rng.choice(other))
    elif how == 2:
        lines = [*lines[:k], *lines[k + 1 :]]
    else:
        rng.shuffle(lines)
    return "".join(lines)


def mutant(rng: Random) -> tuple[str, str | bytes]:
    """A format, and a text in it that was changed."""
    name = rng.choice(list(foreign()))
    text = rng.choice(foreign()[name])
    kind = rng.random()
    if kind < 0.55 and text.lstrip()[:1] == "{" and name in ("configspace", "optuna", "t1"):
        return name, _restructured(rng, text)
    if kind < 0.75:
        return name, _tokens(rng, text)
    if kind < 0.88:
        return name, _lines(rng, text, name)
    if kind < 0.92:
        return name, damage.characters(rng, text)
    if kind < 0.97:
        return name, damage.flipped(rng, text.encode())
    return name, damage.raw(rng)
