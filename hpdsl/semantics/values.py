"""Values of a configuration as text, for messages."""

from __future__ import annotations

import math

from hpdsl.semantics.model import Model, Parameter, Symbol
from hpdsl.semantics.typed import number, show


def shown_values(model: Model, columns: frozenset[int], row: dict[int, float]) -> str:
    """The values at some columns, as text; those of a list as a list where the row has all of them."""
    owners = model.by_column()
    symbols = {s.path: s for s in model.symbols}
    lists = {m: c for c in model.collections if c.kind in ("array", "subset") and not c.groups for m in c.members}
    parts: dict[str, str] = {}
    for column in sorted(columns):
        symbol = owners[column]
        if math.isnan(row.get(column, math.nan)):
            continue
        whole = lists.get(symbol.path)
        found = [_shown(symbols[m], row) for m in whole.members] if whole is not None else []
        if whole is None or (whole.kind == "subset" and None in found):
            text = _shown(symbol, row)
            if text is not None:
                parts[symbol.key] = text
        elif whole.kind == "subset":
            chosen = [show(v) for v, text in zip(whole.values, found, strict=True) if text == "true"]
            parts[symbol.key.rpartition("[")[0]] = f"[{', '.join(chosen)}]"
        else:
            parts[symbol.key.rpartition("[")[0]] = f"[{', '.join(text for text in found if text is not None)}]"
    return " and ".join(f"{key} = {text}" for key, text in parts.items())


def _shown(symbol: Symbol, row: dict[int, float]) -> str | None:
    """The value of a symbol; None where it is inactive."""
    x = row.get(symbol.main, math.nan)
    if math.isnan(x):
        return None
    if isinstance(symbol, Parameter) and symbol.code is not None and symbol.items is not None:
        item = symbol.items.items[int(row[symbol.code])]
        if not hasattr(item, "dist"):
            return show(item)
        x = row[symbol.value] if symbol.value is not None else x
    return show(bool(x)) if symbol.kind == "bool" else number(x)


def value_text(value: object) -> str:
    """A value of a configuration as a .hp file writes it, lists and groups too."""
    if isinstance(value, list):
        return f"[{', '.join(map(value_text, value))}]"
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{k} = {value_text(v)}' for k, v in value.items())} }}"
    return show(value)
