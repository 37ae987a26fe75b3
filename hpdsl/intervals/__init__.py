"""What values an expression can take, given what is known at its place."""

from hpdsl.intervals.analysis import assume, bounds, linear_bounds
from hpdsl.intervals.interval import INF, Facts, Interval

__all__ = ["INF", "Facts", "Interval", "assume", "bounds", "linear_bounds"]
