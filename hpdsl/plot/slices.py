"""`posterior`: the model of a search along one parameter, and the acquisition under it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hpdsl.backends.outcomes import configs_of
from hpdsl.configs import Config, Configs
from hpdsl.errors import UsageError
from hpdsl.plot.canvas import BLUE, GREY, ORANGE, axes, backend, label, number, parameter, parted, scale, text, values

if TYPE_CHECKING:
    from matplotlib.axes import Axes  # type: ignore[import-not-found,unused-ignore]  # optional

    from hpdsl.backends.bayes.backend import Bayes
    from hpdsl.space import Space

Ints = NDArray[np.int64]

POINTS = 201


def posterior(
    opt: Bayes,
    name: str,
    config: Mapping[str, Any] | None = None,
    *,
    objective: str | None = None,
    acquisition: bool = True,
    ax: Axes | None = None,
) -> Axes:
    """The mean of a model along a parameter with bands of one and two standard deviations, and told values.

    Everything else stays as in `config`, the best one unless given. Told values are drawn where their parameter is,
    though they differ elsewhere too; the fewer parameters, the closer they lie to the curve. Of several objectives the
    first is drawn unless another is named. Below, in axes of its own at the end of the figure's, is the acquisition,
    which is of all objectives together: the next trial is where it is largest, over all parameters.

    Raises `UsageError` before there is a model, where the parameter is inactive in `config`, and where it takes numbers
    from a range as well as labels.
    """
    backend(opt)
    model = opt.surrogate_of(objective)
    k = opt.goals.number(objective)
    space = opt.space
    line = _line(space, name, _best(opt, k) if config is None else config)
    x = values(space, line, name)
    numeric = all(map(number, x))
    if not numeric and space.cells(parameter(space, name)) is None and any(map(number, x)):
        raise UsageError(
            f"`{name}` takes numbers from a range as well as labels, which have no axis in common; "
            "ask opt.surrogate.predict for either"
        )
    good = [o for o in opt.told if not o.failed]
    known = configs_of(space, good)
    assert isinstance(known, Configs)  # what was told has columns
    told = [(v, opt.goals.signs[k] * o.values[k]) for v, o in zip(values(space, known, name), good, strict=True)]
    told = [(v, y) for v, y in told if v is not None]
    # In the order of the numbers, else in that of the alternatives; each once.
    first = {v: i for i, v in reversed(list(enumerate(x)))}
    order = np.array(sorted(first.values(), key=lambda i: x[i] if numeric else i), dtype=np.int64)
    line, x = line[order], [x[i] for i in order]
    # Points that break a requirement have NaN, which leaves a gap.
    mean, sd = model.predict(line)
    top = axes(ax)
    under = parted(top) if acquisition else top
    if numeric:
        places, at = x, [v for v, _ in told]
        for n, part in enumerate(_parts(space, name, line)):
            here = np.array(x)[part]
            for width, shade in ((2.0, 0.12), (1.0, 0.22)):
                ends = (mean - width * sd)[part], (mean + width * sd)[part]
                top.fill_between(here, *ends, color=BLUE, alpha=shade, lw=0)
            style = "o-" if len(part) == 1 else "-"
            top.plot(here, mean[part], style, color=BLUE, ms=3, label=None if n else "mean ± 1, 2 sd")
        top.set_xscale(scale(space, name))
    else:
        # Values that nothing leads to from here may have been told.
        names = list(dict.fromkeys(text(v) for v in [*x, *(v for v, _ in told)]))
        places, at = list(range(len(x))), [names.index(text(v)) for v, _ in told]
        top.errorbar(places, mean, yerr=2.0 * sd, fmt="o", color=BLUE, capsize=4, label="mean ± 2 sd")
        label(under.xaxis, names)
    top.plot(at, [y for _, y in told], "k.", ms=4, label="told", zorder=3)
    top.set_ylabel(opt.goals.objectives[k].name)
    if acquisition:
        score = opt.acquisition(line)
        if numeric:
            for part in _parts(space, name, line):
                under.plot(np.array(x)[part], score[part], "." if len(part) == 1 else "-", color=ORANGE)
        else:
            least = np.nanmin(score)
            under.bar(places, score - least, bottom=least, color=ORANGE)
        if not np.isnan(score).all():
            under.axvline(places[int(np.nanargmax(score))], color=GREY, lw=0.8, ls=":")
        under.set_ylabel("acquisition" if len(opt.goals.objectives) > 1 else str(opt.options["acquisition"]))
    under.set_xlabel(name)
    top.legend(fontsize=8, frameon=False)
    return top


def _best(opt: Bayes, objective: int) -> Config:
    """The best configuration by one objective; where none keeps every bound, of those with a value."""
    if len(opt.goals.objectives) == 1 and (best := opt.best) is not None:
        return best[0]
    good = [o for o in opt.told if o.feasible] or [o for o in opt.told if not o.failed]
    return min(good, key=lambda o: o.values[objective]).config


def _line(space: Space, name: str, config: Mapping[str, Any]) -> Configs:
    """Configurations along one parameter, all else as in a configuration."""
    j = parameter(space, name)
    row = space.encode([config])[0]
    if np.isnan(row[j]):
        raise UsageError(f"`{name}` is inactive in this configuration; name another one: posterior(opt, name, config)")
    cells = space.cells(j)
    at = np.linspace(0.0005, 0.9995, POINTS) if cells is None else np.unique(cells)
    rows = np.tile(np.where(np.isnan(row), 0.5, row), (len(at), 1))
    rows[:, j] = at
    return space.decode(rows)


def _parts(space: Space, name: str, line: Configs) -> list[Ints]:
    """The stretches of a line of numbers: a choice between ranges has one for each."""
    p = space.compilation.model.parameters[parameter(space, name)]
    if p.code is None or space.cells(p.index) is not None:
        return [np.arange(len(line))]
    codes = line.matrix[p.code]
    return [np.flatnonzero(codes == code) for code in np.unique(codes)]
