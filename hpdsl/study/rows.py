"""Trials as rows of the table and back, checked, because a store may come from anyone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from hpdsl.study import codec
from hpdsl.study.faults import damaged
from hpdsl.study.trial import STATES, Trial

_TIME = (float, int, type(None))
_KINDS: dict[str, Any] = {
    "number": int,
    "state": str,
    "config": str,
    "value": (str, type(None)),
    "outcomes": str,
    "started": _TIME,
    "ended": _TIME,
    "duration": _TIME,
    "reason": str,
    "output": str,
}


def to_row(trial: Trial) -> dict[str, Any]:
    """The row of a trial."""
    return {
        "number": trial.number,
        "state": trial.state,
        "config": codec.dump(trial.config),
        "value": None if trial.value is None else codec.number_text(trial.value),
        "outcomes": codec.dump(trial.outcomes),
        "started": trial.started,
        "ended": trial.ended,
        "duration": trial.duration,
        "reason": trial.reason,
        "output": trial.output,
    }


def from_row(row: dict[str, Any], path: Path | None) -> Trial:
    """The trial of a row; `StoreError` where the row makes no sense."""
    try:
        for column, kinds in _KINDS.items():
            if not isinstance(row[column], kinds):
                raise ValueError(f"{column} is {row[column]!r}")
        trial = Trial(**row)
        if trial.state not in STATES:
            raise ValueError(f"state is {trial.state!r}")
        value = None if row["value"] is None else codec.number_of(row["value"])
        outcomes = {k: float(v) for k, v in codec.parse_dict(row["outcomes"]).items()}
        return replace(trial, config=codec.parse_dict(row["config"]), value=value, outcomes=outcomes)
    except (ValueError, TypeError) as error:
        raise damaged(path, f"trial {row['number']}: {str(error)[:200]}") from None
