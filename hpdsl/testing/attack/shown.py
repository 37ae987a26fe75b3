"""What a counterexample says: the values that matter, as text and as remarks at the sentences they come from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from hpdsl.configs import Config, Configs
from hpdsl.diagnostics import Label
from hpdsl.semantics.evaluate import Row, active_piece
from hpdsl.semantics.model import Derived, Parameter, Symbol
from hpdsl.semantics.places import address
from hpdsl.semantics.undefined import cause
from hpdsl.semantics.values import value_text
from hpdsl.semantics.witness import ancestors
from hpdsl.terms import Evaluator, columns_of
from hpdsl.testing.attack.arena import Arena
from hpdsl.testing.landmarks import written

# Longest text of one value, most values in a line, and most remarks.
LONGEST, MOST, MOST_LABELS = 120, 12, 12


@dataclass(frozen=True)
class Shown:
    """The values that make a claim fail.

    `text` names all that it follows from, but for parameters at a written default unless those are all; `claimed` what
    the claim reads; `labels` stand at the priors of the former. `undefined` says why the claim has no value, and is
    empty where it is false.
    """

    text: str
    claimed: str
    undefined: str
    labels: tuple[Label, ...]


def shown(arena: Arena, row: Row) -> Shown:
    """What to say of a refuting row."""
    model = arena.model
    matrix = np.array([row.get(c, np.nan) for c in range(model.n_columns)])[:, None]
    config = Configs(model, matrix)[0]
    claim = arena.claim
    columns = columns_of(claim.condition) | (claim.guard.columns() if claim.guard else frozenset())
    owners = model.by_column()
    claimed = [owners[c] for c in sorted(columns)]
    plain = arena.decode(arena.base[:, None])[:, 0]
    needed = ancestors(model.symbols, columns)
    sources = {s.path for s in needed}
    moving = [model.parameters[i] for i in arena.moving]
    moved = [p for p in moving if _differs(p, row, plain) or (p.path in sources and not written(p))]
    read = [s for s in claimed if isinstance(s, Parameter)]
    lists = {m: str(address(c.steps)[0]) for c in model.collections for m in c.members}
    at = Evaluator(row)
    labels: dict[str, Label] = {}
    for p in [*moved, *read]:
        piece = active_piece(p, at)
        for key in _keys([p], lists, config):
            if piece is not None and key not in labels and len(labels) < MOST_LABELS:
                labels[key] = Label(piece.span, _said([key], config))
    together = _keys([*moved, *claimed], lists, config) or _keys(needed, lists, config)
    return Shown(
        _said(together, config),
        _said(_keys(claimed, lists, config), config),
        cause(claim.condition, at),
        tuple(labels.values()),
    )


def _differs(p: Parameter, row: Row, plain: Any) -> bool:
    return any(c is not None and c in row and row[c] != plain[c] for c in (p.value, p.code))


def _keys(symbols: Iterable[Symbol], lists: dict[str, str], config: Config) -> list[str]:
    """The keys of a configuration under which symbols stand, in its order; inactive and hidden ones have none."""
    found = set()
    for s in symbols:
        if s.path in lists:
            key = lists[s.path]
        elif len(address(s.steps)) > 1:
            key = str(address(s.steps)[0])
        else:
            key = s.key
        if key in config and not (isinstance(s, Derived) and s.hidden):
            found.add(key)
    return [key for key in config if key in found]


def _said(keys: Sequence[str], config: Config) -> str:
    said = " and ".join(f"{key} = {_cut(value_text(config[key]))}" for key in keys[:MOST])
    return said if len(keys) <= MOST else f"{said} and {len(keys) - MOST} more"


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
