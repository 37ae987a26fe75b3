"""Trials as a pandas table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from hpdsl.study.trial import Trial

if TYPE_CHECKING:
    import pandas as pd

_BEFORE = ("number", "state", "value")
_AFTER = ("duration", "reason")


def to_pandas(trials: Sequence[Trial], objectives: tuple[str, ...]) -> pd.DataFrame:
    """One row for each trial; integers and truth that can be absent get the nullable types."""
    import pandas as pd

    keys = list(dict.fromkeys(k for t in trials for k in t.config))
    names = list(dict.fromkeys(n for t in trials for n in t.outcomes))
    columns: dict[str, Any] = {name: [getattr(t, name) for t in trials] for name in _BEFORE}
    if len(objectives) == 1:
        columns["value"] = pd.Series(columns["value"], dtype="float64")
        names = [n for n in names if n not in objectives]
    else:
        del columns["value"]
        names = list(dict.fromkeys([*objectives, *names]))
    for key in keys:
        shown = f"config.{key}" if key in (*_BEFORE, *_AFTER) else key
        columns[shown] = _column([t.config.get(key) for t in trials])
    for name in names:
        shown = f"outcomes.{name}" if name in columns or name in _AFTER else name
        columns[shown] = pd.Series([t.outcomes.get(name) for t in trials], dtype="float64")
    columns["duration"] = pd.Series([t.duration for t in trials], dtype="float64")
    columns["reason"] = [t.reason for t in trials]
    return pd.DataFrame(columns)


def _column(values: list[Any]) -> Any:
    import pandas as pd

    kinds = {type(v) for v in values if v is not None}
    if None in values and kinds == {int}:
        return pd.Series(values, dtype="Int64")
    if None in values and kinds == {bool}:
        return pd.Series(values, dtype="boolean")
    if None in values and kinds == {float}:
        return pd.Series(values, dtype="float64")
    return values
