"""hpdsl: a small language for hyperparameter search spaces, with compiled backends.

Names are imported when first used, so that `import hpdsl` costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hpdsl.compiler import load as load
    from hpdsl.compiler import loads as loads
    from hpdsl.configs import Configs as Configs
    from hpdsl.configs import nested as nested
    from hpdsl.errors import HpdslError as HpdslError
    from hpdsl.errors import InvalidConfiguration as InvalidConfiguration
    from hpdsl.errors import SamplingError as SamplingError
    from hpdsl.errors import SpaceExhausted as SpaceExhausted
    from hpdsl.errors import SpecError as SpecError
    from hpdsl.errors import StoreError as StoreError
    from hpdsl.errors import UnknownNameError as UnknownNameError
    from hpdsl.errors import UsageError as UsageError
    from hpdsl.kernels.engine import warmup as warmup
    from hpdsl.priors.custom import register_prior as register_prior
    from hpdsl.registry import create as backend
    from hpdsl.space import Space as Space
    from hpdsl.study.loop import tune as tune
    from hpdsl.study.study import Study as Study
    from hpdsl.study.study import open_study as open_study

__version__ = "0.1.0"

_HOMES = {
    "load": "hpdsl.compiler:load",
    "loads": "hpdsl.compiler:loads",
    "Configs": "hpdsl.configs:Configs",
    "nested": "hpdsl.configs:nested",
    "Space": "hpdsl.space:Space",
    "HpdslError": "hpdsl.errors:HpdslError",
    "InvalidConfiguration": "hpdsl.errors:InvalidConfiguration",
    "SamplingError": "hpdsl.errors:SamplingError",
    "SpaceExhausted": "hpdsl.errors:SpaceExhausted",
    "SpecError": "hpdsl.errors:SpecError",
    "StoreError": "hpdsl.errors:StoreError",
    "UnknownNameError": "hpdsl.errors:UnknownNameError",
    "UsageError": "hpdsl.errors:UsageError",
    "backend": "hpdsl.registry:create",
    "tune": "hpdsl.study.loop:tune",
    "open_study": "hpdsl.study.study:open_study",
    "Study": "hpdsl.study.study:Study",
    "register_prior": "hpdsl.priors.custom:register_prior",
    "warmup": "hpdsl.kernels.engine:warmup",
}

__all__ = ["__version__", "backend", *sorted(n for n in _HOMES if n != "backend")]


def __getattr__(name: str) -> Any:
    if name in ("backends", "plot"):
        return import_module(f"hpdsl.{name}")
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'hpdsl' has no attribute {name!r}")
    module, _, attribute = home.partition(":")
    value = getattr(import_module(module), attribute)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
