"""Axes to draw on, and the colours and scales that all pictures share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from hpdsl.errors import UnknownNameError, UsageError
from hpdsl.priors.numeric import Numeric

if TYPE_CHECKING:
    from matplotlib.axes import Axes  # type: ignore[import-not-found,unused-ignore]  # optional

    from hpdsl.space import Space

# Okabe and Ito's colours: told apart by everyone.
BLUE, ORANGE, GREEN, GREY = "#0072B2", "#D55E00", "#009E73", "#888888"


def pyplot() -> Any:
    """matplotlib's pyplot; `UsageError` where it is not installed."""
    try:
        from matplotlib import pyplot as found  # type: ignore[import-not-found,unused-ignore]  # optional
    except ImportError:
        raise UsageError("pictures need matplotlib; install it with `pip install 'hpdsl[plot]'`") from None
    return found


def axes(ax: Axes | None, width: float = 6.0, height: float = 4.0) -> Axes:
    """The axes given, or new ones."""
    return pyplot().subplots(figsize=(width, height), layout="constrained")[1] if ax is None else ax


def parameter(space: Space, name: str) -> int:
    """The number of a parameter; `UnknownNameError` where the space has none of this name."""
    if name not in space.code_names:
        raise UnknownNameError(f"the space has no parameter `{name}`; it has {', '.join(space.code_names)}")
    return space.code_names.index(name)


def scale(space: Space, name: str) -> str:
    """ "log" for a parameter whose prior lives on a logarithmic scale, else "linear"."""
    dists = [p.dist for p in space.compilation.model.parameters[parameter(space, name)].pieces]
    logs = [isinstance(d, Numeric) and d.view.name == "log" for d in dists]
    return "log" if logs and all(logs) else "linear"


def value(space: Space, config: Mapping[str, Any], name: str) -> Any:
    """The value of a parameter in a configuration, None where it is inactive."""
    key = space.compilation.model.parameters[parameter(space, name)].key
    if key in config:
        return config[key]
    # `x[2]` is an element of the list `x`.
    base, bracket, index = key.rpartition("[")
    if not bracket or not index.removesuffix("]").isdigit():
        return None
    found, k = config.get(base), int(index.removesuffix("]"))
    return found[k] if isinstance(found, (list, tuple)) and k < len(found) else None
