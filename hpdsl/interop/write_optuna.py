"""A space for Optuna: its distributions, and `suggest`, which draws whole configurations define-by-run."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import numpy as np

from hpdsl.configs import Configs
from hpdsl.errors import UsageError
from hpdsl.interop.formulas import ALWAYS
from hpdsl.interop.portable import Listed, Portable, Variable, labels, portable
from hpdsl.interop.written import Written
from hpdsl.intervals import bounds
from hpdsl.priors.bases import Beta
from hpdsl.priors.items import Items, Range
from hpdsl.priors.numeric import Numeric
from hpdsl.semantics.evaluate import active_piece, broken, contains, derive, place, put
from hpdsl.semantics.model import Derived, Parameter, Piece
from hpdsl.terms import Evaluator, Term

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution  # type: ignore[import-not-found,unused-ignore]  # optional
    from optuna.trial import Trial  # type: ignore[import-not-found,unused-ignore]  # optional

    from hpdsl.space import Space

_TARGET = "a set of Optuna distributions"
_INSTEAD = "hpdsl.interop.write_optuna.suggest(space, trial) holds them all"


def write(space: Space, lossy: bool = False) -> Written:
    """The distributions as JSON: name to what `optuna.distributions.json_to_distribution` reads.

    Priors that Optuna lacks are replaced, with a note. Raises `UsageError` where a bound, a condition or a
    requirement would be lost; with `lossy` such sentences are left out, with a note.
    """
    flat = portable(space)
    made = {v.name: _distribution(flat, v) for v in flat.variables}
    for v in flat.variables:
        if v.guard != ALWAYS:
            flat.refuse(v.where, v.said, "it is not always active")
    for f in flat.forbidden:
        flat.refuse(f.where, f.said, "distributions know no requirements")
    return Written(json.dumps(made, indent=2, ensure_ascii=False) + "\n", flat.settle(_TARGET, lossy, _INSTEAD))


def distributions(space: Space, lossy: bool = False) -> dict[str, BaseDistribution]:
    """The distributions by name, as `trial.distributions` or `study.ask` take them; needs optuna."""
    _optuna()
    from optuna.distributions import json_to_distribution

    made = json.loads(write(space, lossy).text)
    return {name: json_to_distribution(json.dumps(d)) for name, d in made.items()}


def _optuna() -> Any:
    try:
        import optuna  # type: ignore[import-not-found,unused-ignore]  # optional
    except ImportError:
        raise UsageError("optuna is not installed; install it with `pip install optuna`") from None
    return optuna


def _distribution(flat: Portable, v: Variable) -> dict[str, Any]:
    law = v.law
    if isinstance(law, Listed):
        if law.ordered:
            flat.note(f"`{v.said}`: Optuna does not know the order of a list")
        if not law.even:
            flat.note(f"`{v.said}` is drawn uniformly: Optuna has no weights")
        return _categorical(law.values)
    if law.name != "uniform":
        became = "log-uniform" if law.log else "uniform"
        flat.note(f"`{v.said}` becomes {became} between its bounds: Optuna has no such law")
    elif law.integer and law.log:
        flat.note(f"`{v.said}`: Optuna has another log-uniform law of integers, so masses differ a little")
    if law.stepped and law.log:
        flat.note(f"`{v.said}` is drawn uniformly: Optuna has no steps on a logarithmic scale")
    if v.constant:
        return _categorical((int(law.lo) if law.integer else law.lo,))
    return _numeric(law.lo, law.hi, log=law.log and not law.stepped, integer=law.integer, step=law.step)


def _categorical(values: tuple[object, ...]) -> dict[str, Any]:
    return {"name": "CategoricalDistribution", "attributes": {"choices": list(values)}}


def _numeric(lo: float, hi: float, *, log: bool, integer: bool, step: float) -> dict[str, Any]:
    if integer:
        attributes: dict[str, Any] = {"log": log, "step": int(step) or 1, "low": int(lo), "high": int(hi)}
        return {"name": "IntDistribution", "attributes": attributes}
    attributes = {"step": step or None, "low": lo, "high": hi, "log": log}
    return {"name": "FloatDistribution", "attributes": attributes}


# ---- define-by-run -----------------------------------------------------------------------------------


def suggest(space: Space, trial: Trial) -> dict[str, Any]:
    """A configuration of the space whose parameters the trial suggests, derived values included.

    Only active parameters are suggested, by their paths (`optim.sgd.lr`), in natural units, within bounds that
    may depend on others. Optuna draws them by its own laws: uniform or log-uniform. What has no finite range, and
    what depends on its siblings (ordered arrays, subsets of a size, permutations, Dirichlet weights), is suggested
    as a number in 0 .. 1 named `path:u`, which the prior turns into a value. A configuration that breaks a
    requirement is pruned, with the reason in the trial's user attribute "hpdsl:violated".
    """
    optuna = _optuna()
    model = space.compilation.model
    row = Evaluator({})
    for s in model.symbols:
        if isinstance(s, Derived):
            derive(s, row)
            continue
        piece = active_piece(s, row)
        if piece is not None:
            _suggest(space, trial, s, piece, row)
    violated = [r.message for r in broken(model.requirements, row.columns)]
    violated += [f"`{p.path}` has no legal value" for p in model.parameters if _illegal(p, row)]
    if violated:
        trial.set_user_attr("hpdsl:violated", violated)
        raise optuna.TrialPruned("; ".join(violated))
    matrix = np.full((model.n_columns, 1), math.nan)
    for c, x in row.columns.items():
        matrix[c, 0] = x
    return Configs(model, matrix)[0]


def _illegal(p: Parameter, row: Evaluator) -> bool:
    piece = active_piece(p, row)
    return piece is not None and contains(p, piece, row) != 1.0


def _suggest(space: Space, trial: Trial, p: Parameter, piece: Piece, row: Evaluator) -> None:
    """Set one parameter to what the trial suggests."""
    dist = piece.dist
    # Optuna wants one kind of distribution for a name, which several priors need not share.
    name = p.path if len(p.pieces) == 1 else f"{p.path}.{p.pieces.index(piece) + 1}"
    if isinstance(dist, Items) and (dist.fixed_weights() is not None or _always_possible(space, dist)):
        _suggest_item(space, trial, p, dist, name, row)
    elif type(dist) is Numeric and (value := _suggest_number(trial, dist, name, row)) is not None:
        put(p, value, None, row)
    elif p.fixed:
        place(p, piece, 0.5, row)
    else:
        place(p, piece, trial.suggest_float(f"{name}:u", 0.0, 1.0), row)


def _always_possible(space: Space, dist: Items) -> bool:
    """True where no value can lose all its weight to other parameters."""
    facts = space.compilation.model.facts
    return all(w.constant is not None or bounds(w, facts).lo > 0.0 for w in dist.weights)


def _suggest_item(space: Space, trial: Trial, p: Parameter, dist: Items, name: str, row: Evaluator) -> None:
    keep = dist.possible()
    chosen = keep[0]
    if len(keep) > 1:
        shown = labels(space, dist)
        # Optuna compares choices with `==`, by which true is 1: such lists are suggested by number.
        choices = [shown[k] for k in keep]
        if len(set(choices)) < len(choices):
            choices = list(range(len(keep)))
        chosen = keep[choices.index(trial.suggest_categorical(name, choices))]
    item = dist.items[chosen]
    if isinstance(item, Range):
        ranges = [k for k in keep if isinstance(dist.items[k], Range)]
        suffix = "range" if len(ranges) == 1 else f"range{ranges.index(chosen) + 1}"
        value = _suggest_number(trial, item.dist, f"{name}.{suffix}", row)
        if value is None:
            row.uniforms[0] = trial.suggest_float(f"{name}.{suffix}:u", 0.0, 1.0)
            value = row.value(item.dist.decode(Term("draw", (), (0,))))
        put(p, value, float(chosen), row)
    else:
        value = dist.values[chosen]
        put(p, None if math.isnan(value) else value, float(chosen), row)


def _suggest_number(trial: Trial, dist: Numeric, name: str, row: Evaluator) -> float | None:
    """A number in natural units, None where the range is not finite here."""
    if dist.lo is None or dist.hi is None:
        if not (type(dist.base) is Beta and dist.linear and dist.lo is None and dist.hi is None):
            return None
        lo = row.value(dist.loc)
        hi = lo + row.value(dist.scale)
    else:
        lo, hi = row.value(dist.lo), row.value(dist.hi)
    if not (math.isfinite(lo) and math.isfinite(hi)):
        return None
    if lo >= hi:
        return lo
    step = dist.lattice.step if dist.lattice is not None else 0.0
    if dist.integer and dist.lattice is not None and step.is_integer():
        last = lo + math.floor((hi - lo) / step + 1e-9) * step
        if lo >= last:
            return lo
        log = dist.log and step == 1.0 and lo >= 1.0
        return float(trial.suggest_int(name, int(lo), int(last), step=int(step), log=log))
    if step:
        count = math.floor((hi - lo) / step + 1e-9)
        assert dist.lattice is not None
        k = trial.suggest_int(f"{name}:step", 0, count) if count > 0 else 0
        return row.value(dist.lattice.point(Term("const", (), (float(k),))))
    return float(trial.suggest_float(name, lo, hi, log=dist.log and lo > 0.0))
