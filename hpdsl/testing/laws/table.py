"""`LAWS`: every law, in the order in which they are examined."""

from __future__ import annotations

from hpdsl.testing.laws.codes import features, round_trip
from hpdsl.testing.laws.density import density
from hpdsl.testing.laws.grids import grid
from hpdsl.testing.laws.joint import conditioning, independence
from hpdsl.testing.laws.law import Law
from hpdsl.testing.laws.marginals import marginals
from hpdsl.testing.laws.points import written
from hpdsl.testing.laws.rows import prefix
from hpdsl.testing.laws.texts import fmt, isolation, order
from hpdsl.testing.laws.values import constraints, guards, membership, support

LAWS: tuple[Law, ...] = (
    support, guards, constraints, membership, round_trip, features, marginals, independence, density, conditioning,
    prefix, order, isolation, grid, written, fmt,
)  # fmt: skip
"""What others rest on comes first."""
