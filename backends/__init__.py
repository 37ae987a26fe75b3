"""The search backends, each behind the ask/tell protocol of `hpdsl.backends.base`."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if __name__ == "backends":
    # A kernel cache written as `backends.…` would poison `hpdsl.backends.…`.
    raise ImportError("import hpdsl.backends; this folder is no package of its own")

if TYPE_CHECKING:
    from hpdsl.backends.auto import Auto as Auto
    from hpdsl.backends.base import Backend as Backend
    from hpdsl.backends.bayes import Bayes as Bayes
    from hpdsl.backends.grid import GridSearch as GridSearch
    from hpdsl.backends.random_search import RandomSearch as RandomSearch
    from hpdsl.backends.tpe import TPE as TPE

_HOMES = {
    "Auto": "hpdsl.backends.auto",
    "Backend": "hpdsl.backends.base",
    "Bayes": "hpdsl.backends.bayes",
    "GridSearch": "hpdsl.backends.grid",
    "RandomSearch": "hpdsl.backends.random_search",
    "TPE": "hpdsl.backends.tpe",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'hpdsl.backends' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
