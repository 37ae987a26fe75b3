"""Stored runs: where they are, and what they say."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).parent / "runs"


def files(paths):
    """The files of runs among files and folders."""
    found = []
    for path in paths:
        found += sorted(path.glob("*.jsonl")) if path.is_dir() else [path] if path.exists() else []
    return found


def stored(paths):
    """The runs in files, by (peer, problem, seed); a line that was cut short is passed over."""
    found = {}
    for path in paths:
        for line in path.read_text().splitlines():
            try:
                run = json.loads(line)
            except ValueError:
                continue
            found[run["peer"], run["problem"], run["seed"]] = run
    return found


def course(run, n):
    """The noise-free value of the best trial told so far, after 1 .. n trials; infinite before there is one.

    Where a run ended early its last value stands on.
    """
    values = run.get("values") or []
    result = np.full(n, np.inf)
    if values and isinstance(values[0], list):  # pairs of a trial's number and the best value from there on
        for start, value in values:
            result[start - 1 :] = value
        return result
    told = np.array(values[:n])
    if not told.size:
        return result
    best = np.minimum.accumulate(told)
    new = np.r_[True, best[1:] < best[:-1]]
    leaders = np.maximum.accumulate(np.where(new, np.arange(told.size), 0))
    reached = np.array(run.get("true", values)[:n])[leaders]
    result[: told.size], result[told.size :] = reached, reached[-1]
    return result


def reached(run, n):
    """The noise-free value that a run stands at after n trials: of what is recommended where there is noise."""
    said = {int(k): v for k, v in (run.get("recommended") or {}).items()}
    earlier = [k for k in said if k <= n]
    return said[max(earlier)] if earlier else float(course(run, n)[-1])


def cost(run):
    """CPU seconds of asking and telling in all, and of both for some trials."""
    return run.get("total", run.get("asking", 0.0) + run.get("telling", 0.0)), run.get("seconds") or []
