"""The random streams: a battery of classical tests along rows, attempts, seeds and parameters, and between them.

Uniforms are (m + 1/2) / 2**52 with integers m of 52 bits; what is tested is m, from its highest to its lowest bit.
Tests after Knuth (The Art of Computer Programming, vol. 2, 3.3.2) and Marsaglia (Diehard).
"""

import math

import numpy as np
from checks import Check, binomial, chi_square
from scipy import stats

import hpdsl
from hpdsl.graph.graph import Graph, Statement
from hpdsl.program.program import lower, run
from hpdsl.terms import draw

BITS = 52


def integers(keys, *, start=0, rows=None, attempts=None, n=0):
    """The integers behind the uniforms of streams, shape (streams, n)."""
    d = len(keys)
    table = lower(Graph(d, frozenset(), tuple(Statement(j, draw(j), None) for j in range(d))))
    out = np.empty((d, n))
    none = np.empty(0, dtype=np.int64)
    run(
        table,
        out,
        keys=keys,
        start=start,
        rows=none if rows is None else rows,
        attempts=none if attempts is None else attempts,
    )
    return (out * 2.0**BITS).astype(np.uint64)


def keys(names, seeds):
    """The keys of parameters under seeds, one after the other."""
    program = hpdsl.loads("".join(f"{name} ~ uniform(0, 1)\n" for name in names)).compilation.program
    return np.concatenate([program.keys(seed) for seed in seeds])


def sequences(n):
    """Sequences of n integers, by the direction in which they are read."""
    some = 512
    several = n // some
    rows = np.arange(n)
    one = keys(["x"], [0])
    yield "rows", integers(one, n=n)[0]
    yield "rows of a far block", integers(one, start=2**40, n=n)[0]
    yield "even rows", integers(one, rows=2 * rows, attempts=np.zeros(n, dtype=np.int64), n=n)[0]
    yield "attempts", integers(one, rows=np.zeros(n, dtype=np.int64), attempts=rows, n=n)[0]
    yield "rows and attempts together", integers(one, rows=rows, attempts=rows, n=n)[0]
    for name, made in (
        ("seeds", keys(["x"], range(several))),
        ("seeds 2**k apart", keys(["x"], [k << 40 for k in range(several)])),
        ("parameters", keys([f"x{k}" for k in range(several)], [0])),
    ):
        # 512 streams at a time, of each 512 rows; read across the streams first.
        parts = [integers(made[k : k + some], n=some) for k in range(0, len(made), some)]
        yield name, np.concatenate(parts).T.ravel()


def pairs(n):
    """Pairs of sequences that have one thing in common."""
    rows, none = np.arange(n), np.zeros(n, dtype=np.int64)
    x, y, xx = keys(["x", "y", "xx"], [0])[:, None]
    (other,) = keys(["x"], [1])[:, None]
    first = integers(x, n=n)[0]
    yield "two parameters", first, integers(y, n=n)[0]
    yield "names with a common beginning", first, integers(xx, n=n)[0]
    yield "two seeds", first, integers(other, n=n)[0]
    yield "a row and the next", first[:-1], first[1:]
    yield "a row and the one after next", first[:-2], first[2:]
    yield "a row and that 1024 later", first[:-1024], first[1024:]
    yield "two attempts", first, integers(x, rows=rows, attempts=none + 1, n=n)[0]
    yield (
        "row and attempt exchanged",
        (integers(x, rows=rows, attempts=none + 7, n=n)[0]),
        integers(x, rows=none + 7, attempts=rows, n=n)[0],
    )


# ---- tests of one sequence --------------------------------------------------------------------------


def alone(name, m):
    """The battery on one sequence."""
    n = len(m)
    u = (m.astype(np.float64) + 0.5) / 2.0**BITS
    yield _cells(name, "4096 cells of the highest bits", m >> np.uint64(40), 12)
    yield _cells(name, "4096 cells of the lowest bits", m & np.uint64(4095), 12)
    ones = np.array([int(((m >> np.uint64(k)) & np.uint64(1)).sum()) for k in range(BITS)])
    yield Check(name, "ones of every bit", float(stats.chi2.sf((((ones - n / 2) ** 2) / (n / 4)).sum(), BITS)), n)
    weights = np.bitwise_count(m)
    yield chi_square(name, "ones in an integer", np.bincount(weights, minlength=BITS + 1), n * _ones())
    yield _correlation(name, "ones in successive integers", weights[:-1].astype(float), weights[1:].astype(float))
    for lag in (1, 2, 3, 4, 7, 16, 1024):
        yield _correlation(name, f"serial correlation, lag {lag}", u[:-lag], u[lag:])
    for t, bits in ((2, 6), (3, 4), (4, 3)):
        for what, shift in (("highest", BITS - bits), ("lowest", 0)):
            part = (m[: n - n % t].reshape(-1, t) >> np.uint64(shift)) & np.uint64(2**bits - 1)
            at = sum(part[:, k].astype(np.int64) << (bits * k) for k in range(t))
            yield _cells(name, f"{t} in succession by their {bits} {what} bits", at, t * bits)
    orders = np.argsort(u[: n - n % 5].reshape(-1, 5), axis=1)
    code = (orders * 5 ** np.arange(5)).sum(axis=1)
    counts = np.unique(code, return_counts=True)[1]
    yield chi_square(name, "orders of 5", np.pad(counts, (0, 120 - len(counts))), np.full(120, len(code) / 120))
    yield from _gaps(name, u)
    yield _runs(name, u)
    yield chi_square(name, "greatest of 8", *_greatest(u))
    for what, shift in (("highest", 20), ("lowest", 0)):
        part = (m >> np.uint64(shift)) & np.uint64(2**32 - 1)
        yield _birthdays(name, f"birthday spacings of the 32 {what} bits", part)
        yield _collisions(
            name, f"collisions of the 20 {what} bits", (m >> np.uint64(32 if shift else 0)) & np.uint64(2**20 - 1)
        )
        yield _ranks(name, f"ranks of 32 x 32 matrices of the {what} bits", part)


def _cells(name, test, at, bits):
    return chi_square(
        name, test, np.bincount(at.astype(np.int64), minlength=2**bits), np.full(2**bits, len(at) / 2**bits)
    )


def _ones():
    return stats.binom.pmf(np.arange(BITS + 1), BITS, 0.5)


def _correlation(name, test, a, b):
    r = float(np.corrcoef(a, b)[0, 1])
    return Check(name, test, float(2.0 * stats.norm.sf(abs(np.arctanh(r)) * math.sqrt(len(a) - 3))), len(a))


def _gaps(name, u):
    """How many numbers pass between two that lie in an interval."""
    for low, high in ((0.0, 0.1), (0.45, 0.55), (0.9, 1.0)):
        lengths = np.diff(np.flatnonzero((u >= low) & (u < high))) - 1
        p = 0.1 * 0.9 ** np.arange(60)
        counts = np.bincount(np.minimum(lengths, 60), minlength=61)
        yield chi_square(name, f"gaps between {low} .. {high}", counts, len(lengths) * np.append(p, 1.0 - p.sum()))


def _runs(name, u):
    """Lengths of rising runs, the number after each left out so that they are independent."""
    falls = np.flatnonzero(u[1:] < u[:-1])
    lengths, at = [], 0
    for fall in falls.tolist():
        if fall >= at:
            lengths.append(fall - at + 1)
            at = fall + 2
    r = np.arange(1, 7)
    p = 1.0 / np.array([math.factorial(k) for k in r]) - 1.0 / np.array([math.factorial(k + 1) for k in r])
    counts = np.bincount(np.minimum(np.array(lengths, dtype=np.int64), 7), minlength=8)[1:]
    return chi_square(name, "rising runs", counts, len(lengths) * np.append(p, 1.0 - p.sum()))


def _greatest(u):
    top = u[: len(u) - len(u) % 8].reshape(-1, 8).max(axis=1) ** 8
    return np.bincount(np.minimum((top * 128).astype(np.int64), 127), minlength=128), np.full(128, len(top) / 128)


def _birthdays(name, test, days):
    """Equal spacings between m sorted birthdays in a year of 2**32 days follow a Poisson law of mean m**3 / 2**34."""
    m = 2048
    groups = np.sort(days[: len(days) - len(days) % m].reshape(-1, m), axis=1)
    spacings = np.sort(np.diff(groups, axis=1), axis=1)
    equal = int((np.diff(spacings, axis=1) == 0).sum())
    mean = len(groups) * m**3 / 2.0**34
    return Check(name, test, _two_sided(stats.poisson(mean), equal), len(groups) * m)


def _collisions(name, test, urns):
    """Balls of a group that fall where one lies already: 2**14 balls, 2**20 urns."""
    balls, m = 2**14, 2**20
    groups = np.sort(urns[: len(urns) - len(urns) % balls].reshape(-1, balls), axis=1)
    found = int((np.diff(groups, axis=1) == 0).sum())
    empty = m * (1 - 1 / m) ** balls
    variance = m * (m - 1) * (1 - 2 / m) ** balls + empty - empty**2
    z = (found - len(groups) * (balls - m + empty)) / math.sqrt(len(groups) * variance)
    return Check(name, test, float(2.0 * stats.norm.sf(abs(z))), len(groups) * balls)


def _two_sided(law, count):
    return float(min(2.0 * min(law.cdf(count), law.sf(count - 1)), 1.0))


def _ranks(name, test, words, most=4000):
    """Ranks of random matrices over the field of two elements."""
    matrices = words[: min(len(words) // 32, most) * 32].reshape(-1, 32).astype(np.int64)
    rank = np.zeros(len(matrices), dtype=np.int64)
    lanes = np.arange(len(matrices))
    for bit in range(32):
        has = (matrices >> bit) & 1
        # Rows above the rank so far are done with.
        open_rows = has * (np.arange(32) >= rank[:, None])
        pivot, found = open_rows.argmax(axis=1), open_rows.any(axis=1)
        at = np.minimum(rank, 31)
        chosen, other = matrices[lanes, pivot].copy(), matrices[lanes, at].copy()
        matrices[lanes[found], pivot[found]] = other[found]
        matrices[lanes[found], at[found]] = chosen[found]
        below = ((matrices >> bit) & 1) * (np.arange(32) > at[:, None]) * found[:, None]
        matrices ^= below * chosen[:, None]
        rank += found
    full = math.prod(1 - 2.0**-k for k in range(1, 33))
    one_less = full * 2 * (1 - 2.0**-32)  # by the law of the rank, up to 2**-31
    counts = [(rank == 32).sum(), (rank == 31).sum(), (rank < 31).sum()]
    expected = np.array([full, one_less, 1 - full - one_less]) * len(rank)
    return chi_square(name, test, counts, expected)


# ---- tests of two sequences -------------------------------------------------------------------------


def together(name, a, b):
    """Tests that two sequences are independent."""
    n = len(a)
    u, v = ((x.astype(np.float64) + 0.5) / 2.0**BITS for x in (a, b))
    yield _correlation(name, "correlation", u, v)
    distances = np.bitwise_count(a ^ b)
    yield chi_square(name, "bits that differ", np.bincount(distances, minlength=BITS + 1), n * _ones())
    differing = np.array([int((((a ^ b) >> np.uint64(k)) & np.uint64(1)).sum()) for k in range(BITS)])
    yield Check(name, "every bit", float(stats.chi2.sf(((differing - n / 2) ** 2 / (n / 4)).sum(), BITS)), n)
    for what, shift in (("highest", BITS - 6), ("lowest", 0)):
        x, y = ((z >> np.uint64(shift)) & np.uint64(63) for z in (a, b))
        yield _cells(name, f"squares of the 6 {what} bits", (x << np.uint64(6)) | y, 12)
    yield binomial(name, "which is greater", (a > b).sum(), n, 0.5)


def battery(n, seed):
    """Every test of every sequence and pair of about n integers; they are what they are, whatever the seed."""
    for name, m in sequences(n):
        yield from alone(name, m)
    for name, a, b in pairs(n):
        yield from together(name, a, b)


def distinct_keys(n, seed):
    """That keys of streams, 64 bits each, are different and random: of 2**16 seeds, and of 2**12 parameters."""
    made = np.concatenate([keys(["x"], range(2**16)), keys([f"x{k}" for k in range(2**12)], [0])])
    whole = (made[:, 0].astype(np.uint64) << np.uint64(32)) | made[:, 1]
    # Two of them would be the same by chance once in 1e10 times.
    yield Check("keys", "all are different", float(len(np.unique(whole)) == len(whole)), len(whole))
    for part in range(2):
        yield _birthdays("keys", f"birthday spacings of word {part}", made[:, part].astype(np.uint64))
        ones = np.array([int(((made[:, part] >> np.uint32(k)) & np.uint32(1)).sum()) for k in range(32)])
        statistic = ((ones - len(made) / 2) ** 2 / (len(made) / 4)).sum()
        yield Check("keys", f"ones of every bit of word {part}", float(stats.chi2.sf(statistic, 32)), len(made))


PARTS = (battery, distinct_keys)
