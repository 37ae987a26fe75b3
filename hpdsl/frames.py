"""Batches as pandas DataFrames; pandas is imported only here."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hpdsl.configs import Configs, Value, keys, native
from hpdsl.semantics.model import Derived, Model, Symbol
from hpdsl.semantics.places import address


def to_pandas(model: Model, matrix: NDArray[np.float64]) -> pd.DataFrame:
    """One column for each key; the branches of a union that share a key fill one column."""
    by_key: dict[str, list[Symbol]] = {}
    for s in model.written:
        if len(address(s.steps)) == 1:
            by_key.setdefault(s.key, []).append(s)
    flat = {key: _series(matrix, symbols) for key, symbols in by_key.items()}
    if not model.collections:
        return pd.DataFrame(flat)
    configs = list(Configs(model, matrix))
    # Lists have no type of their own in a DataFrame.
    lists = {k: pd.Series([c.get(k) for c in configs], dtype="object") for k in keys(model) if k not in flat}
    return pd.DataFrame({k: flat[k] if k in flat else lists[k] for k in keys(model)})


def _series(matrix: NDArray[np.float64], symbols: list[Symbol]) -> pd.Series:
    n = matrix.shape[1]
    active = np.zeros(n, dtype=np.bool_)
    values: list[Value] = [None] * n
    for s in symbols:
        convert = native(s)
        nothing = np.full(n, np.nan)
        value, code = nothing, nothing
        if isinstance(s, Derived):
            value = matrix[s.column]
        else:
            value = matrix[s.value] if s.value is not None else nothing
            code = matrix[s.code] if s.code is not None else nothing
        here = ~np.isnan(matrix[s.main])
        for k in np.flatnonzero(here):
            values[k] = convert(float(value[k]), float(code[k]))
        active |= here
    present = [v for v, a in zip(values, active, strict=True) if a]
    if present and all(isinstance(v, bool) for v in present):
        return pd.Series(values, dtype="boolean" if not active.all() else "bool")
    if present and all(isinstance(v, int) and not isinstance(v, bool) for v in present):
        return pd.Series(values, dtype="Int64" if not active.all() else "int64")
    if present and all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in present):
        return pd.Series([np.nan if v is None else v for v in values], dtype="float64")
    if present and all(isinstance(v, str) for v in present):
        return pd.Series(values, dtype="category")
    return pd.Series(values, dtype="object")
