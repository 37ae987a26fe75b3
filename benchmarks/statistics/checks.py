"""One statistical check, and Holm's correction for many of them."""

import zlib
from dataclasses import dataclass

import numpy as np
from scipy import stats

# The probability that any check of a run fails although everything is as it should be.
FALSE_ALARM = 1e-6


@dataclass(frozen=True)
class Check:
    """A test of one hypothesis: what of, which test, its p-value and how many values it saw."""

    subject: str
    test: str
    p: float
    n: int


def own_seed(text, seed):
    """A seed of a text's own: parameters of one name have one stream, and checks should not all see that."""
    return zlib.crc32(text.encode()) + (seed << 32)


def holm(checks, level=FALSE_ALARM):
    """The checks that fail at a family-wise level (Holm 1979)."""
    ordered = sorted(checks, key=lambda c: c.p)
    failed = []
    for k, check in enumerate(ordered):
        if check.p > level / (len(ordered) - k):
            break
        failed.append(check)
    return failed


def chi_square(subject, test, counts, expected):
    """Pearson's test; cells that expect fewer than 25 are put together, the least likely first."""
    # Not by counts: like ones together would be no longer what chance brings together.
    pairs = sorted(zip(np.ravel(expected).tolist(), np.ravel(counts).tolist(), strict=True), key=lambda pair: pair[0])
    groups, e, o = [], 0.0, 0.0
    for want, got in pairs:
        e, o = e + want, o + got
        if e >= 25.0:
            groups.append((e, o))
            e, o = 0.0, 0.0
    if groups:
        groups[-1] = (groups[-1][0] + e, groups[-1][1] + o)
    n = int(np.sum(counts))
    if len(groups) < 2:
        return Check(subject, test, 1.0, n)
    statistic = sum((got - want) ** 2 / want for want, got in groups)
    return Check(subject, test, float(stats.chi2.sf(statistic, len(groups) - 1)), n)


def binomial(subject, test, count, n, p):
    """The exact test of one count."""
    return Check(subject, test, float(stats.binomtest(int(count), int(n), p).pvalue), int(n))


def uniform(subject, u):
    """Tests that numbers are uniform on 0 .. 1: Kolmogorov's, of 256 equal cells, and of both tails."""
    n = len(u)
    inside = np.sort(u)
    gap = max((np.arange(1, n + 1) / n - inside).max(), (inside - np.arange(n) / n).max())
    # The limiting law is off by 1 / sqrt(n) at most, and takes no time.
    yield Check(subject, "Kolmogorov-Smirnov", float(stats.kstwobign.sf(np.sqrt(n) * gap)), n)
    counts = np.bincount(np.minimum((u * 256).astype(np.int64), 255), minlength=256)
    yield chi_square(subject, "256 cells", counts, np.full(256, n / 256))
    for k in range(2, 7):
        q = 10.0**-k
        yield binomial(subject, f"below 1e-{k}", (u < q).sum(), n, q)
        yield binomial(subject, f"above 1 - 1e-{k}", (u > 1.0 - q).sum(), n, q)


def independent(subject, u, v, cells=16):
    """A test that two uniforms are independent: counts in equal squares."""
    at = np.minimum((u * cells).astype(np.int64), cells - 1) * cells + np.minimum(
        (v * cells).astype(np.int64), cells - 1
    )
    counts = np.bincount(at, minlength=cells * cells)
    return chi_square(subject, f"{cells} x {cells} squares", counts, np.full(cells * cells, len(u) / cells**2))
