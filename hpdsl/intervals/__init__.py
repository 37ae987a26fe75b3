"""What values an expression can take, given what is known at its place."""

from hpdsl.intervals.analysis import assume, bounds
from hpdsl.intervals.differences import gap
from hpdsl.intervals.interval import INF, Facts, Interval

__all__ = ["INF", "Facts", "Interval", "assume", "bounds", "gap"]
