"""`register`: what `st.from_type` makes of hpdsl's types; Hypothesis calls it when it is imported.

So this module is part of every run that imports Hypothesis, and loads nothing of hpdsl before its types are there.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from types import ModuleType
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

    from hpdsl.configs import Configs
    from hpdsl.space import Space

# Rows of a batch.
MOST = 8


def register() -> None:
    """Let `st.from_type(Space)` be random spaces, and `st.from_type(Configs)` batches of samples of such.

    So arguments with these annotations need no strategy: `@given(...)`, `st.builds` and `st.from_type` of classes that
    hold them fill them in. Configurations are dicts, and each belongs to one space: there `configs(space)` is needed.
    """
    _once("hpdsl.space", lambda m: st.register_type_strategy(m.Space, lambda _: _spaces()))
    _once("hpdsl.configs", lambda m: st.register_type_strategy(m.Configs, lambda _: _batches()))


def _spaces() -> SearchStrategy[Space]:
    from hpdsl.testing.generator import specs

    return specs().map(lambda spec: spec.space)


def _batches() -> SearchStrategy[Configs]:
    rows, seeds = st.integers(0, MOST), st.integers(0, 2**16 - 1)
    return st.builds(lambda space, n, seed: space.sample(n, seed=seed), _spaces(), rows, seeds)


# ---- when a module is loaded ------------------------------------------------------------------------

_Act = Callable[[Any], None]


def _once(name: str, act: _Act) -> None:
    """Act on a module: now where it is loaded, else as soon as it is."""
    if name in sys.modules:
        act(sys.modules[name])
    else:
        sys.meta_path.insert(0, _Awaited(name, act))


class _Awaited(MetaPathFinder):
    """Stands before the other finders until a module is loaded, which is found by these as ever, and then acted on."""

    def __init__(self, name: str, act: _Act) -> None:
        self._name, self._act = name, act
        self._asking = False

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        """What the others find, with a loader that acts as well; None for every other module."""
        if name != self._name or self._asking:
            return None
        self._asking = True
        try:
            spec = find_spec(name)
        finally:
            self._asking = False
        if spec is not None and spec.loader is not None:
            spec.loader = _Acting(spec.loader, self._loaded)
        return spec

    def _loaded(self, module: ModuleType) -> None:
        sys.meta_path.remove(self)
        self._act(module)


class _Acting(Loader):
    """A loader that leaves no trace in the module but that something is done with it."""

    def __init__(self, loader: Loader, act: _Act) -> None:
        self._loader, self._act = loader, act

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """As the loader itself does."""
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        """Load the module as if nothing stood between, and act on it."""
        module.__loader__ = self._loader
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        self._loader.exec_module(module)
        self._act(module)
