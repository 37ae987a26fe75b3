"""Priors as laws with a quantile function and a density, from scipy.stats, by the definitions of docs/language.md."""

import math
from fractions import Fraction
from itertools import combinations

import numpy as np
from scipy import stats


class Scaled:
    """A law of T(x) for a growing map T."""

    def __init__(self, law, to, back, slope):
        self.law, self.to, self.back, self.slope = law, to, back, slope

    def cdf(self, x):
        return self.law.cdf(self.to(x))

    def sf(self, x):
        return self.law.sf(self.to(x))

    def ppf(self, p):
        return self.back(self.law.ppf(p))

    def isf(self, p):
        return self.back(self.law.isf(p))

    def pdf(self, x):
        return self.law.pdf(self.to(x)) * self.slope(x)


def logit(x):
    return math.log(x / (1 - x))


def expit(y):
    return 1 / (1 + math.exp(-y)) if y >= 0 else math.exp(y) / (1 + math.exp(y))


def between(low, high):
    return stats.uniform(low, high - low)


def law(name, a, half):
    """The law of a prior by its arguments, those that are bounds widened by `half`, and its support."""
    if name == "uniform":
        return between(a[0] - half, a[1] + half), a[0], a[1]
    if name == "loguniform":
        inner = between(math.log(a[0] - half), math.log(a[1] + half))
        return Scaled(inner, math.log, math.exp, lambda x: 1 / x), a[0], a[1]
    if name == "revloguniform":
        inner = between(-math.log(1 - (a[0] - half)), -math.log(1 - (a[1] + half)))
        return Scaled(inner, lambda x: -math.log(1 - x), lambda y: 1 - math.exp(-y), lambda x: 1 / (1 - x)), a[0], a[1]
    if name == "logituniform":
        inner = between(logit(a[0] - half), logit(a[1] + half))
        return Scaled(inner, logit, expit, lambda x: 1 / (x * (1 - x))), a[0], a[1]
    if name == "normal":
        return stats.norm(a[0], a[1]), -math.inf, math.inf
    if name == "lognormal":
        inner = stats.norm(math.log(a[0]), math.log(a[1]))
        log = lambda x: math.log(x) if x > 0 else -math.inf  # noqa: E731 - a formula among formulas
        return Scaled(inner, log, math.exp, lambda x: 1 / x), -math.inf, math.inf
    if name == "beta":
        return stats.beta(a[0], a[1]), 0.0, 1.0
    if name == "gamma":
        return stats.gamma(a[0], scale=a[1]), 0.0, math.inf
    if name == "exponential":
        return stats.expon(scale=a[0]), 0.0, math.inf
    if name == "triangular":
        low, mode, high = a[0] - half, a[1], a[2] + half
        return stats.triang((mode - low) / (high - low), low, high - low), a[0], a[2]
    raise LookupError(name)


class Numeric:
    """A numeric prior: `int`, `in` and `step` applied to a law."""

    def __init__(self, name, arguments, integer, within, step):
        self.step = 1.0 if integer and step is None else step
        half = 0.0 if self.step is None else self.step / 2
        if integer and name == "loguniform":
            # Half an integer below a bound that is none may have no logarithm.
            arguments = [math.ceil(arguments[0]), *arguments[1:]]
        # Of bounds that are no integers the support is rounded inwards; the law keeps them.
        self.law, lo, hi = law(name, arguments, half)
        if within is not None:
            lo = max(lo, within[0]) if within[0] is not None else lo
            hi = min(hi, within[1]) if within[1] is not None else hi
        if integer:
            lo = math.ceil(lo) if math.isfinite(lo) else lo
            hi = math.floor(hi) if math.isfinite(hi) else hi
        self.lo, self.hi, self.integer = lo, hi, integer
        self.anchor = lo if step is not None else 0.0
        if step is not None and math.isfinite(hi):
            # The last legal point ends the grid.
            self.hi = self.point(math.floor((hi - lo) / step + 1e-9))
        self.a, self.b = self.lo - half, self.hi + half
        self.half = half

    def point(self, k):
        """The nearest double of the decimal anchor + k * step."""
        exact = Fraction(repr(float(self.anchor))) + k * Fraction(repr(float(self.step)))
        return float(exact)

    def quantile(self, u):
        lower, upper = self.mass_below(self.a), self.mass_above(self.b)
        if self.mass_below(self.a) > 0.5:
            # Far in the upper tail, where only the survival function tells values apart.
            start = self.mass_above(self.a)
            x = self.law.isf(start + u * (upper - start))
        else:
            x = self.law.ppf(lower + u * (1 - upper - lower))
        x = min(max(float(x), self.lo), self.hi)
        if self.step is None:
            return x
        k = round((x - self.anchor) / self.step)
        x = self.point(k) if self.anchor or self.step != 1 else float(k)
        return min(max(x, self.lo), self.hi)

    def mass_below(self, x):
        return float(self.law.cdf(x)) if math.isfinite(x) else float(x > 0)

    def mass_above(self, x):
        return float(self.law.sf(x)) if math.isfinite(x) else float(x < 0)

    def mass(self, low, high):
        """The untruncated mass of an interval, in the tail it lies in."""
        if self.mass_below(low) > 0.5:
            return self.mass_above(low) - self.mass_above(high)
        return self.mass_below(high) - self.mass_below(low)

    def probability(self, x):
        """The mass of a value on a lattice, else the density."""
        whole = self.mass(self.a, self.b)
        if self.step is None:
            return float(self.law.pdf(x)) / whole
        return self.mass(x - self.half, x + self.half) / whole

    def share_below(self, x):
        """The truncated law below x."""
        return self.mass(self.a, x) / self.mass(self.a, self.b)


def pick(u, weights):
    """The number of the alternative at u, where its cell starts, and how wide it is."""
    whole = math.fsum(weights)
    shares = [w / whole for w in weights]
    last = max(k for k, w in enumerate(shares) if w > 0)
    for k in range(last):
        if u < math.fsum(shares[: k + 1]):
            return k, math.fsum(shares[:k]), shares[k]
    return last, math.fsum(shares[:last]), shares[last]


def subset(us, values, sizes):
    """The members of a uniform subset of an admissible size: each in turn, true for a high u; and its probability."""
    chosen, probability = [], 1.0
    for k, u in enumerate(us):
        left = len(us) - k - 1

        def ways(count, left=left):
            return sum(math.comb(left, s - count) for s in sizes if 0 <= s - count <= left)

        without, with_it = ways(len(chosen)), ways(len(chosen) + 1)
        p = with_it / (without + with_it)
        if u >= 1 - p:
            chosen.append(k)
            probability *= p
        else:
            probability *= 1 - p
    return tuple(values[k] for k in chosen), probability


def permutation(us, values):
    """An order: each place takes one of those left."""
    left = list(values)
    return [left.pop(min(int(u * len(left)), len(left) - 1)) for u in us]


def dirichlet(us, alpha):
    """Weights by breaking a stick, and the density of the first K - 1."""
    rest, found, density = 1.0, [], 1.0
    for k, u in enumerate(us):
        law = stats.beta(alpha[k], math.fsum(alpha[k + 1 :]))
        share = float(law.ppf(u))
        density *= float(law.pdf(share)) / rest
        found.append(rest * share)
        rest -= rest * share
    return [*found, rest], density


def ordered(us, law, rising):
    """n draws of a law in order, taken from the outermost inwards; and their joint density (None on a lattice)."""
    n = len(us)
    if law.step is not None:
        return ordered_points(us, law, rising), None
    found, tail, density = [], 1.0, math.factorial(n)
    for k, u in enumerate(us):
        tail *= (1 - u if rising else u) ** (1 / (n - k))
        found.append(law.quantile(1 - tail if rising else tail))
        density *= law.probability(found[-1])
    return found, density


def ordered_points(us, law, rising):
    """As `ordered`, strictly, for a law on few points: every set of n points is weighed."""
    count = round((law.hi - law.lo) / law.step) + 1
    points = [law.lo + k * law.step for k in range(count)]
    masses = {x: law.probability(x) for x in points}
    found = []
    for k, u in enumerate(us):
        left = [x for x in points if not found or (x > found[-1] if rising else x < found[-1])]
        inner = len(us) - k - 1
        weights = []
        for x in left:
            behind = [y for y in left if (y > x if rising else y < x)]
            weights.append(masses[x] * math.fsum(math.prod(masses[y] for y in c) for c in combinations(behind, inner)))
        found.append(left[pick(u, weights)[0]])
    return found


def copula(us, correlations):
    """The quantiles of correlated parameters, in the order of their paths; `correlations` holds Spearman's r."""
    matrix = 2 * np.sin(np.pi * np.asarray(correlations) / 6)
    np.fill_diagonal(matrix, 1.0)
    scores = np.linalg.cholesky(matrix) @ stats.norm.ppf(us)
    density = stats.multivariate_normal(cov=matrix).pdf(scores) / np.prod(stats.norm.pdf(scores))
    return stats.norm.cdf(scores), float(density)
