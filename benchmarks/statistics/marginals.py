"""Every prior of one parameter against scipy.stats: the whole law, its tails, truncated ends, cells of lattices."""

import math

import numpy as np
from checks import Check, binomial, chi_square, own_seed, uniform
from scipy import stats

import hpdsl


class Truncated:
    """A law of scipy.stats within bounds, by the tail that both lie in."""

    def __init__(self, law, low=-math.inf, high=math.inf):
        self.law, self.low, self.high = law, low, high
        self.upper = law.cdf(low) > 0.5

    def cdf(self, x):
        if self.upper:
            whole = self.law.sf(self.low) - self.law.sf(self.high)
            return (self.law.sf(self.low) - self.law.sf(x)) / whole
        return (self.law.cdf(x) - self.law.cdf(self.low)) / (self.law.cdf(self.high) - self.law.cdf(self.low))

    def sf(self, x):
        if self.upper:
            return (self.law.sf(x) - self.law.sf(self.high)) / (self.law.sf(self.low) - self.law.sf(self.high))
        return (self.law.cdf(self.high) - self.law.cdf(x)) / (self.law.cdf(self.high) - self.law.cdf(self.low))


class Warped:
    """A uniform law on another scale."""

    def __init__(self, to, low, high):
        self.to, self.low, self.high = to, to(low), to(high)

    def cdf(self, x):
        return (self.to(x) - self.low) / (self.high - self.low)

    def sf(self, x):
        return (self.high - self.to(x)) / (self.high - self.low)


def log_odds(x):
    return np.log(x) - np.log1p(-x)


CONTINUOUS = {
    "uniform(-5, 5)": stats.uniform(-5, 10),
    "uniform(0, 10) in 2 .. 3": stats.uniform(2, 1),
    "loguniform(1e-5, 10)": stats.loguniform(1e-5, 10),
    "loguniform(1e-300, 1e300)": Warped(np.log, 1e-300, 1e300),
    "loguniform(1e-3, 10) in 0.1 .. 0.2": stats.loguniform(0.1, 0.2),
    "revloguniform(0.9, 0.9999)": Warped(lambda x: -np.log1p(-x), 0.9, 0.9999),
    "logituniform(0.01, 0.99)": Warped(log_odds, 0.01, 0.99),
    "normal(1, 2)": stats.norm(1, 2),
    "normal(0, 1) in -1 .. 3": stats.truncnorm(-1, 3),
    "normal(0, 1) in 6 .. 9": Truncated(stats.norm, 6, 9),
    "normal(0, 1) in .. -2": Truncated(stats.norm, -math.inf, -2),
    "normal(0, 1) in 30 ..": Truncated(stats.norm, 30),
    "lognormal(2, 1.5)": stats.lognorm(math.log(1.5), scale=2),
    "lognormal(2, 1.5) in 0.25 .. 8": Truncated(stats.lognorm(math.log(1.5), scale=2), 0.25, 8),
    "lognormal(1e-4, 10) in 1e-6 .. 1": Truncated(stats.lognorm(math.log(10), scale=1e-4), 1e-6, 1),
    "beta(2, 5)": stats.beta(2, 5),
    "beta(0.5, 0.5)": stats.beta(0.5, 0.5),
    "beta(1, 10)": stats.beta(1, 10),
    "beta(30, 0.7)": stats.beta(30, 0.7),
    "beta(2, 5) in 0.1 .. 0.9": Truncated(stats.beta(2, 5), 0.1, 0.9),
    "gamma(2, 1)": stats.gamma(2),
    "gamma(0.3, 5)": stats.gamma(0.3, scale=5),
    "gamma(200, 0.1)": stats.gamma(200, scale=0.1),
    "gamma(2, 1) in 5 .. 9": Truncated(stats.gamma(2), 5, 9),
    "gamma(2, 1) in .. 0.5": Truncated(stats.gamma(2), 0, 0.5),
    "exponential(3)": stats.expon(scale=3),
    "exponential(1) in 20 ..": stats.expon(20),
    "exponential(1) in 0.5 .. 2": Truncated(stats.expon, 0.5, 2),
    "triangular(0, 0.3, 1)": stats.triang(0.3),
    "triangular(0, 0, 1)": stats.triang(0.0),
    "triangular(-1, 2, 2)": stats.triang(1.0, -1, 3),
    "triangular(0, 0.3, 1) in 0.5 .. 0.9": Truncated(stats.triang(0.3), 0.5, 0.9),
}


def cells(law, low, high, step=1.0):
    """Points and masses: what the law gives to half a step around each point."""
    points = low + step * np.arange(round((high - low) / step) + 1)
    edges = np.concatenate([points - step / 2, [points[-1] + step / 2]])
    # Differences by the tail that both edges lie in.
    mass = np.where(law.cdf(edges[:-1]) < 0.5, np.diff(law.cdf(edges)), -np.diff(law.sf(edges)))
    return points, mass / mass.sum()


LATTICES = {
    "int uniform(1, 3)": cells(stats.uniform(0.5, 3), 1, 3),
    "int uniform(-1000, 1000)": cells(stats.uniform(-1000.5, 2001), -1000, 1000),
    "int loguniform(1, 64)": cells(stats.loguniform(0.5, 64.5), 1, 64),
    "int loguniform(1, 5000)": cells(stats.loguniform(0.5, 5000.5), 1, 5000),
    "int normal(5, 2)": cells(stats.norm(5, 2), -40, 50),
    "int normal(5, 2) in 0 .. 10": cells(stats.norm(5, 2), 0, 10),
    "int normal(0, 1) in 4 .. 9": cells(stats.norm(0, 1), 4, 9),
    "int lognormal(20, 2)": cells(stats.lognorm(math.log(2), scale=20), 0, 20_000),
    "int uniform(1, 10) in 2 .. 5": cells(stats.uniform(1.5, 4), 2, 5),
    "int gamma(2, 3)": cells(stats.gamma(2, scale=3), 0, 200),
    "int exponential(4)": cells(stats.expon(scale=4), 0, 400),
    "int triangular(0, 3, 10)": cells(stats.triang(3.5 / 11, -0.5, 11), 0, 10),
    "int uniform(1, 9) step 2": cells(stats.uniform(0, 10), 1, 9, 2.0),
    "uniform(0, 1) step 0.1": cells(stats.uniform(-0.05, 1.1), 0, 1, 0.1),
    "loguniform(0.1, 1) step 0.15": cells(stats.loguniform(0.025, 1.075), 0.1, 1, 0.15),
    "normal(0, 1) in -2 .. 2 step 0.5": cells(stats.norm(0, 1), -2, 2, 0.5),
    "ordinal(1, 2, 5, 10)": (np.array([1.0, 2, 5, 10]), np.full(4, 0.25)),
    "pow2(4, 256)": (2.0 ** np.arange(2, 9), np.full(7, 1 / 7)),
    "choice(3, 1.5: 2, 7: 0.001)": (np.array([3, 1.5, 7]), np.array([1, 2, 0.001]) / 3.001),
    "bool(0.3)": (np.array([0.0, 1.0]), np.array([0.7, 0.3])),
    "bool(1e-5)": (np.array([0.0, 1.0]), np.array([1 - 1e-5, 1e-5])),
}


def continuous(n, seed):
    """Checks of continuous priors: uniforms are what their distribution functions make of the samples."""
    for text, law in CONTINUOUS.items():
        x = hpdsl.loads(f"x ~ {text}\n").sample(n, seed=own_seed(text, seed)).columns["x"]
        low, high = law.cdf(x), law.sf(x)
        # Near 1 the other tail tells more.
        yield from uniform(text, np.where(low < 0.5, low, 1.0 - high))
        for k in (3, 5):
            yield binomial(text, f"far tail: survival below 1e-{k}", (high < 10.0**-k).sum(), n, 10.0**-k)


def lattices(n, seed):
    """Checks of priors with masses: counts of every value, none of which may be another."""
    for text, (points, mass) in LATTICES.items():
        x = hpdsl.loads(f"x ~ {text}\n").sample(n, seed=own_seed(text, seed)).columns["x"].astype(float)
        at = np.searchsorted(np.sort(points), x - 1e-9)
        order = np.argsort(points)
        legal = np.abs(np.sort(points)[np.minimum(at, len(points) - 1)] - x) < 1e-9
        yield Check(text, "values are legal", float(legal.all()), n)
        counts = np.bincount(at[legal], minlength=len(points))
        yield chi_square(text, "counts", counts, n * mass[order])
        for name, k in (("first", 0), ("last", -1)):
            yield binomial(text, f"{name} value", counts[k], n, float(mass[order][k]))


def mixtures(n, seed):
    """Checks of choices with ranges: shares of the alternatives, and the law within each range."""
    text = "x ~ choice(0: 2, loguniform(1e-6, 10): 1, auto: 1, int uniform(20, 29): 1)\n"
    configs = hpdsl.loads(text).sample(n, seed=own_seed(text, seed))
    value, code = configs.columns["x"], configs.codes["x"]
    yield chi_square("a mixture", "alternatives", np.bincount(code, minlength=4), n * np.array([0.4, 0.2, 0.2, 0.2]))
    yield from uniform("a mixture, in its continuous range", stats.loguniform(1e-6, 10).cdf(value[code == 1]))
    inside = (value[code == 3] - 20).astype(np.int64)
    yield chi_square(
        "a mixture, in its integers", "counts", np.bincount(inside, minlength=10), np.full(10, len(inside) / 10)
    )
    text = "x ~ choice(a, uniform(0, 2), uniform(1, 3): 2)\n"
    x = hpdsl.loads(text).sample(n, seed=own_seed(text, seed)).columns["x"]
    x = x[~np.isnan(x)]
    yield from uniform("ranges that overlap", (np.minimum(x, 2) / 2 + 2 * np.clip(x - 1, 0, 2) / 2) / 3)


def dependent(n, seed):
    """Checks of priors whose arguments are parameters: conditional distribution functions."""
    text = """
k ~ int uniform(1, 8)
x ~ uniform(0, k)
y ~ normal(k, k / 2)
z ~ lognormal(k, 1 + 1 / k) in 0.5 .. 9
b ~ bool(k / 9)
m ~ int uniform(k, 2 * k + 1)
"""
    columns = hpdsl.loads(text).sample(n, seed=own_seed(text, seed)).columns
    k, x, y, z = (columns[name] for name in "kxyz")
    yield from uniform("uniform(0, k)", x / k)
    yield from uniform("normal(k, k / 2)", stats.norm.cdf((y - k) / (k / 2)))
    ends = [stats.norm.cdf((np.log(e) - np.log(k)) / np.log(1 + 1 / k)) for e in (0.5, z, 9)]
    yield from uniform("lognormal(k, 1 + 1 / k) in 0.5 .. 9", (ends[1] - ends[0]) / (ends[2] - ends[0]))
    both = np.bincount((k - 1) * 2 + columns["b"], minlength=16)
    odds = np.arange(1, 9) / 9
    yield chi_square("bool(k / 9)", "counts", both, n / 8 * np.stack([1 - odds, odds], axis=1).ravel())
    pairs = np.bincount(k * 32 + columns["m"], minlength=9 * 32)
    expected = [1 / 8 / (i + 2) if 1 <= i <= 8 and i <= j <= 2 * i + 1 else 0.0 for i in range(9) for j in range(32)]
    yield chi_square("int uniform(k, 2 k + 1)", "counts", pairs, n * np.array(expected))


PARTS = (continuous, lattices, mixtures, dependent)
