"""Values of a configuration as text, for messages."""

from __future__ import annotations

import math

from hpdsl.semantics.model import Model, Parameter
from hpdsl.semantics.typed import number, show


def shown_values(model: Model, columns: frozenset[int], row: dict[int, float]) -> str:
    """The values at some columns, as text."""
    owners = model.by_column()
    parts: dict[str, str] = {}
    for column in sorted(columns):
        symbol = owners[column]
        x = row.get(column, math.nan)
        if math.isnan(x):
            continue
        if isinstance(symbol, Parameter) and column == symbol.code and symbol.items is not None:
            item = symbol.items.items[int(x)]
            if not hasattr(item, "dist"):
                parts[symbol.key] = show(item)
        elif symbol.kind == "bool":
            parts[symbol.key] = show(bool(x))
        else:
            parts.setdefault(symbol.key, number(x))
    return " and ".join(f"{key} = {text}" for key, text in parts.items())


def value_text(value: object) -> str:
    """A value of a configuration as a .hp file writes it, lists and groups too."""
    if isinstance(value, list):
        return f"[{', '.join(map(value_text, value))}]"
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{k} = {value_text(v)}' for k, v in value.items())} }}"
    return show(value)
