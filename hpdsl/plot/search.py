"""Pictures of a whole search: its progress, what mattered, the front between two objectives."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hpdsl.errors import UsageError
from hpdsl.plot import canvas
from hpdsl.plot.canvas import BLUE, GREEN, GREY, ORANGE, axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes  # type: ignore[import-not-found,unused-ignore]  # optional

    from hpdsl.backends.bayes.backend import Bayes
    from hpdsl.study.study import Study


def progress(study: Study, ax: Axes | None = None) -> Axes:
    """The value of every trial that succeeded, those that failed at the top edge, and the best so far.

    Raises `UsageError` where there are several objectives; of two see `front`.
    """
    canvas.study(study)
    objective = study.objective
    ax = axes(ax)
    good = [t for t in study.trials if study.succeeded(t) and t.value is not None]
    other = [t.number for t in study.trials if t.finished and not study.succeeded(t)]
    numbers = [t.number for t in good]
    values = np.array([t.value for t in good], dtype=float)
    ax.plot(numbers, values, "o", color=GREY, ms=3, label="trials")
    if len(values):
        best = np.maximum.accumulate(values) if objective.maximize else np.minimum.accumulate(values)
        ax.step(numbers, best, where="post", color=BLUE, label="best so far")
    if other:
        ax.plot(other, np.ones(len(other)), "x", color=ORANGE, transform=ax.get_xaxis_transform(), clip_on=False,
                label="failed, or a bound broken")  # fmt: skip
    if study.recommendation is not None:
        ax.plot(study.recommendation.number, study.recommendation.value, "*", color=GREEN, ms=12, label="recommended")
    ax.set_xlabel("trial")
    ax.set_ylabel(objective.name)
    ax.legend(fontsize=8, frameon=False)
    return ax


def importance(opt: Bayes, ax: Axes | None = None, *, objective: str | None = None) -> Axes:
    """The total effect of every parameter on the model's mean, the largest first.

    Of several objectives the first counts unless another is named; the title says which.
    """
    canvas.backend(opt)
    found = opt.surrogate_of(objective).importance()
    ax = axes(ax, height=0.6 + 0.3 * len(found))
    names = list(found)[::-1]
    ax.barh(names, [found[name] for name in names], color=BLUE)
    ax.set_xlabel("share of the variance of the model's mean (total effect)")
    ax.set_xlim(left=0.0)
    if len(opt.goals.objectives) > 1:
        ax.set_title(opt.goals.objectives[opt.goals.number(objective)].name)
    return ax


def front(study: Study, ax: Axes | None = None) -> Axes:
    """Two objectives of every trial that succeeded, and the best compromises."""
    canvas.study(study)
    if len(study.objectives) != 2:
        raise UsageError(f"a front is drawn for two objectives; this study has {len(study.objectives)}")
    ax = axes(ax)
    first, second = (o.name for o in study.objectives)
    good = [t for t in study.trials if study.succeeded(t)]
    for trials, label, colour, size in ((good, "trials", GREY, 3), (study.front, "front", BLUE, 6)):
        places = [[t.outcomes[name] for t in trials] for name in (first, second)]
        ax.plot(*places, "o", color=colour, ms=size, label=label)
    ax.set_xlabel(first)
    ax.set_ylabel(second)
    ax.legend(fontsize=8, frameon=False)
    return ax
