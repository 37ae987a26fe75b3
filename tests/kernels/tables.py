"""Random op tables, and the comparison of executors bit by bit."""

import random

import numpy as np

from hpdsl.kernels.scalar import SCALAR
from hpdsl.ops import OPS

NO_ROWS = np.empty(0, np.int64)
NONE = np.empty((0, 0))
SPECIAL = [
    0.0, -0.0, 1.0, -1.0, 0.5, 2.0, 3.0, -2.5, np.nan, np.inf, 5e-324, -5e-324, 1e-310, 2.2250738585072014e-308,
    1.7976931348623157e308, -1.7976931348623157e308, 1e16, -1e16, 4503599627370497.0, 0.1, 10.0, -745.2, 709.79, 710.0,
    64.0, 65.0, -64.0, 1e-5, 37.0, -38.0, 2.0**53, 1 / 3, 1e-12, 1.0 - 2.0**-53,
]  # fmt: skip
SLOW = {"beta_cdf", "beta_ppf", "log_beta", "gamma_cdf", "gamma_sf", "gamma_ppf", "gamma_isf", "log_gamma"}
STREAMS = 5
INPUTS = 4


def program(*instructions):
    """Instructions (name, dst, a, b, c, imm), from the right end zero, as an op table."""
    rows = [(OPS[name].code, *rest, *[0] * (5 - len(rest))) for name, *rest in instructions]
    return np.array(rows, np.int32).reshape(-1, 6)


def bits(x):
    """The patterns of doubles, every NaN as the same one."""
    return np.where(np.isnan(x), np.nan, x).view(np.uint64)


def values(rng, n):
    """Doubles of all sizes, a third of them special."""
    wide = rng.normal(size=n) * 10.0 ** rng.uniform(-12, 12, n)
    whole = rng.integers(-70, 70, n).astype(float)
    kinds = rng.integers(0, 4, n)
    return np.choose(kinds, [rng.choice(SPECIAL, n), wide, whole, rng.uniform(0, 1, n)])


class Case:
    """A random op table with data; `outputs` columns follow the inputs."""

    def __init__(self, seed, n):
        self.choice = random.Random(seed)
        rng = np.random.default_rng(seed)
        self.consts = values(rng, 12)
        # Entries to find and take, then ascending thresholds.
        self.tables = np.concatenate([values(rng, 40), np.sort(rng.uniform(-1, 2, 60))])
        self.keys = rng.integers(0, 2**32, (STREAMS, 2), dtype=np.uint32)
        self.start = int(rng.integers(0, 2**40))
        self.rows = rng.integers(0, 2**45, n) if seed % 3 == 0 else NO_ROWS
        self.attempts = rng.integers(0, 2**35, n) if seed % 4 == 0 else NO_ROWS
        self.U = rng.uniform(0, 1, (STREAMS, n)) if seed % 5 == 0 else np.empty((STREAMS, 0))
        self.G = values(rng, 2 * n).reshape(2, n) if seed % 7 == 0 else NONE
        self.instructions = []
        self.registers = 0
        self.outputs = 0
        self.regions = 1
        self.block(0, depth=0)
        self.M = np.full((INPUTS + self.outputs, n), 7.25)
        self.M[:INPUTS] = values(rng, INPUTS * n).reshape(INPUTS, n)
        self.code = program(*self.instructions)

    def block(self, region, depth):
        known = [self.emit("load", 0, 0, 0, k) for k in range(INPUTS)]
        for _ in range(self.choice.randrange(4, 16)):
            name = self.choice.choice(OPERATIONS)
            a, b, c = (self.choice.choice(known) for _ in range(3))
            imm = 0
            if name == "draw":
                imm = self.choice.randrange(STREAMS)
            elif name in ("const", "affine", "clip"):
                imm = self.choice.randrange(11)
            elif name == "lattice":
                imm = self.choice.randrange(9)
            elif name == "override":
                imm = self.choice.randrange(2)
            elif name == "pick":
                b, imm = self.choice.randrange(1, 58), 41
            elif name in ("take", "find"):
                b, imm = self.choice.randrange(1, 20), self.choice.randrange(20)
            known.append(self.emit(name, a, b, c, imm))
            if self.choice.random() < 0.3:
                # A register written twice, as an allocator does.
                self.instructions.append(("neg", known[-1], known[-1]))
        for register in self.choice.sample(known, 3):
            self.instructions.append(("fill", 0, 0, 0, 0, INPUTS + self.outputs))
            self.instructions.append(("store", 0, register, 0, 0, INPUTS + self.outputs))
            self.outputs += 1
        if depth < 2:
            truth = self.emit("lt", self.choice.choice(known), self.choice.choice(known), 0, 0)
            # A region's number may be used again, for other lanes.
            inner = self.choice.choice([self.regions, max(region + 1, self.regions - 1)])
            self.regions = max(self.regions, inner + 1)
            self.instructions.append(("region", 0, truth, 0, 0, inner))
            self.instructions.append(("enter", 0, 0, 0, 0, inner))
            self.block(inner, depth + 1)
            self.instructions.append(("enter", 0, 0, 0, 0, region))
            if self.choice.random() < 0.5:
                self.block(region, depth + 1)

    def emit(self, name, a, b, c, imm):
        self.instructions.append((name, self.registers, a, b, c, imm))
        self.registers += 1
        return self.registers - 1

    def run(self, execute, low=0, high=None):
        """The matrix after executing lanes low .. high - 1."""
        M = self.M.copy()
        data = (self.code, self.consts, self.tables, self.keys, self.registers, self.regions, self.start)
        execute(*data, self.rows, self.attempts, self.U, self.G, M, low, M.shape[1] if high is None else high)
        return M


OPERATIONS = [*sorted(set(SCALAR) - SLOW), "draw", "draw", "const", "override", "pick", "take", "find"]


# How many constants an operation takes behind its operand.
CONSTANTS = {"affine": 2, "clip": 2, "lattice": 4}


def operands(name, rng, n):
    """Arguments for one operation, shape (arity, n); with their constants as further rows."""
    arity = 1 + CONSTANTS[name] if name in CONSTANTS else OPS[name].arity
    x = values(rng, arity * n).reshape(arity, n)
    if name in SLOW:
        shapes = x if name.startswith("log_") else x[1:]
        # Most shapes are of a usual size; the rest is left as it is.
        usual = rng.random(shapes.shape) < 0.8
        shapes[usual] = 10.0 ** rng.uniform(-1.3, 3.0, usual.sum())
        shapes[np.isfinite(shapes) & (abs(shapes) > 1e4)] = 20.0
    return x
