"""Gaussian copulas in graphs: correlated draws from independent ones, back again, and their density."""

from __future__ import annotations

import math
from collections.abc import Callable

from hpdsl.priors.bases import INNER_HIGH, INNER_LOW
from hpdsl.priors.items import Items
from hpdsl.priors.numeric import Numeric
from hpdsl.priors.power import Power
from hpdsl.semantics.model import Model, Parameter
from hpdsl.terms import Term, apply, const, draw, load

# Nodes and weights of the 16-point Gauss-Legendre rule on 0 .. 1: cells of a score are narrow and smooth.
_HALF = (
    (0.0950125098376374, 0.1894506104550685),
    (0.2816035507792589, 0.1826034150449236),
    (0.4580167776572274, 0.1691565193950025),
    (0.6178762444026438, 0.1495959888165767),
    (0.7554044083550030, 0.1246289712555339),
    (0.8656312023878318, 0.0951585116824928),
    (0.9445750230732326, 0.0622535239386479),
    (0.9894009349916499, 0.0271524594117541),
)
NODES = tuple((0.5 + 0.5 * s * x, 0.5 * w) for x, w in _HALF for s in (-1.0, 1.0))


def normal_score(p: Term) -> Term:
    """The standard normal quantile, the ends of the unit interval moved inside."""
    return apply("normal_ppf", apply("clip", p, data=(INNER_LOW, INNER_HIGH)))


def drawn(p: Parameter, number: dict[str, int]) -> Term:
    """The uniform a parameter decodes: its own draw, or the correlated one."""
    if p.score is None or len(p.score.members) == 1:
        return draw(number[p.path])
    total: Term | None = None
    for path, weight in zip(p.score.members, p.score.row, strict=True):
        if weight == 0.0:
            continue
        part = normal_score(draw(number[path])) * weight
        total = part if total is None else total + part
    assert total is not None
    return apply("normal_cdf", total)


def encoded(p: Parameter, by_path: dict[str, Parameter], scores: Callable[[Parameter], Term]) -> Term:
    """The independent uniform of a correlated parameter, from the scores of its block's members."""
    assert p.score is not None
    return apply("normal_cdf", _innovation(p, by_path, scores, {}))


def _innovation(
    p: Parameter, by_path: dict[str, Parameter], scores: Callable[[Parameter], Term], known: dict[str, Term]
) -> Term:
    """The independent normal behind a member's score: forward substitution in the Cholesky factor."""
    if p.path in known:
        return known[p.path]
    assert p.score is not None
    rest = normal_score(scores(p))
    for path, weight in zip(p.score.members[:-1], p.score.row[:-1], strict=True):
        if weight != 0.0:
            rest = rest - _innovation(by_path[path], by_path, scores, known) * weight
    known[p.path] = rest / p.score.row[-1]
    return known[p.path]


def blocks(model: Model) -> list[list[Parameter]]:
    """The members of each copula, in path order."""
    by_path = {p.path: p for p in model.parameters}
    members = {p.score.members for p in model.parameters if p.score is not None}
    whole = [m for m in members if not any(set(m) < set(o) for o in members)]
    return [[by_path[path] for path in m] for m in sorted(whole)]


def is_discrete(p: Parameter) -> bool:
    """True where a member of a copula has masses."""
    dist = p.pieces[0].dist
    return not isinstance(dist, Numeric) or dist.lattice is not None


def log_factor(block: list[Parameter]) -> Term:
    """What the copula multiplies the product of the members' densities and masses by, as a logarithm.

    Continuous members come first: their joint density is Gaussian in the scores. Given them the discrete ones are
    Gaussian too, and the probability of their cells is integrated one after the other.
    """
    smooth = [p for p in block if not is_discrete(p)]
    coarse = [p for p in block if is_discrete(p)]
    factor = _cholesky(_correlation(block, [*smooth, *coarse]))
    innovations: list[Term] = []
    total: Term = const(0.0)
    for k, p in enumerate(smooth):
        z = normal_score(_cdf(p))
        mean = _mean(factor[k], innovations)
        e = (z - mean) / factor[k][k]
        innovations.append(e)
        total = total + (z * z - e * e) * 0.5 - math.log(factor[k][k])
    if not coarse:
        return total
    masses: Term = const(0.0)
    for p in coarse:
        dist = p.pieces[0].dist
        value = dist.log_density(p.reading) if isinstance(dist, Items) else dist.log_density(load(p.main))
        masses = masses + value
    return total + apply("log", _cells(coarse, factor, innovations)) - masses


def _cells(coarse: list[Parameter], factor: list[list[float]], innovations: list[Term]) -> Term:
    """The probability of the first member's cell and, integrated over it, of the cells after it."""
    k = len(innovations)
    p, rest = coarse[0], coarse[1:]
    mean = _mean(factor[k], innovations)
    low, high = _edges(p)
    a = apply("normal_cdf", (normal_edge(low) - mean) / factor[k][k])
    b = apply("normal_cdf", (normal_edge(high) - mean) / factor[k][k])
    if not rest:
        return b - a
    total: Term = const(0.0)
    for x, w in NODES:
        # Uniform within the conditional probability of the cell: an even weight, whatever its width.
        e = normal_score(a + (b - a) * x)
        total = total + _cells(rest, factor, [*innovations, e]) * w
    return (b - a) * total


def normal_edge(p: Term) -> Term:
    """The score of a cell's edge; the outermost ones lie far out."""
    return apply("normal_ppf", apply("clip", p, data=(2.0**-1022, 1.0 - 2.0**-53)))


def _mean(row: list[float], innovations: list[Term]) -> Term:
    mean: Term = const(0.0)
    for weight, e in zip(row, innovations, strict=False):
        if weight != 0.0:
            mean = mean + e * weight
    return mean


def _cdf(p: Parameter) -> Term:
    dist = p.pieces[0].dist
    assert isinstance(dist, Numeric)
    return dist.encode(load(p.main))


def _edges(p: Parameter) -> tuple[Term, Term]:
    """The cumulative probabilities around a discrete member's value: the middle of its cell, and half its mass."""
    dist = p.pieces[0].dist
    if isinstance(dist, Items):
        middle, mass = dist.encode(p.reading), apply("exp", dist.log_density(p.reading))
    else:
        assert isinstance(dist, (Numeric, Power))
        middle, mass = dist.encode(load(p.main)), apply("exp", dist.log_density(load(p.main)))
    half = mass * 0.5
    # Rounding must not put the edge of the first or last cell inside the unit interval.
    low, high = middle - half, middle + half
    low = apply("if", apply("lt", low, const(1e-15)), const(0.0), low)
    high = apply("if", apply("lt", const(1.0 - 1e-15), high), const(1.0), high)
    return low, high


def _correlation(block: list[Parameter], order: list[Parameter]) -> list[list[float]]:
    """The correlation matrix of the scores in another order, from the rows of the Cholesky factor."""
    rows = {p.path: (p.score.row if p.score is not None else ()) for p in block}

    def entry(a: str, b: str) -> float:
        return math.fsum(x * y for x, y in zip(rows[a], rows[b], strict=False))

    return [[1.0 if a is b else entry(a.path, b.path) for b in order] for a in order]


def _cholesky(matrix: list[list[float]]) -> list[list[float]]:
    size = len(matrix)
    factor = [[0.0] * size for _ in range(size)]
    for i in range(size):
        for j in range(i + 1):
            rest = matrix[i][j] - math.fsum(factor[i][k] * factor[j][k] for k in range(j))
            factor[i][j] = math.sqrt(rest) if i == j else rest / factor[j][j]
    return factor
