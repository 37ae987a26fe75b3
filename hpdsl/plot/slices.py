"""`posterior`: the model of a search along one parameter, and the acquisition under it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from hpdsl.errors import UsageError
from hpdsl.plot.canvas import BLUE, GREY, ORANGE, axes, parameter, scale, value

if TYPE_CHECKING:
    from matplotlib.axes import Axes  # type: ignore[import-not-found,unused-ignore]  # optional

    from hpdsl.backends.bayes.backend import Bayes

POINTS = 201


def posterior(
    opt: Bayes, name: str, config: Mapping[str, Any] | None = None, *, acquisition: bool = True, ax: Axes | None = None
) -> Axes:
    """The mean of a model along a parameter with bands of one and two standard deviations, and told values.

    Everything else stays as in `config`, the best one unless given. Told values are drawn where their parameter is,
    though they differ elsewhere too; the fewer parameters, the closer they lie to the curve. Below is the
    acquisition: the next trial is where it is largest, over all parameters. Raises `UsageError` before there is a
    model, and where the parameter is inactive in `config`.
    """
    if len(opt.goals.objectives) > 1:
        raise UsageError("a posterior is drawn for one objective; of several see hpdsl.plot.front")
    model = opt.surrogate
    space = opt.space
    j = parameter(space, name)
    if config is None:
        best = opt.best
        config = best[0] if best is not None else opt.told[0].config
    row = space.encode([config])[0]
    if np.isnan(row[j]):
        raise UsageError(f"`{name}` is inactive in this configuration; name another one: posterior(opt, name, config)")
    cells = space.cells(j)
    at = np.linspace(0.0005, 0.9995, POINTS) if cells is None else np.unique(cells)
    rows = np.tile(np.where(np.isnan(row), 0.5, row), (len(at), 1))
    rows[:, j] = at
    # Points that break a requirement have NaN, which leaves a gap.
    line = space.decode(rows)
    mean, sd = model.predict(line)
    x = [value(space, c, name) for c in line]
    numeric = all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in x)
    ticks = x if numeric else list(range(len(x)))
    top = axes(ax)
    told = [
        (value(space, o.config, name), o) for o in opt.told if not o.failed and value(space, o.config, name) is not None
    ]
    if numeric:
        for k, shade in ((2.0, 0.12), (1.0, 0.22)):
            top.fill_between(ticks, mean - k * sd, mean + k * sd, color=BLUE, alpha=shade, lw=0)
        top.plot(ticks, mean, color=BLUE, label="mean ± 1, 2 sd")
        places = [v for v, _ in told]
        top.set_xscale(scale(space, name))
    else:
        names = [str(v) for v in x]
        top.errorbar(ticks, mean, yerr=2.0 * sd, fmt="o", color=BLUE, capsize=4, label="mean ± 2 sd")
        top.set_xticks(ticks, names)
        places = [names.index(str(v)) for v, _ in told]
    sign = opt.goals.signs[0]
    top.plot(places, [sign * o.value for _, o in told], "k.", ms=4, label="told", zorder=3)
    top.set_ylabel(opt.goals.objectives[0].name)
    top.set_xlabel(name)
    if acquisition:
        under = top.inset_axes((0.0, -0.42, 1.0, 0.24), sharex=top if numeric else None)
        score = opt.acquisition(line)
        if numeric:
            under.plot(ticks, score, color=ORANGE)
        else:
            least = np.nanmin(score)
            under.bar(ticks, score - least, bottom=least, color=ORANGE)
            under.set_xticks(ticks, names)
        if not np.isnan(score).all():
            under.axvline(ticks[int(np.nanargmax(score))], color=GREY, lw=0.8, ls=":")
        under.set_ylabel(str(opt.options["acquisition"]), fontsize=8)
        under.tick_params(labelsize=8)
        under.set_xlabel(name)
        top.set_xlabel("")
    top.legend(fontsize=8, frameon=False)
    return top
