"""What samples must follow: laws by counting every configuration, and samples by plain rejection."""

import math

import numpy as np
from scipy import stats

import hpdsl
from hpdsl.configs import Configs
from hpdsl.grid.levels import levels
from hpdsl.semantics.evaluate import active_piece, broken, derive, put
from hpdsl.semantics.model import Derived
from hpdsl.terms import Evaluator

# False alarms of one comparison.
ALPHA = 1e-9


def configurations(model):
    """The columns of every configuration of a finite space, whether requirements hold or not."""
    rows = [{}]
    for symbol in model.symbols:
        following = []
        for row in rows:
            at = Evaluator(dict(row))
            if isinstance(symbol, Derived):
                derive(symbol, at)
                following.append(at.columns)
                continue
            piece = active_piece(symbol, at)
            if piece is None:
                following.append(row)
                continue
            for level in levels(piece.dist, None, at):
                put(symbol, *level, at)
                following.append(dict(at.columns))
        rows = following
    return rows


def law(space):
    """Probability of every feasible configuration, by its columns, and that of feasibility."""
    model = space.compilation.model
    rows = configurations(model)
    matrix = np.full((model.n_columns, len(rows)), np.nan)
    for k, row in enumerate(rows):
        for c, x in row.items():
            matrix[c, k] = x
    mass = np.exp(space.log_density(Configs(model, matrix)))
    assert abs(mass.sum() - 1.0) < 1e-9
    fine = np.array([not broken(model.requirements, row) for row in rows])
    total = mass[fine].sum()
    return {key(matrix[:, k]): mass[k] / total for k in np.flatnonzero(fine)}, float(total)


def key(column):
    return tuple(None if math.isnan(x) else float(x) for x in column)


def check_counts(space, expected, n=40_000, seed=7):
    """Chi-square of n samples against a law; false alarms below 1e-8."""
    configs = space.sample(n, seed=seed)
    assert space.satisfies(configs).all()
    found, counts = np.unique(np.nan_to_num(configs.matrix, nan=-9e9), axis=1, return_counts=True)
    seen = {tuple(None if x == -9e9 else float(x) for x in col): c for col, c in zip(found.T, counts, strict=True)}
    assert set(seen) <= set(expected), "a configuration that the law excludes"
    # By what is expected alone: like counts together would be no longer what chance brings together.
    pairs = sorted(((p * n, seen.get(k, 0)) for k, p in expected.items()), key=lambda pair: pair[0])
    e, o, groups = 0.0, 0, []
    for want, got in pairs:
        e, o = e + want, o + got
        if e >= 25.0:
            groups.append((e, o))
            e, o = 0.0, 0
    if groups:
        groups[-1] = (groups[-1][0] + e, groups[-1][1] + o)
    statistic = sum((got - want) ** 2 / want for want, got in groups)
    assert len(groups) < 2 or stats.chi2.sf(statistic, len(groups) - 1) > ALPHA, statistic


def plain_rejection(text, n, seed=0):
    """Columns of n draws of the prior that satisfy every requirement."""
    space = hpdsl.loads(text)
    program, model = space.compilation.program, space.compilation.model
    kept = []
    total = 0
    rng = np.random.default_rng(seed)
    while total < n:
        matrix = program.decode(rng.random((len(model.parameters), 40_000)))
        matrix = matrix[:, ~program.violated(matrix).any(axis=0)]
        kept.append(matrix)
        total += matrix.shape[1]
    return np.concatenate(kept, axis=1)[:, :n]


def check_same(text, n=20_000, seed=3):
    """Two-sample Kolmogorov–Smirnov of every column, pair sum and pair difference; false alarms below 1e-8 each."""
    space = hpdsl.loads(text)
    configs = space.sample(n, seed=seed)
    assert space.satisfies(configs).all()
    mine, other = configs.matrix, plain_rejection(text, n)
    limit = math.sqrt(-math.log(ALPHA / 2) / n)
    for a, b in zip(views(mine), views(other), strict=True):
        a, b = np.sort(a), np.sort(b)
        grid = np.concatenate([a, b])
        gap = np.searchsorted(a, grid, side="right") - np.searchsorted(b, grid, side="right")
        assert np.abs(gap).max() / n < limit
    return space


def views(matrix):
    """Columns, sums and differences; what is inactive lies far out."""
    m = np.where(np.isnan(matrix), 1e6, matrix)
    yield from m
    for i in range(len(m)):
        for j in range(i):
            yield m[i] + m[j]
            yield m[i] - m[j]
