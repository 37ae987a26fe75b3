"""Axes to draw on, and the colours, values and scales that all pictures share."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from hpdsl.backends.base import Backend
from hpdsl.configs import Configs, native
from hpdsl.errors import UnknownNameError, UsageError
from hpdsl.priors.numeric import Numeric

if TYPE_CHECKING:
    from matplotlib.axes import Axes  # type: ignore[import-not-found,unused-ignore]  # optional

    from hpdsl.space import Space

# Okabe and Ito's colours: told apart by everyone.
BLUE, ORANGE, GREEN, GREY = "#0072B2", "#D55E00", "#009E73", "#888888"

# How many characters of labels fit side by side, how many labels do upright, and how long one may be.
BESIDE, UPRIGHT, LONGEST = 40, 40, 20


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


def parted(ax: Axes) -> Axes:
    """New axes in the lower part of what others take up, which then take the rest; the two share x."""
    spec = ax.get_subplotspec()
    if spec is not None:
        parts = spec.subgridspec(2, 1, height_ratios=(3, 1), hspace=0.1)
        ax.set_subplotspec(parts[0])
        under = ax.figure.add_subplot(parts[1], sharex=ax)
    else:
        box = ax.get_position()
        ax.set_position((box.x0, box.y0 + 0.3 * box.height, box.width, 0.7 * box.height))
        under = ax.figure.add_axes((box.x0, box.y0, box.width, 0.25 * box.height), sharex=ax)
    ax.tick_params(labelbottom=False)
    return under


def backend(given: object) -> None:
    """Raise `UsageError` for what is no backend."""
    if not isinstance(given, Backend):
        raise UsageError(f"this is drawn of a backend, as hpdsl.backend(…) returns it; not of {given!r:.60}")


def study(given: object) -> None:
    """Raise `UsageError` for what is no study."""
    from hpdsl.study.study import Study  # brings a database along, which pictures of a backend do without

    if not isinstance(given, Study):
        raise UsageError(f"this is drawn of a study, as hpdsl.tune(…) returns it; not of {given!r:.60}")


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


def values(space: Space, configs: Configs, name: str) -> list[Any]:
    """The value of a parameter in each configuration: a number, a truth or a label; None where it is inactive."""
    model = space.compilation.model
    p = model.parameters[parameter(space, name)]
    to = native(p)
    nothing = [math.nan] * len(configs)
    value = nothing if p.value is None else configs.matrix[p.value].tolist()
    code = nothing if p.code is None else configs.matrix[p.code].tolist()
    active = [not math.isnan(x) for x in configs.matrix[p.main]]
    # The places of a permutation hold the numbers of what stands there.
    listed = next((c.values for c in model.collections if c.kind == "permutation" and name in c.members), None)

    def shown(v: float, c: float) -> Any:
        found = to(v, c) if listed is None else listed[int(v)]
        return "none" if found is None else found

    return [shown(v, c) if there else None for v, c, there in zip(value, code, active, strict=True)]


def number(value: Any) -> bool:
    """Whether a value has a place on an axis of numbers."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def text(value: Any) -> str:
    """A value where it stands beside labels."""
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def label(axis: Any, names: Sequence[str]) -> None:
    """Write labels at 0, 1, … of an axis, upright and shortened where there is no room."""
    short = [n if len(n) <= LONGEST else n[: LONGEST - 1] + "…" for n in names]
    step = math.ceil(len(short) / UPRIGHT)
    crowded = axis.axis_name == "x" and sum(len(n) + 2 for n in short) > BESIDE
    axis.set_ticks(range(0, len(short), step), short[::step], rotation=90 if crowded else 0)
