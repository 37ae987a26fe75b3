"""The operation table: every operation of the graph and of the op tables, with its code and shape.

Values are doubles with two marks: NaN is *unknown* (it touches something inactive) and +inf is *undefined*
(x / 0, log of a non-positive, overflow). Unknown wins over undefined, except that `and`, `or` and `if_` need
only the side that decides. Truth is 1.0 or 0.0. A finite result is the correctly specified one; -inf never
appears.

An instruction is a row of six int32: (code, dst, a, b, c, imm). `a b c` are registers, used up to `arity`;
`imm` and, where the description says so, `b`, hold constants, columns, streams, regions or table offsets.
"""

from __future__ import annotations

from typing import NamedTuple


class Op(NamedTuple):
    """One operation: its opcode, the number of register operands, and what it computes."""

    code: int
    arity: int
    meaning: str


_TABLE: tuple[tuple[str, int, str], ...] = (
    # ---- lanes, columns and streams --------------------------------------------------------------
    ("enter", 0, "the following operations work on the lanes of region imm (0: all lanes)"),
    ("region", 1, "region imm := those lanes of the current region where a == 1"),
    ("fill", 0, "column imm := NaN on all lanes of the chunk"),
    ("const", 0, "dst := consts[imm]"),
    ("load", 0, "dst := column imm"),
    ("store", 1, "column imm := a; b is 1 where nothing reads a afterwards"),
    ("draw", 0, "dst := uniform in (0, 1) of stream imm at (row, attempt), or row imm of U where U is given"),
    ("override", 1, "dst := given column imm where that is not NaN, else a"),
    # ---- arithmetic ------------------------------------------------------------------------------
    ("add", 2, "a + b"),
    ("sub", 2, "a - b"),
    ("mul", 2, "a * b"),
    ("div", 2, "a / b; undefined at b == 0"),
    ("floordiv", 2, "a // b as in Python; undefined at b == 0"),
    ("mod", 2, "a % b as in Python; undefined at b == 0"),
    ("pow", 2, "a ** b; exact for integral b where representable; undefined where not real or 0 ** negative"),
    ("neg", 1, "-a"),
    ("abs", 1, "|a|"),
    ("min", 2, "the smaller"),
    ("max", 2, "the larger"),
    ("floor", 1, "largest integer <= a"),
    ("ceil", 1, "smallest integer >= a"),
    ("round", 1, "nearest integer, half to even"),
    ("exp", 1, "e ** a"),
    ("log", 1, "natural logarithm; undefined at a <= 0"),
    ("log2", 1, "exact at exact powers of 2"),
    ("log10", 1, "exact at exact powers of 10"),
    ("sqrt", 1, "undefined at a < 0"),
    # ---- truth -----------------------------------------------------------------------------------
    ("lt", 2, "a < b"),
    ("le", 2, "a <= b"),
    ("eq", 2, "a == b"),
    ("ne", 2, "a != b"),
    ("not", 1, "Kleene not"),
    ("and", 2, "Kleene and: 0 if either is 0, else unknown, else undefined, else 1"),
    ("or", 2, "Kleene or: 1 if either is 1, else unknown, else undefined, else 0"),
    ("if", 3, "b where a is 1, c where a is 0, else a's mark"),
    ("known", 1, "1 where a is not NaN, else 0 (never marked)"),
    ("holds", 1, "1 where a is 1, else 0 (never marked): what `when` needs"),
    ("violated", 1, "1 where a is 0 or undefined, else 0 (never marked): what breaks a `require`"),
    ("undefined", 1, "1 where a is +inf, else 0 (never marked)"),
    ("coalesce", 2, "a where a is not NaN, else b"),
    # ---- maps of the unit interval; unmarked finite or NaN inputs only ---------------------------
    ("affine", 1, "consts[imm] + consts[imm + 1] * a"),
    ("clip", 1, "a limited to consts[imm] .. consts[imm + 1]; NaN stays"),
    ("clamp", 3, "a limited to b .. c; NaN stays, as does a NaN or undefined limit"),
    ("lattice", 1, "round(affine(a)) limited as by clip: consts[imm] .. consts[imm + 3] in this order; NaN stays"),
    ("pick", 1, "the number of the b - 1 ascending thresholds at tables[imm:] that are <= a"),
    ("take", 1, "tables[imm + a] of b entries, a an index"),
    ("find", 1, "index of the first of the b entries at tables[imm:] that equals a, else -1; marks stay"),
    ("normal_cdf", 1, "standard normal distribution function"),
    ("normal_ppf", 1, "its inverse"),
    ("beta_cdf", 3, "regularised incomplete beta function I_a(b, c): x is a, shapes b and c"),
    ("beta_ppf", 3, "its inverse in the first argument: probability a, shapes b and c"),
    ("log_beta", 2, "log B(a, b)"),
    ("search", 2, "first entry > a in row b of c rows: tables[imm:] has c + 1 row offsets, then ascending entries"),
    ("gamma_cdf", 2, "regularised lower incomplete gamma function P: x is a, shape b"),
    ("gamma_sf", 2, "1 - P, exact in the upper tail"),
    ("gamma_ppf", 2, "the x whose P is a, shape b"),
    ("gamma_isf", 2, "the x whose 1 - P is a, shape b"),
    ("log_gamma", 1, "log Gamma(a) for a > 0"),
)

OPS: dict[str, Op] = {name: Op(code, arity, meaning) for code, (name, arity, meaning) in enumerate(_TABLE)}
