"""The parser: Lark with the parse tables saved in hpdsl/grammar/hpdsl.json.

`python -m hpdsl.syntax.tables` rewrites that file from hpdsl.lark. Tables of another version of Lark are left
aside, and the parser is built from the grammar instead, which takes some tenths of a second.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from types import SimpleNamespace
from typing import Any

import lark

from hpdsl.syntax import expressions, priors, sentences
from hpdsl.syntax.lexer import KeywordLexer

# Every token reaches the callbacks, since they need the spans.
_OPTIONS: dict[str, Any] = {
    "parser": "lalr",
    "lexer": KeywordLexer,
    "keep_all_tokens": True,
    "maybe_placeholders": False,
}
_CALLBACKS = SimpleNamespace(**expressions.CALLBACKS, **priors.CALLBACKS, **sentences.CALLBACKS)


@cache
def language() -> lark.Lark:
    """The parser of one sentence, from the saved tables where they fit."""
    try:
        return load(json.loads(_file("hpdsl.json").read_text("utf-8")))
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return build()


def build() -> lark.Lark:
    """The parser, from the grammar."""
    return lark.Lark(_file("hpdsl.lark").read_text("utf-8"), transformer=_CALLBACKS, **_OPTIONS)


def dump(parser: lark.Lark) -> dict[str, Any]:
    """A parser's tables as JSON data; keys that are numbers become strings, and the lexer is left out."""
    data, memo = parser.memo_serialize([lark.lexer.TerminalDef, lark.grammar.Rule])
    data["options"] = {k: v for k, v in data["options"].items() if k in _OPTIONS and k != "lexer"}
    data["parser"]["lexer_conf"]["lexer_type"] = None
    data["parser"]["parser"] = _renumbered(data["parser"]["parser"])
    return json.loads(json.dumps({"lark": lark.__version__, "data": data, "memo": memo}))  # type: ignore[no-any-return] # a dict


def _renumbered(table: dict[str, Any]) -> dict[str, Any]:
    """The table with symbols in alphabetical order and states in breadth-first order, whatever the hash seed."""
    states = {s: {table["tokens"][k]: act for k, act in row.items()} for s, row in table["states"].items()}
    number: dict[int, int] = {}
    queue = list(table["start_states"].values())
    while queue:
        state = queue.pop(0)
        if state not in number:
            number[state] = len(number)
            queue += [target for _, (is_reduce, target) in sorted(states[state].items()) if not is_reduce]
    symbols = sorted(table["tokens"].values())
    index = {name: i for i, name in enumerate(symbols)}
    rows: dict[int, dict[int, Any]] = {}
    for state in number:
        row = sorted((index[name], act) for name, act in states[state].items())
        rows[number[state]] = {i: (kind, to if kind else number[to]) for i, (kind, to) in row}
    ends = {key: {name: number[s] for name, s in table[key].items()} for key in ("start_states", "end_states")}
    return {**table, "tokens": dict(enumerate(symbols)), "states": rows, **ends}


def load(saved: dict[str, Any]) -> lark.Lark:
    """A parser from saved tables; ValueError where another version of Lark wrote them."""
    if saved["lark"] != lark.__version__:
        raise ValueError(f"the tables were written by Lark {saved['lark']}")
    data = saved["data"]
    data["options"] |= {"lexer": KeywordLexer, "transformer": _CALLBACKS}
    data["parser"]["lexer_conf"]["lexer_type"] = KeywordLexer
    table = data["parser"]["parser"]
    table["tokens"] = _numbered(table["tokens"])
    table["states"] = {int(n): _numbered(actions) for n, actions in table["states"].items()}
    return lark.Lark.load({"data": data, "memo": _numbered(saved["memo"])})


def _numbered(table: dict[str, Any]) -> dict[int, Any]:
    return {int(key): value for key, value in table.items()}


def _file(name: str) -> Traversable:
    return files("hpdsl.grammar") / name


def main() -> None:
    """Rewrite the saved tables."""
    text = json.dumps(dump(build()), separators=(",", ":"))
    with open(str(_file("hpdsl.json")), "w", encoding="utf-8") as out:
        out.write(text + "\n")


if __name__ == "__main__":
    main()
