"""Backends by name: a table for the built-in ones, the entry-point group `hpdsl.backends` for others."""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, Any

from hpdsl.diagnostics import suggest
from hpdsl.errors import UnknownNameError, UsageError

if TYPE_CHECKING:
    from hpdsl.space import Space

BUILT_IN = {
    "auto": "hpdsl.backends.auto:Auto",
    "grid": "hpdsl.backends.grid:GridSearch",
    "random": "hpdsl.backends.random_search:RandomSearch",
    "bayes": "hpdsl.backends.bayes:Bayes",
    "tpe": "hpdsl.backends.tpe:TPE",
}
GROUP = "hpdsl.backends"


def names() -> list[str]:
    """Every backend that can be asked for by name."""
    return sorted({*BUILT_IN, *(e.name for e in entry_points(group=GROUP))})


def find(name: str) -> Any:
    """The class of a backend; raises `UnknownNameError` with what there is."""
    if not isinstance(name, str):
        raise UsageError(f"a backend is asked for by name, not by {name!r}")
    if name in BUILT_IN:
        module, _, attribute = BUILT_IN[name].partition(":")
        return getattr(import_module(module), attribute)
    for entry in entry_points(group=GROUP):
        if entry.name == name:
            return _loaded(entry)
    near = suggest(name, names())
    hint = f"did you mean `{near}`?" if near else f"there are {', '.join(names())}"
    raise UnknownNameError(f"no backend is called `{name}`; {hint}")


def _loaded(entry: EntryPoint) -> Any:
    try:
        found = entry.load()
    except Exception as error:  # somebody else's module may fail in any way
        raise UsageError(f"the backend `{entry.name}` ({entry.value}) can't be loaded: {error}") from error
    if not callable(found):
        raise UsageError(f"the backend `{entry.name}` ({entry.value}) is no class but {found!r}")
    return found


def create(name: str, space: Space, /, seed: int = 0, **options: Any) -> Any:
    """A backend for a space, ready to be asked; `options` are the backend's own."""
    found = find(name)
    if not hasattr(space, "compilation"):
        raise UsageError(f"a backend needs a Space, as hpdsl.load() or hpdsl.loads() return it, not {space!r:.60}")
    return found(space, seed=seed, **options)
