"""What is said to be proved holds in doubles: random files whose claims are attacked where arithmetic is at its worst.

`HPDSL_PROOFS=20000 pytest tests/semantics/test_proofs.py` looks at more files, the seed of which `HPDSL_SEED` changes.
"""

import math
import os
from random import Random

import pytest

from hpdsl.compiler import Compilation
from hpdsl.errors import SpecError
from hpdsl.semantics.evaluate import active_piece, broken, contains, derive, holds, place, put
from hpdsl.semantics.model import Derived
from hpdsl.source import Source
from hpdsl.terms import Evaluator, apply

FILES = int(os.environ.get("HPDSL_PROOFS", "100"))
SEED = int(os.environ.get("HPDSL_SEED", "1"))
TRIALS = 60
AWKWARD = ("0.1", "0.3", "1e16", "-1e16", "9007199254740992", "1e-200", "5e-324", "1e-310", "1e200", "-1e-20", "3.7")
PRIORS = (
    "uniform({a}, {b})",
    "uniform({a}, {b})",
    "int uniform({i}, {j})",
    "int uniform({i}, {j})",
    "loguniform({p}, {q})",
    "normal({a}, 2)",
    "normal({a}, 2) in {a} .. {b}",
    "lognormal(2, 3)",
    "exponential(0.5)",
    "int lognormal(3, 2)",
    "choice({a}, {b}, uniform({a}, {b}))",
    "ordinal({i}, {j})",
    "bool()",
    "beta(2, 0.5)",
)


class Writer:
    """Writes one file: what it draws is fixed by the seed."""

    def __init__(self, seed):
        self.random = Random(seed)
        self.names = []

    def number(self):
        draw = self.random.random()
        if draw < 0.45:
            return str(self.random.randint(-4, 9))
        if draw < 0.8:
            return f"{self.random.uniform(-5, 9):.{self.random.randint(1, 17)}g}"
        return self.random.choice(AWKWARD)

    def pair(self, of):
        low, high = sorted((of(), of()), key=float)
        return (low, high) if float(low) < float(high) else (low, f"{float(low) + 1:.17g}")

    def prior(self):
        a, b = self.pair(self.number)
        i, j = self.pair(lambda: str(self.random.randint(-3, 40)))
        p, q = self.pair(lambda: f"{10 ** self.random.uniform(-6, 6):.6g}")
        return self.random.choice(PRIORS).format(a=a, b=b, i=i, j=j, p=p, q=q)

    def value(self, depth):
        """A number: the same parts come often, so that differences cancel."""
        draw = self.random.random()
        if depth == 0 or draw < 0.2:
            return self.random.choice(self.names) if self.random.random() < 0.7 else f"({self.number()})"
        if draw < 0.7:
            op = self.random.choice(("+", "-", "*", "+", "-", "*", "/", "//", "%", "**"))
            return f"({self.value(depth - 1)} {op} {self.value(depth - 1)})"
        if draw < 0.8:
            return f"{self.random.choice(('min', 'max'))}({self.value(depth - 1)}, {self.value(depth - 1)})"
        if draw < 0.93:
            call = self.random.choice(("abs", "floor", "ceil", "round", "exp", "log", "log2", "sqrt"))
            return f"{call}({self.value(depth - 1)})"
        return f"({self.value(depth - 1)} if {self.truth(0)} else {self.value(depth - 1)})"

    def truth(self, depth):
        draw = self.random.random()
        if depth > 0 and draw < 0.3:
            op = self.random.choice(("and", "or", "=>"))
            return f"({self.truth(depth - 1)} {op} {self.truth(depth - 1)})"
        if depth > 0 and draw < 0.36:
            return f"not ({self.truth(depth - 1)})"
        left = self.value(self.random.randint(1, 2))
        # A side with a little more or less is often at the edge of what can be proved.
        right = f"{left} + {self.value(1)}" if self.random.random() < 0.3 else self.value(self.random.randint(0, 2))
        op = self.random.choice(("<", "<=", "<=", ">=", ">=", ">", "!="))
        return f"{left} {op} {right}"

    def text(self):
        lines = []
        for name in "xyz"[: self.random.randint(1, 3)]:
            guard = f" when {self.truth(0)}" if self.names and self.random.random() < 0.15 else ""
            lines.append(f"{name} ~ {self.prior()}{guard}")
            self.names.append(name)
        if self.random.random() < 0.3:
            lines.append(f"d = {self.value(1)}")
            self.names.append("d")
        if self.random.random() < 0.2:
            lines.append(f"require {self.truth(0)}")
        for _ in range(6):
            claim = f"assert {self.truth(1)}"
            lines.append(f"when {self.truth(1)} {{ {claim} }}" if self.random.random() < 0.4 else claim)
        return "\n".join(lines) + "\n"


def numbers_in(text):
    """Numbers beside those of a file, beside each other's sums and beside 0."""
    found = {0.0, 1.0, -1.0}
    for word in text.replace("(", " ").replace(")", " ").replace(",", " ").split():
        try:
            found.add(float(word))
        except ValueError:
            continue
    found |= {x * s for x in tuple(found) for s in (0.5, 2.0, 3.0)}
    found |= {math.nextafter(x, s) for x in tuple(found) for s in (-math.inf, math.inf)}
    found |= {5e-324, -5e-324, 1e-310, 1e-20, -1e-20, 1e-17, 1.1, 1.3, 0.3, 1e20, -1e20, 2.0**53, 1e200}
    return sorted(x for x in found if math.isfinite(x))


def attacked(model, text, random):
    """Rows of columns of valid configurations."""
    special = numbers_in(text)
    for _ in range(TRIALS):
        row = Evaluator({})
        for symbol in model.symbols:
            if isinstance(symbol, Derived):
                derive(symbol, row)
                continue
            piece = active_piece(symbol, row)
            if piece is None:
                put(symbol, None, None, row)
                continue
            number = random.choice(special)
            # What is nearly a point of a lattice counts as that point, which is not what would be evaluated.
            if symbol.kind == "float" or number.is_integer():
                put(symbol, number, None, row)
                if symbol.code is None and contains(symbol, piece, row) == 1.0:
                    continue
            small = 10 ** random.uniform(-17, 0)
            place(symbol, piece, random.choice((0.0, 1.0, random.random(), small, 1.0 - small)), row)
        if not broken(model.requirements, row.columns):
            yield row


def falsely_proved(text, random):
    """How many claims of a file are proved, and the first that fails all the same, with the row."""
    try:
        model = Compilation(Source("<proofs>", text), defer=True).space.compilation.model
    except SpecError:
        return 0, None
    proved = [c for c in model.claims if c.verdict == "proved"]
    for row in attacked(model, text, random) if proved else ():
        for claim in proved:
            if holds(claim.guard, row) and row.value(apply("violated", claim.condition)) == 1.0:
                values = {s.path: row.columns[s.main] for s in model.symbols}
                return len(proved), f"{model.source.text[claim.span.start : claim.span.end]} fails at {values}"
    return len(proved), None


@pytest.mark.parametrize("part", range(2))
def test_no_proof_is_false(part):
    total = 0
    for number in range(part, FILES, 2):
        text = Writer(f"{SEED} {number}").text()
        proved, failure = falsely_proved(text, Random(number))
        total += proved
        assert failure is None, f"{failure}\nin file {number} of seed {SEED}:\n{text}"
    # Else nothing was looked at.
    assert total > FILES / 8
