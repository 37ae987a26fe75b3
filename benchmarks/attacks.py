"""Attacks on planted violations: which of them are found, how soon, and how small what is shown is.

    python benchmarks/attacks.py [--seeds N] [FAMILY…]

Each family writes random spaces with a claim that fails on a share of about 1e-10 of the configurations, at a place
and with priors that the seed draws. Times are CPU seconds of the attack alone, without compilation.
"""

import argparse
import math
import random
import statistics
import time
from collections.abc import Callable, Iterator

from measure import table

from hpdsl.compiler import Compilation
from hpdsl.source import Source
from hpdsl.testing.attack import attacks

MEASURE = 1e-10
PATIENCE = 10.0

Family = Callable[[random.Random], str]


def prior(rng: random.Random) -> tuple[str, Callable[[float], float]]:
    """A continuous prior as written, and its quantile function."""
    kind = rng.randrange(4)
    if kind == 0:
        low, size = rng.uniform(-5, 5), rng.uniform(0.5, 20)
        return f"uniform({low:.6g}, {low + size:.6g})", lambda u: low + size * u
    if kind == 1:
        low, ratio = 10 ** rng.uniform(-7, -2), 10 ** rng.uniform(1, 5)
        return f"loguniform({low:.6g}, {low * ratio:.6g})", lambda u: low * ratio**u
    if kind == 2:
        mean, sd = rng.uniform(-3, 3), rng.uniform(0.2, 3)
        return f"normal({mean:.6g}, {sd:.6g})", statistics.NormalDist(mean, sd).inv_cdf
    median, factor = 10 ** rng.uniform(-3, 3), rng.uniform(1.3, 6)
    score = statistics.NormalDist().inv_cdf
    return f"lognormal({median:.6g}, {factor:.6g})", lambda u: median * factor ** score(u)


def interval(rng: random.Random, name: str, quantile: Callable[[float], float], share: float) -> str:
    """That a parameter lies in a random interval of so much mass, in one of the ways to write it."""
    at = rng.uniform(0.05, 0.95)
    low, high = quantile(at), quantile(at + share)
    middle, half = 0.5 * (low + high), 0.5 * (high - low)
    return rng.choice(
        [
            f"{low!r} < {name} and {name} < {high!r}",
            f"abs({name} - {middle!r}) < {half!r}",
            f"not ({name} <= {low!r} or {name} >= {high!r})",
            f"{name} in {low!r} .. {high!r}",
        ]
    )


def bounds(rng: random.Random) -> str:
    """One parameter next to one end of its range, or two at theirs."""
    n = rng.choice([1, 2])
    share = MEASURE ** (1 / n)
    lines, parts = [], []
    for k in range(n):
        low, size = rng.uniform(-5, 5), rng.uniform(0.5, 20)
        lines.append(f"x{k} ~ uniform({low!r}, {low + size!r})")
        if rng.random() < 0.5:
            parts.append(f"x{k} < {low + size * share!r}")
        else:
            parts.append(f"x{k} > {low + size * (1 - share)!r}")
    return "\n".join([*lines, f"assert not ({' and '.join(parts)})", ""])


def guards(rng: random.Random) -> str:
    """Where guards meet: each parameter exists in a small part of the one before it."""
    n = rng.choice([2, 3, 4])
    share = MEASURE ** (1 / n)
    name, quantile = prior(rng)
    lines = [f"x0 ~ {name}"]
    for k in range(1, n):
        above = interval(rng, f"x{k - 1}", quantile, share)
        name, quantile = prior(rng)
        lines.append(f"x{k} ~ {name}   when {above}")
    lines.append(f"assert not ({interval(rng, f'x{n - 1}', quantile, share)})")
    return "\n".join([*lines, ""])


def boxes(rng: random.Random) -> str:
    """A narrow box in two to six parameters."""
    n = rng.choice([2, 3, 4, 6])
    lines, parts = [], []
    for k in range(n):
        name, quantile = prior(rng)
        lines.append(f"x{k} ~ {name}")
        parts.append(f"({interval(rng, f'x{k}', quantile, MEASURE ** (1 / n))})")
    if rng.random() < 0.5:
        return "\n".join([*lines, f"assert {' and '.join(parts[:-1])} => not {parts[-1]}", ""])
    return "\n".join([*lines, f"assert not ({' and '.join(parts)})", ""])


def integers(rng: random.Random) -> str:
    """One pair of two integers."""
    lines, parts = [], []
    for k in range(2):
        high = rng.randrange(60_000, 150_000)
        lines.append(f"n{k} ~ int {rng.choice(['uniform', 'loguniform'])}(1, {high})")
        parts.append(f"n{k} == {rng.randrange(1, high)}")
    return "\n".join([*lines, f"assert not ({' and '.join(parts)})", ""])


SMOOTH = (
    ("x * y", lambda x, y: x * y),
    ("x + 3 * y", lambda x, y: x + 3 * y),
    ("x ** 2 + y ** 2", lambda x, y: x**2 + y**2),
    ("exp(x) - 2 * y", lambda x, y: math.exp(x) - 2 * y),
    ("x ** 3 - x * y + y", lambda x, y: x**3 - x * y + y),
    ("log(1 + x ** 2) * y", lambda x, y: math.log(1 + x**2) * y),
    ("x / (1 + y ** 2)", lambda x, y: x / (1 + y**2)),
    ("sqrt(1 + x ** 2) - y", lambda x, y: math.sqrt(1 + x**2) - y),
)


def diagonals(rng: random.Random) -> str:
    """A level of a smooth expression in two parameters, thin."""
    text, f = rng.choice(SMOOTH)
    priors = [prior(rng) for _ in range(2)]
    x, y = (q(rng.uniform(0.1, 0.9)) for _, q in priors)
    x, y = max(min(x, 50.0), -50.0), max(min(y, 50.0), -50.0)
    level = f(x, y)
    # The gradient in u codes tells how thick a band of this measure is.
    step = 1e-6
    slope = math.hypot(
        *(
            (f(x + dx * (q(0.5 + step) - q(0.5)), y + dy * (q(0.5 + step) - q(0.5))) - level) / step
            for dx, dy, q in ((1, 0, priors[0][1]), (0, 1, priors[1][1]))
        )
    )
    width = max(0.5 * MEASURE * slope, 4e-16 * abs(level))
    lines = [f"{name} ~ {p}" for name, (p, _) in zip("xy", priors, strict=True)]
    return "\n".join([*lines, f"assert abs({text} - {level!r}) > {width!r}", ""])


def curves(rng: random.Random) -> str:
    """Where two smooth levels in three parameters cross, both thin."""
    lines, points = [], {}
    for name in "xyz":
        low, size = rng.uniform(-2, 1), rng.uniform(1, 3)
        lines.append(f"{name} ~ uniform({low!r}, {low + size!r})")
        points[name] = low + size * rng.uniform(0.1, 0.9)
    x, y, z = points.values()
    first, second = x * y + z, x**2 - y * z
    width = 0.5 * math.sqrt(MEASURE)
    return "\n".join(
        [*lines, f"assert abs(x * y + z - {first!r}) > {width} or abs(x ** 2 - y * z - {second!r}) > {width}", ""]
    )


def balls(rng: random.Random) -> str:
    """A small ball in two to six parameters, written as one inequality."""
    n = rng.choice([2, 3, 4, 6])
    radius = 0.5 * MEASURE ** (1 / n)
    lines = [f"x{k} ~ uniform(0, 1)" for k in range(n)]
    squares = " + ".join(f"(x{k} - {rng.uniform(0.05, 0.95):.6f}) ** 2" for k in range(n))
    return "\n".join([*lines, f"assert {squares} > {radius**2!r}", ""])


def branches(rng: random.Random) -> str:
    """A narrow interval four choices down, each choice with a branch for it among others."""
    inner, quantile = prior(rng)
    body = f"x ~ {inner}"
    path = "x"
    share = MEASURE
    for depth in range(4):
        n = rng.randrange(2, 6)
        names = [f"b{k}" for k in range(n)]
        chosen = rng.choice(names)
        share *= n
        branches = "\n".join(f"{b} {{\n{body}\n}}" if b == chosen else b for b in names)
        body = f"c{depth} ~ choice {{\n{branches}\n}}"
        path = f"c{depth}.{path}"
    return f"{body}\nassert not ({interval(rng, path, quantile, share)})\n"


def arrays(rng: random.Random) -> str:
    """The longest array, and its elements in narrow intervals or with a narrow sum."""
    n = rng.randrange(3, 7)
    share = MEASURE * n
    lines = [f"n ~ int uniform(1, {n})", "w[n] ~ uniform(0, 1)"]
    if rng.random() < 0.5:
        each = share ** (1 / n)
        parts = [interval(rng, f"w[{k}]", lambda u: u, each) for k in range(n)]
        return "\n".join([*lines, f"assert not ({' and '.join(parts)})", ""])
    # The corner of a sum: (n - sum) < s has measure s ** n / n!.
    size = (share * math.factorial(n)) ** (1 / n)
    return "\n".join([*lines, f"assert sum(w) < {n - size!r}", ""])


def requirements(rng: random.Random) -> str:
    """A corner or an interval on the border of what is required."""
    width = math.sqrt(MEASURE)
    at = rng.uniform(0.2, 0.8)
    lines = ["x ~ uniform(0, 1)", "y ~ uniform(0, 1)", "z ~ uniform(0, 1)"]
    form = rng.randrange(3)
    if form == 0:
        lines += ["require x + y <= 1", f"assert not (x > {at - width!r} and y > {1 - at - width!r})"]
    elif form == 1:
        corner = 0.5 * at
        lines += [f"require x * y <= {corner!r}", f"assert not (x > {1 - width!r} and y > {corner - width!r})"]
    else:
        lines += [
            "require x ** 2 + y ** 2 + z ** 2 <= 1",
            f"assert not (abs(x - {0.6 * at!r}) < {width / 2!r} and abs(y - {0.5 * at!r}) < {width / 2!r})",
        ]
    return "\n".join([*lines, ""])


def mixed(rng: random.Random) -> str:
    """One label, one integer of many, one side of a switch, and a narrow interval."""
    labels = [f"l{k}" for k in range(rng.randrange(3, 12))]
    high = rng.randrange(100, 2000)
    name, quantile = prior(rng)
    share = MEASURE * len(labels) * high * 2
    return (
        f"k ~ choice({', '.join(labels)})\nn ~ int uniform(1, {high})\nb ~ bool(0.5)\nx ~ {name}\n"
        f"assert not (k == {rng.choice(labels)} and n == {rng.randrange(1, high)} and b and "
        f"{interval(rng, 'x', quantile, share)})\n"
    )


def corners(rng: random.Random) -> str:
    """The corner of a sum of ten to thirty parameters."""
    n = rng.randrange(10, 31)
    size = (MEASURE * math.factorial(n)) ** (1 / n)
    lines = [f"x{k} ~ uniform(0, 1)" for k in range(n)]
    signs = [rng.random() < 0.5 for _ in range(n)]
    terms = " + ".join(f"x{k}" if up else f"(1 - x{k})" for k, up in enumerate(signs))
    return "\n".join([*lines, f"assert {terms} < {n - size!r}", ""])


def dependent(rng: random.Random) -> str:
    """A box in parameters whose ranges depend on each other."""
    a = rng.uniform(0.6, 0.9)
    x = rng.uniform(0.1, 0.4)
    half = 0.5 * MEASURE ** (1 / 3)
    return (
        "a ~ uniform(0.5, 1)\nx ~ uniform(0, a)\ny ~ uniform(x, a)\n"
        f"assert not (abs(a - {a!r}) < {half!r} and abs(x - {x!r}) < {half!r}"
        f" and abs(y - {0.5 * (x + a)!r}) < {half!r})\n"
    )


def derived(rng: random.Random) -> str:
    """A level of a value that follows from others by minima, maxima and alternatives."""
    level = rng.uniform(0.15, 0.45)
    return (
        "a ~ uniform(0, 1)\nb ~ uniform(0, 1)\nk ~ choice(up, down)\nc = min(a, b)\nd = max(a, 1 - b)\n"
        f"e = (c * d if k == up else c + d)\nassert abs(e - {level!r}) > {MEASURE / 2} or k == down\n"
    )


def chances(rng: random.Random) -> str:
    """A box in correlated parameters, and in weights that sum to one."""
    half = 0.5 * MEASURE ** (1 / 4)
    a, b = rng.uniform(0.3, 0.7), rng.uniform(-0.5, 0.5)
    return (
        f"a ~ uniform(0, 1)\nb ~ normal(0, 1)\ncorrelate a, b = {rng.uniform(-0.8, 0.8)!r}\n"
        "m[p, q, r] ~ dirichlet(2, 3, 1)\n"
        f"assert not (abs(a - {a!r}) < {half!r} and abs(b - {b!r}) < {half!r}"
        f" and abs(m.p - 0.3) < {half!r} and abs(m.q - {rng.uniform(0.2, 0.6)!r}) < {half!r})\n"
    )


FAMILIES: dict[str, Family] = {
    f.__name__: f
    for f in (
        bounds,
        guards,
        boxes,
        integers,
        diagonals,
        curves,
        balls,
        branches,
        arrays,
        requirements,
        mixed,
        corners,
        dependent,
        derived,
        chances,
    )
}


def attacked(text: str) -> tuple[str, float, str]:
    """The outcome of attacking the claim of a spec, the CPU seconds, and what is shown."""
    space = Compilation(Source("planted.hp", text), defer=True).space
    start = time.process_time()
    verdict = next(attacks(space))
    return verdict.outcome, time.process_time() - start, verdict.detail


def rows(families: list[str], seeds: int, verbose: bool) -> Iterator[list[str]]:
    for family in families:
        times, missed = [], []
        for seed in range(seeds):
            text = FAMILIES[family](random.Random(f"{family} {seed}"))
            outcome, seconds, detail = attacked(text)
            if verbose:
                print(f"{family} {seed}: {outcome} {seconds:.2f} s  {detail}")
            times.append(seconds)
            if outcome != "refuted":
                missed.append(seed)
        found = seeds - len(missed)
        late = sum(t > PATIENCE for t in times)
        yield [
            family,
            f"{found}/{seeds}",
            f"{statistics.median(times):.2f}",
            f"{max(times):.2f}",
            str(late),
            ", ".join(map(str, missed)) or "none",
        ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("families", nargs="*", choices=[[], *FAMILIES])
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("-v", "--verbose", action="store_true")
    given = parser.parse_args()
    attacked("x ~ uniform(0, 1)\nassert x < 0.5\n")  # loads what is loaded once
    found = rows(given.families or list(FAMILIES), given.seeds, given.verbose)
    table(["planted at", "found", "median s", "longest s", f"over {PATIENCE:g} s", "missed seeds"], found)


if __name__ == "__main__":
    main()
