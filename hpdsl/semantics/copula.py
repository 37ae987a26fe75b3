"""`correlate`: rank correlations of parameters, gathered into the Cholesky factors of Gaussian copulas."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from hpdsl.diagnostics import Label
from hpdsl.priors.items import Items
from hpdsl.priors.numeric import Numeric
from hpdsl.priors.power import Power
from hpdsl.semantics.model import Guard, Parameter, Score, Symbol
from hpdsl.semantics.report import CORRELATION, AbandonedError
from hpdsl.semantics.scopes import Context, Table
from hpdsl.semantics.targets import targets
from hpdsl.semantics.typed import number
from hpdsl.syntax import nodes

if TYPE_CHECKING:
    from hpdsl.semantics.resolver import Resolver

# Discrete members beyond this number have no density that can be computed exactly here.
MAX_DISCRETE = 3
MAX_MEMBERS = 200


@dataclass
class _Block:
    """Parameters tied together, with the correlations said of their pairs."""

    members: set[str] = field(default_factory=set)
    pairs: dict[tuple[str, str], tuple[float, nodes.Correlate]] = field(default_factory=dict)
    guard: Guard | None = None


def correlated(table: Table, resolver: Resolver) -> list[Symbol]:
    """The resolver's symbols, those that are correlated with their place in a copula."""
    blocks: list[_Block] = []
    by_path = {s.path: s for s in resolver.order if isinstance(s, Parameter)}
    for node, context in table.correlations:
        try:
            _collect(node, context, resolver, blocks)
        except AbandonedError:
            continue
    scores: dict[str, Score] = {}
    for block in blocks:
        try:
            scores.update(_scores(block, by_path, resolver))
        except AbandonedError:
            continue
    return [
        replace(s, score=scores[s.path]) if isinstance(s, Parameter) and s.path in scores else s for s in resolver.order
    ]


def _collect(node: nodes.Correlate, context: Context, resolver: Resolver, blocks: list[_Block]) -> None:
    report = resolver.report
    if node.method not in (None, "gaussian"):
        raise report.error(
            CORRELATION,
            f"there is no copula `{node.method}`",
            node.method_span or node.span,
            note="no such method",
            help="write `by gaussian()`, or leave it out",
        )
    typed = resolver.expressions.number(node.value, context.scope, resolver.facts)
    r = typed.term.constant if typed.term is not None else None
    if r is None or not -1.0 < r < 1.0:
        raise report.error(
            CORRELATION,
            "a correlation is a constant between -1 and 1",
            node.value.span,
            note="this depends on a parameter" if r is None else f"this is {number(r)}",
            help="write, for example, 0.5; where one value fixes the other, derive it with `=`",
        )
    members = [_member(path, node, context, resolver) for path in node.paths]
    # What is fixed tells nothing of the others.
    members = [m for m in members if not m.fixed]
    if len(members) < 2:
        return
    if len({m.path for m in members}) < len(members):
        raise report.error(
            CORRELATION, "a parameter is correlated with itself", node.span, note="named twice", help="name it once"
        )
    guards = {m.pieces[0].guard for m in members}
    if len(guards) > 1 or any(len(m.pieces) > 1 for m in members):
        raise report.error(
            CORRELATION,
            "correlated parameters must be active together",
            node.span,
            note="under different conditions",
            labels=tuple(Label(m.span, "this one") for m in members),
            help="put them under the same `when`",
        )
    mine = _Block({m.path for m in members}, {}, members[0].pieces[0].guard)
    for k, a in enumerate(members):
        for b in members[k + 1 :]:
            mine.pairs[_pair(a.path, b.path)] = (r, node)
    for other in [b for b in blocks if b.members & mine.members]:
        for pair, (_, earlier) in other.pairs.items():
            if pair in mine.pairs:
                raise report.error(
                    CORRELATION,
                    f"the correlation of `{pair[0]}` and `{pair[1]}` is given twice",
                    node.span,
                    note="again here",
                    labels=(Label(earlier.span, "first here"),),
                    help="keep one of the two",
                )
        mine.members |= other.members
        mine.pairs.update(other.pairs)
        blocks.remove(other)
    blocks.append(mine)


def _pair(a: str, b: str) -> tuple[str, str]:
    return (a, b) if a < b else (b, a)


def _member(path: nodes.Path | nodes.Index, node: nodes.Correlate, context: Context, resolver: Resolver) -> Parameter:
    report = resolver.report
    found = targets(resolver.names, path, context.scope)
    symbol = resolver.symbol(found[0]) if len(found) == 1 and found[0].kind == "value" else None
    if not isinstance(symbol, Parameter):
        raise report.error(
            CORRELATION,
            f"`{report.text(path.span)}` is no single parameter",
            path.span,
            note="can't be correlated",
            help="name a parameter declared with `~`; in a tagged union name the branch too",
        )
    dist = symbol.pieces[0].dist
    if symbol.fixed:
        return symbol
    ordered = isinstance(dist, (Numeric, Power)) or (isinstance(dist, Items) and (dist.ordered or dist.boolean))
    if not ordered or symbol.member:
        raise report.error(
            CORRELATION,
            f"`{report.text(path.span)}` has no order that could be correlated",
            path.span,
            note="its values are labels, or belong to a joint prior",
            labels=(Label(symbol.span, "declared here"),),
            help="correlate numbers, or declare it with `ordinal`",
        )
    return symbol


def _scores(block: _Block, by_path: dict[str, Parameter], resolver: Resolver) -> dict[str, Score]:
    """The rows of the Cholesky factor, in path order."""
    report = resolver.report
    paths = sorted(block.members)
    last = next(reversed(block.pairs.values()))[1]
    if len(paths) > MAX_MEMBERS:
        raise report.error(
            CORRELATION,
            f"{len(paths)} parameters are correlated; the limit is {MAX_MEMBERS}",
            last.span,
            note="too many",
            help="correlate fewer",
        )
    discrete = [p for p in paths if not _continuous(by_path[p])]
    if len(discrete) > MAX_DISCRETE:
        raise report.error(
            CORRELATION,
            f"{len(discrete)} discrete parameters are correlated with each other; the limit is {MAX_DISCRETE}",
            last.span,
            note=", ".join(discrete[:5]),
            help="correlate fewer of them, or draw a continuous parameter and derive the discrete ones",
        )
    factor = _cholesky(_matrix(paths, block))
    if factor is None:
        raise _indefinite(paths, block, resolver)
    found = {}
    for k, path in enumerate(paths):
        found[path] = Score(tuple(paths[: k + 1]), tuple(factor[k][: k + 1]))
    return found


def _continuous(p: Parameter) -> bool:
    dist = p.pieces[0].dist
    return isinstance(dist, Numeric) and dist.lattice is None


def _matrix(
    paths: list[str], block: _Block, scale: float = 1.0, only: nodes.Correlate | None = None, instead: float = 0.0
) -> list[list[float]]:
    """The correlations of the normal scores, all scaled, those of one sentence replaced."""
    size = len(paths)
    matrix = [[float(i == j) for j in range(size)] for i in range(size)]
    for i in range(size):
        for j in range(i):
            said = block.pairs.get(_pair(paths[i], paths[j]))
            if said is not None:
                r = instead if said[1] is only else said[0] * scale
                # Of bivariate normal scores with correlation rho, Spearman's is 6/pi asin(rho / 2).
                matrix[i][j] = matrix[j][i] = 2.0 * _sine(math.pi * r / 6.0)
    return matrix


def _sine(x: float) -> float:
    """The sine for |x| <= pi / 6, within two ulps by its series: the bits of `math.sin` depend on the platform."""
    total = 0.0
    for k in range(17, 1, -2):
        total = (total + 1.0) * (-x * x / (k * (k - 1)))
    return x * (1.0 + total)


def _cholesky(matrix: list[list[float]]) -> list[list[float]] | None:
    """The lower factor, None where the matrix is not positive semi-definite."""
    size = len(matrix)
    factor = [[0.0] * size for _ in range(size)]
    for i in range(size):
        for j in range(i + 1):
            rest = matrix[i][j] - math.fsum(factor[i][k] * factor[j][k] for k in range(j))
            if i == j:
                # A score that follows from the others would leave nothing to draw or to encode.
                if rest <= 1e-10:
                    return None
                factor[i][i] = math.sqrt(rest)
            else:
                factor[i][j] = rest / factor[j][j]
    return factor


def _indefinite(paths: list[str], block: _Block, resolver: Resolver) -> AbandonedError:
    """Correlations that contradict each other, with the nearest legal value of the last one that can mend it."""
    sentences = sorted(dict.fromkeys(node for _, node in block.pairs.values()), key=lambda n: n.span.start)
    for node in reversed(sentences):
        said = next(r for r, n in block.pairs.values() if n is node)
        nearest = _nearest(paths, block, node, said)
        if nearest is not None:
            note, help = f"legal from {number(nearest)} on, given the others", f"write {number(nearest)}"
            break
    else:
        node = sentences[-1]
        low, high = 0.0, 1.0
        for _ in range(60):
            middle = 0.5 * (low + high)
            legal = _cholesky(_matrix(paths, block, middle)) is not None
            low, high = (middle, high) if legal else (low, middle)
        note = "no value of this one alone mends it"
        help = f"multiply all of them by {number(math.floor(low * 1e3) / 1e3)}"
    labels = tuple(Label(n.span, "with this") for n in sentences if n is not node)
    return resolver.report.error(
        CORRELATION, "these correlations contradict each other", node.value.span, note=note, labels=labels, help=help
    )


# Legal values of one coefficient form an interval; steps at which one is looked for.
_STEPS = 400


def _nearest(paths: list[str], block: _Block, node: nodes.Correlate, said: float) -> float | None:
    """The legal value of a sentence next to what it says, rounded to four decimals; None where there is none."""

    def legal(r: float) -> bool:
        return _cholesky(_matrix(paths, block, 1.0, node, r)) is not None

    grid = sorted((k / _STEPS for k in range(1 - _STEPS, _STEPS)), key=lambda r: abs(r - said))
    inside = next((r for r in grid if legal(r)), None)
    if inside is None:
        return None
    outside = said
    for _ in range(60):
        middle = 0.5 * (inside + outside)
        inside, outside = (middle, outside) if legal(middle) else (inside, middle)
    # Rounded into the interval.
    rounded = math.ceil(inside * 1e4) / 1e4 if inside > said else math.floor(inside * 1e4) / 1e4
    return rounded if legal(rounded) else inside
