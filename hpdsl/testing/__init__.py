"""Property-based validation: strategies for configurations and specs, the laws of a space, attacks on its claims."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hpdsl.testing.check import check_space as check_space
    from hpdsl.testing.generator import broken_specs as broken_specs
    from hpdsl.testing.generator import specs as specs
    from hpdsl.testing.laws import LAWS as LAWS
    from hpdsl.testing.strategy import configs as configs
    from hpdsl.testing.verdict import BrokenPromiseError as BrokenPromiseError
    from hpdsl.testing.verdict import Verdict as Verdict

# Loaded on demand: the pytest plugin lives in this package, and every run of pytest imports it.
_HOMES = {
    "BrokenPromiseError": "hpdsl.testing.verdict",
    "LAWS": "hpdsl.testing.laws",
    "Verdict": "hpdsl.testing.verdict",
    "broken_specs": "hpdsl.testing.generator",
    "check_space": "hpdsl.testing.check",
    "configs": "hpdsl.testing.strategy",
    "specs": "hpdsl.testing.generator",
}
__all__ = sorted(_HOMES)


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
