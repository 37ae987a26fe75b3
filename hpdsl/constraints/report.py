"""What lowering found, told: contradictions as errors, moved marginals as hints, strategies as text."""

from __future__ import annotations

import math
from collections.abc import Sequence

from hpdsl.constraints.estimate import estimate
from hpdsl.constraints.lowering import Lowered, Lowering
from hpdsl.constraints.moved import Moved
from hpdsl.constraints.plan import Plan
from hpdsl.constraints.rewrite import Inliner
from hpdsl.diagnostics import Label
from hpdsl.graph import entries
from hpdsl.semantics.model import Model, Parameter, Requirement
from hpdsl.semantics.report import CONTINUOUS_EQUALITY, CONTRADICTION, MARGINAL_MOVED, Report

# Total variation from which a moved marginal is worth a hint: users seldom mean it.
FAR = 0.25
# Leaving requirements out, while what is left stays contradictory, may look at so many of them in all.
_LOOKED_AT = 1500
_NAMED, _LABELLED = 3, 12


def findings(model: Model, lowering: Lowering, report: Report) -> None:
    """Report contradictions, and discrete marginals that requirements move far."""
    inliner = Inliner(model)
    for lowered in lowering.components:
        if lowered.infeasible is not None:
            _contradiction(model, lowered, report, inliner)
        elif not _unheld(lowered, report):
            _far(lowered, report)


def _unheld(lowered: Lowered, report: Report) -> bool:
    """Report constant sums that are left to be checked: no draw would ever satisfy them."""
    for r in lowered.plan.unheld:
        report.error(
            CONTINUOUS_EQUALITY,
            "this sum can't be held at a constant",
            r.span,
            note="this has probability zero",
            help="only a sum of independent `uniform` parameters that are always active and in no other such sum can; "
            "derive one of them from the others with `=`, or write `dirichlet`",
        )
    return bool(lowered.plan.unheld)


# ---- contradictions --------------------------------------------------------------------------------


def _contradiction(model: Model, lowered: Lowered, report: Report, inliner: Inliner) -> None:
    """Say which sentences contradict each other; as few of them as can be shown to."""
    why = lowered.infeasible
    assert why is not None
    few = why.requirements if why.circle else _fewest(model, lowered, inliner)
    named = sorted((lowered.requirements[k] for k in few), key=lambda r: r.span.start)
    *others, last = named
    more = len(others) - _LABELLED
    labels = tuple(Label(r.span, "together with this") for r in others[-_LABELLED:])
    if why.circle:
        # From its smallest member on.
        first = min(range(len(why.circle)), key=lambda k: why.circle[k].path)
        members = [*why.circle[first:], *why.circle[:first]]
        note = " < ".join(p.key for p in [*members, members[0]])
        message = "these sentences go round in a circle" if others else "this goes round in a circle"
    else:
        note = "this leaves nothing" if others else "it fails for every value"
        message = "no configuration satisfies " + ("these sentences together" if others else "this")
    if more > 0:
        note += f" ({more} more sentences take part)"
    report.error(
        CONTRADICTION,
        message,
        last.span,
        note=note,
        labels=labels,
        help="relax one of them, or guard them with `when`"
        if others
        else "widen the ranges it speaks about, or remove it",
    )


def _fewest(model: Model, lowered: Lowered, inliner: Inliner) -> frozenset[int]:
    """Requirements (by number) that contradict each other, smaller where leaving some out is found to keep that."""
    assert lowered.infeasible is not None
    kept = set(lowered.infeasible.requirements)
    looked_at = 0

    def contradictory(numbers: set[int]) -> bool:
        nonlocal looked_at
        looked_at += len(numbers)
        return Plan(model, lowered.component, inliner, frozenset(numbers), quick=True).infeasible is not None

    size = max(len(kept) // 2, 1)
    while looked_at < _LOOKED_AT:
        # Many at a time first, then one by one.
        for low in range(0, len(kept), size):
            out = set(sorted(kept)[low : low + size])
            if looked_at < _LOOKED_AT and len(out) < len(kept) and contradictory(kept - out):
                kept -= out
                break
        else:
            if size == 1:
                break
            size = max(size // 2, 1)
        size = min(size, max(len(kept) // 2, 1))
    return frozenset(kept)


# ---- moved marginals -------------------------------------------------------------------------------


def _far(lowered: Lowered, report: Report) -> None:
    if lowered.exact and lowered.acceptance is not None and lowered.acceptance >= 1.0 - FAR:
        # No marginal moves further than the joint law, which moves by what is refused.
        return
    far = sorted((m for m in lowered.moved if m.distance > FAR), key=lambda m: (-m.distance, m.parameter.path))
    if not far:
        return
    worst = far[0].parameter
    written = [r for r in lowered.requirements if not r.implied] or list(lowered.requirements)
    others = f", and of {len(far) - 1} more" if len(far) > 1 else ""
    report.warning(
        MARGINAL_MOVED,
        f"requirements move the distribution of `{worst.key}`{others} far from its prior",
        worst.span,
        note=f"total variation {_distances(far)}",
        labels=tuple(Label(r.span, "by this") for r in written[:_NAMED]),
        help="fine if that is meant; if not, write a prior that has the shape you want, "
        "or bounds that follow the other parameters, as in `b ~ uniform(0, a)`",
    )


def _distances(moved: Sequence[Moved]) -> str:
    text = ", ".join(f"{m.distance:.2f} for `{m.parameter.key}`" for m in moved[:_NAMED])
    return text + (", …" if len(moved) > _NAMED else "")


# ---- explain ---------------------------------------------------------------------------------------


def describe(model: Model, lowering: Lowering) -> list[str]:
    """Lines about every component: how it is drawn, what its requirements accept, which marginals moved."""
    if not lowering.components:
        return []
    count, parts = len(model.requirements), len(lowering.components)
    lines = [f"{count} requirement{'s' if count > 1 else ''} in {parts} component{'s' if parts > 1 else ''}"]
    for lowered in lowering.components:
        lines += _component(model, lowered)
    return lines


def _component(model: Model, lowered: Lowered) -> list[str]:
    parameters = [s.key for s in lowered.symbols if isinstance(s, Parameter)]
    shown = ", ".join(parameters[:12]) + (f", … ({len(parameters)} in all)" if len(parameters) > 12 else "")
    lines = [f"  {shown or 'constants'}", f"    drawn by {lowered.strategy}; {_acceptance(lowered)}"]
    loose = estimate(entries.statements(model, lowered.symbols), lowered.requirements)
    for r, failed in zip(lowered.requirements, loose.failed, strict=True):
        lines.append(f"    {_percent(1.0 - failed / len(loose.fine))} hold: {_text(r)}")
    moved = [m for m in lowered.moved if m.distance >= 0.005]
    if moved:
        moved = sorted(moved, key=lambda m: -m.distance)
        text = ", ".join(f"{m.parameter.key} {m.distance:.2f}" for m in moved[:12])
        lines.append(f"    marginals moved by (total variation): {text}{', …' if len(moved) > 12 else ''}")
    return lines


def _acceptance(lowered: Lowered) -> str:
    accepted = lowered.acceptance
    if accepted is None:
        text = "a null event of the prior"
    elif lowered.exact:
        text = f"{_percent(accepted)} of the prior accepted"
    else:
        text = f"about {_percent(accepted)} of the prior accepted"
    if lowered.exact:
        return f"{text}, no draw refused"
    if math.isinf(lowered.cost):
        return f"{text}, no draw in {len(lowered.plan.simulated.fine)} kept"
    # Sums of truncated uniforms, say, are refused at their very ends only.
    if lowered.cost < 1.005:
        return f"{text}, hardly any draw refused"
    return f"{text}, {_short(lowered.cost)} draws for each that is kept"


def _percent(share: float) -> str:
    return f"{_short(100.0 * share)} %"


def _short(x: float) -> str:
    return f"{x:.3g}"


def _text(r: Requirement) -> str:
    return f"{r.message}{' (implied)' if r.implied else ''}"
