"""`tidied`: a draft with the same meaning, said as a person would say it.

A forbidden clause is broken only where all of it is definitely true, so parts that are never true may go, and
clauses that differ in the values of one parameter are one clause over all of these values.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from hpdsl.errors import UsageError
from hpdsl.interop.blocks import conjuncts
from hpdsl.interop.domains import FALSE, TRUE, Domains, every, is_number, names_in, negated, pushed, same, some, sorts
from hpdsl.interop.draft import (
    Active,
    Among,
    Compare,
    Draft,
    Every,
    Formula,
    Law,
    Listed,
    Negation,
    Parameter,
    Some,
    Text,
    Value,
)
from hpdsl.interop.words import Printer

# A forbidden pair is turned round where at most so many values of the other parameter stay allowed.
_FEW = 3


def tidied(draft: Draft) -> Draft:
    """The draft with its conditions settled, its forbidden clauses merged, and notes on what was left out."""
    notes = list(draft.notes)
    parameters = [_parameter(p, notes) for p in draft.parameters]
    found = _active(replace(draft, parameters=parameters, notes=notes))
    domains = Domains(found)
    settled = [domains.settle(f) for f in found.forbidden]
    # That either is forbidden means that each is.
    clauses = [part for f in settled for part in (f.parts if isinstance(f, Some) else (f,))]
    shown = [Printer(()).formula(atom) for atom in domains.null]
    notes.extend(f"{text}: a continuous parameter takes no single value; clause left out" for text in shown)
    found.forbidden, implied = _merged([c for c in clauses if c != FALSE], domains)
    required = [(_required(f, domains), message) for f, message in found.required]
    found.required = [*((f, "") for f in implied), *((f, message) for f, message in required if f != TRUE)]
    return found


# ---- parameters -------------------------------------------------------------------------------------


def _parameter(parameter: Parameter, notes: list[str]) -> Parameter:
    """Without repeated values, and without a default that it can't take."""
    prior = parameter.prior
    if isinstance(prior, Listed):
        prior = _distinct(prior)
        if prior.ordered and not sorts(prior):
            notes.append(f"`{parameter.name}`: its values stand in an order that `ordinal` can't keep; now a `choice`")
    parameter = replace(parameter, prior=prior)
    if parameter.has_default and not _takes(parameter):
        notes.append(f"`{parameter.name}`: the default {parameter.default} is none of its values; left out")
        parameter.has_default, parameter.default = False, None
    return parameter


def _distinct(prior: Listed) -> Listed:
    seen: dict[object, int] = {}
    items: list[Value | Law] = []
    weights: list[float] = []
    for i, item in enumerate(prior.items):
        key = item if isinstance(item, Law) else same(item)
        weight = 1.0 if prior.weights is None else prior.weights[i]
        if key in seen:
            weights[seen[key]] += weight
        else:
            seen[key] = len(items)
            items.append(item)
            weights.append(weight)
    if prior.weights is None and len(items) == len(prior.items):
        return prior
    even = all(w == weights[0] for w in weights)
    return Listed(tuple(items), None if even or prior.ordered else tuple(weights), prior.ordered)


def _takes(parameter: Parameter) -> bool:
    prior, value = parameter.prior, parameter.default
    if isinstance(prior, Listed):
        laws = any(isinstance(i, Law) for i in prior.items)
        return laws or same(value) in {same(i) for i in prior.items if not isinstance(i, Law)}
    if not is_number(value):
        return False
    assert isinstance(value, (int, float))
    low, high = Domains(Draft()).bounds(prior)
    return low <= value <= high and (not prior.integer or value == int(value))


def _active(draft: Draft) -> Draft:
    """Conditions settled; a parameter whose condition never holds goes, and so what hangs on it alone."""
    parameters = draft.parameters
    _refuse_circles(parameters)
    gone: set[str] = set()
    while True:
        domains = Domains(replace(draft, parameters=parameters))
        kept: list[Parameter] = []
        for p in parameters:
            condition = None if p.condition is None else _without(domains.settle(p.condition), gone)
            if condition == FALSE:
                draft.notes.append(f"`{p.name}` is never active; left out")
                gone.add(p.name)
            else:
                kept.append(replace(p, condition=None if condition in (None, TRUE) else condition))
        if kept == parameters:
            forbidden = [_without(pushed(c), gone) for c in draft.forbidden]
            required = [(negated(_without(negated(f), gone)), message) for f, message in draft.required]
            return replace(draft, parameters=kept, forbidden=forbidden, required=required if gone else draft.required)
        parameters = kept


def _refuse_circles(parameters: Sequence[Parameter]) -> None:
    """Raise `UsageError` where a condition depends on its own parameter."""
    reads = {p.name: sorted(names_in(p.condition)) if p.condition else [] for p in parameters}
    done: set[str] = set()
    for start in reads:
        path: list[str] = []
        stack = [(start, 0)]
        while stack:
            name, depth = stack.pop()
            del path[depth:]
            if name in path:
                circle = " -> ".join(f"`{n}`" for n in [*path[path.index(name) :], name])
                raise UsageError(f"the conditions go in a circle: {circle}; no order of reading them exists")
            if name not in done:
                path.append(name)
                done.add(name)
                stack += [(n, depth + 1) for n in reads.get(name, ())]


def _without(formula: Formula, gone: set[str]) -> Formula:
    """A formula in which what reads an absent parameter is not true."""
    if not gone or not names_in(formula) & gone:
        return formula
    if isinstance(formula, Every):
        return every(_without(p, gone) for p in formula.parts)
    if isinstance(formula, Some):
        return some(_without(p, gone) for p in formula.parts)
    return FALSE


def _required(formula: Formula, domains: Domains) -> Formula:
    """A requirement, which only a definite violation breaks."""
    if isinstance(formula, Text):
        return formula
    broken = domains.settle(negated(formula))
    if broken == FALSE:
        return TRUE
    return Negation(broken) if _opaque(broken) else negated(broken)


def _opaque(formula: Formula) -> bool:
    if isinstance(formula, (Every, Some)):
        return any(map(_opaque, formula.parts))
    return isinstance(formula, (Active, Text, Negation))


# ---- forbidden clauses ------------------------------------------------------------------------------

# The values that are forbidden together, by name, and what else must hold for that.
_Box = tuple[tuple[tuple[str, frozenset[int]], ...], tuple[Formula, ...]]


def _merged(clauses: Sequence[Formula], domains: Domains) -> tuple[list[Formula], list[Formula]]:
    """Forbidden and required formulas for all clauses, in the order of their first ones."""
    forbidden: list[Formula] = []
    required: list[Formula] = []
    families: dict[object, list[_Box]] = {}
    for clause in dict.fromkeys(clauses):
        box = _box(clause, domains)
        key = (tuple(name for name, _ in box[0]), frozenset(box[1])) if box else clause
        families.setdefault(key, []).append(box if box else ((), (clause,)))
    for boxes in families.values():
        names = [name for name, _ in boxes[0][0]]
        tries = [_united(boxes, order) for order in (names, names[::-1])] if names else [boxes]
        for sides, rest in min(tries, key=len):
            implication = _implication(sides, domains) if not rest else None
            if implication is not None:
                required.append(implication)
            else:
                names = [name for name, _ in sides]
                found = [(name, domains.member(name, sorted(held))) for name, held in sides]
                members = [m for name, m in found if m != Active(name) or not _implied(name, names, domains)]
                if not all(held for _, held in sides):
                    continue
                whole = every([*(m for m in members if m != TRUE), *rest])
                forbidden.append(_everything(sides[0][0], domains) if whole == TRUE and sides else whole)
    return forbidden, required


def _box(clause: Formula, domains: Domains) -> _Box | None:
    if not isinstance(clause, (Compare, Among, Every)):
        return None
    sides: dict[str, frozenset[int]] = {}
    rest: list[Formula] = []
    for part in clause.parts if isinstance(clause, Every) else (clause,):
        held = domains.held(part)
        if held is None:
            rest.append(part)
            continue
        assert isinstance(part, (Compare, Among))
        sides[part.name] = sides.get(part.name, held) & held
    if not sides:
        return None
    for name in list(sides):
        if len(sides) > 1 and domains.constant(domains.parameters[name]) and _implied(name, sides, domains):
            del sides[name]
    places = list(domains.parameters)
    return tuple(sorted(sides.items(), key=lambda side: places.index(side[0]))), tuple(rest)


def _implied(name: str, sides: Iterable[str], domains: Domains) -> bool:
    """True where a parameter is active wherever another of the clause is."""
    wanted = set(conjuncts(domains.parameters[name].condition))
    return any(wanted <= set(conjuncts(domains.parameters[n].condition)) for n in sides if n != name)


def _united(boxes: Sequence[_Box], order: Sequence[str]) -> list[_Box]:
    """Boxes that differ in one name only are one, tried name by name."""
    current = list(boxes)
    for name in order:
        groups: dict[object, tuple[frozenset[int], _Box]] = {}
        for sides, rest in current:
            others = tuple(s for s in sides if s[0] != name)
            held = dict(sides)[name]
            before = groups.get(others, (frozenset(), None))[0]
            groups[others] = (held | before, groups.get(others, (held, (sides, rest)))[1])
        current = [
            (tuple((n, held if n == name else old) for n, old in sides), rest)
            for held, (sides, rest) in groups.values()
        ]
    return current


def _everything(name: str, domains: Domains) -> Formula:
    """All values of a parameter, named so that an error shows what leaves nothing."""
    return Among(name, domains.listed(domains.parameters[name]) or ())


def _implication(sides: Sequence[tuple[str, frozenset[int]]], domains: Domains) -> Text | None:
    """`a == x => b == w` for a forbidden pair that leaves few values of b."""
    if len(sides) != 2:
        return None
    printer = Printer(domains.parameters)
    best: tuple[int, Text] | None = None
    for (name, held), (other, taken) in (sides, (sides[1], sides[0])):
        size = len(domains.keys(other) or ())
        left = [i for i in range(size) if i not in taken]
        if not 0 < len(left) <= min(_FEW, len(taken) - 1):
            continue
        premise, rest = domains.member(name, sorted(held)), domains.member(other, left)
        if premise in (TRUE, FALSE) or isinstance(premise, Active) or domains.constant(domains.parameters[name]):
            continue
        text = Text(f"{printer.formula(premise)} => {printer.formula(rest)}")
        if best is None or len(left) < best[0]:
            best = len(left), text
    return best[1] if best else None
