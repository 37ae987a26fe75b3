"""The problems that optimisers are measured on: .hp texts in `spaces/` with a Python function each."""

from __future__ import annotations

import json
from pathlib import Path

from suite import bbob, conditional, flat, high, learners, mixed, yahpo
from suite.problem import Problem, UnavailableError, text_of

__all__ = ["GROUPS", "REFERENCE", "Problem", "UnavailableError", "get", "select"]

REFERENCE = Path(__file__).parent / "reference.json"
WRITTEN = {"flat": flat, "mixed": mixed, "conditional": conditional, "high": high}
GROUPS = {
    **{group: list(module.FUNCTIONS) for group, module in WRITTEN.items()},
    "noisy": ["branin~0.1", "hartmann6~0.1", "levy8~0.1", "training~0.1", "cash~0.1", "wiring~0.2"],
    "learners": list(learners.TASKS),
    "bbob": bbob.NAMES,
    "yahpo": yahpo.NAMES,
}


def select(words: str) -> list[str]:
    """The names of problems, from names and groups with commas between them, or `all`."""
    names: list[str] = []
    for word in words.split(","):
        found = [n for members in GROUPS.values() for n in members] if word == "all" else GROUPS.get(word, [word])
        names += [n for n in found if n not in names]
    return names


def group_of(name: str) -> str:
    """The group of a problem; what ends in ~ and a number is noisy."""
    if "~" in name:
        return "noisy"
    first = name.partition(":")[0]
    if first in ("bbob", *yahpo.LAYOUTS):
        return "bbob" if first == "bbob" else "yahpo"
    return next((group for group, names in GROUPS.items() if name in names), "other")


def get(name: str, data: Path | None = None) -> Problem:
    """A problem with its reference values, where they are known; `data` is the folder of YAHPO Gym.

    Raises `UnavailableError` where something it needs is missing, and `KeyError` where no problem has this name.
    """
    plain = name.partition("~")[0]
    group = group_of(plain)
    if group in WRITTEN:
        problem = Problem(plain, group, text_of(plain), WRITTEN[group].FUNCTIONS[plain])
    elif group == "learners":
        problem = learners.problem(plain)
    elif group == "bbob":
        problem = bbob.problem(plain)
    elif group == "yahpo":
        problem = yahpo.problem(plain, data)
    else:
        raise KeyError(f"no problem is called `{name}`; there are {', '.join(select('all'))}")
    known = json.loads(REFERENCE.read_text()) if REFERENCE.exists() else {}
    if plain in known:
        problem.best, problem.median = known[plain]["best"], known[plain]["median"]
    problem.name, problem.group = name, group_of(name)
    return problem
