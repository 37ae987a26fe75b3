"""The identity of a space: a hash of what it means, not of how its file is written."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from hpdsl.priors.items import Items, Range
from hpdsl.priors.place import Place
from hpdsl.priors.power import Power
from hpdsl.priors.ranked import Ranked
from hpdsl.semantics.model import Derived, Dist, Guard, Model, Parameter
from hpdsl.terms import Term, draw

# Part of every hash: a change of what samples mean must change identities.
LAW = "hpdsl-1"


def space_id(model: Model) -> str:
    """SHA-256 of parameters, guards, defaults, derived values and requirements, in no particular order.

    Names of files, the order of sentences, units, documentation and messages do not count.
    """
    return _hash(_meaning(model))


def study_id(model: Model) -> str:
    """SHA-256 of the space's meaning, its objectives, `try` points, fidelity and bounds on outcomes."""
    names = _names(model)
    fidelity = model.fidelity
    experiment: dict[str, Any] = {}
    if fidelity is not None:
        names[fidelity.column] = fidelity.name
        cost = _term(fidelity.cost, names) if fidelity.cost is not None else None
        experiment["fidelity"] = [fidelity.name, fidelity.lo, fidelity.hi, fidelity.integer, fidelity.by, cost]
    if model.outcomes:
        experiment["outcomes"] = sorted([o.name, o.op, o.bound] for o in model.outcomes)
    return _hash(
        {
            "space": _meaning(model),
            "objectives": [[o.name, o.maximize] for o in model.objectives],
            "try": [sorted([path, list(w)] for path, w in t.given.items()) for t in model.tries],
            **experiment,
        }
    )


def _hash(meaning: object) -> str:
    text = json.dumps([LAW, meaning], sort_keys=True, separators=(",", ":"), allow_nan=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _names(model: Model) -> dict[int, str]:
    """What each column is called, independent of its number."""
    names: dict[int, str] = {}
    for s in model.symbols:
        if isinstance(s, Derived):
            names[s.column] = s.path
        else:
            if s.value is not None:
                names[s.value] = s.path
            if s.code is not None:
                names[s.code] = s.path + "#"
    return names


def _term(term: Term, names: dict[int, str]) -> Any:
    """A term with its columns by name."""
    if term.op == "load":
        return ["load", names[int(term.data[0])]]
    if term.op == "draw":
        return ["draw"]
    return [term.op, [_term(a, names) for a in term.args], [repr(x) for x in term.data]]


def _meaning(model: Model) -> dict[str, Any]:
    names = _names(model)

    def term(t: Term) -> Any:
        return _term(t, names)

    def guard(g: Guard | None) -> Any:
        return [term(c) for c in g.chain()] if g else []

    def dist(d: Dist) -> Any:
        if isinstance(d, Power):
            return ["pow2", dist(d.exponent)]
        if isinstance(d, Items):
            items = [dist(i.dist) if isinstance(i, Range) else [type(i).__name__, i] for i in d.items]
            fixed = d.fixed_weights()
            # Weights are meant relative to each other.
            weights = [repr(w) for w in fixed] if fixed is not None else [term(w) for w in d.weights]
            return ["items", items, weights, d.ordered]
        if isinstance(d, Place):
            # What is left by the places before it, which are those of the same permutation.
            return ["place", d.total, len(d.used)]
        if isinstance(d, Ranked):
            before = term(d.before) if d.before is not None else None
            return ["ranked", dist(d.law), d.rising, before, term(d.rest)]
        # The map of the unit interval is the prior.
        return ["numeric", term(d.decode(draw(0))), d.integer]

    def parameter(p: Parameter) -> Any:
        pieces = [[guard(x.guard), dist(x.dist), x.default, x.default_code] for x in p.pieces]
        score = [] if p.score is None else [[list(p.score.members), [repr(x) for x in p.score.row]]]
        return ["parameter", p.path, p.kind, sorted(pieces, key=json.dumps), *score, *(["fixed"] if p.fixed else [])]

    def derived(s: Derived) -> Any:
        pieces = [[guard(x.guard), term(x.term)] for x in s.pieces]
        return ["derived", s.path, s.kind, list(s.labels), sorted(pieces, key=json.dumps)]

    symbols = [derived(s) if isinstance(s, Derived) else parameter(s) for s in model.symbols]
    requires = [[guard(r.guard), term(r.condition)] for r in model.requirements if not r.implied]
    meaning: dict[str, Any] = {
        "symbols": sorted(symbols, key=json.dumps),
        "require": sorted(requires, key=json.dumps),
    }
    if model.collections:
        lists = [[c.kind, c.path, [[type(v).__name__, v] for v in c.values]] for c in model.collections]
        meaning["lists"] = sorted(lists, key=json.dumps)
    return meaning
