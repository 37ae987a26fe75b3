"""Pictures of a search, drawn with matplotlib (the `plot` extra); every function returns the axes it drew on.

hpdsl.plot.posterior(opt, "lr")          what the model believes along a parameter, and where it would try next
hpdsl.plot.grid_and_random(space)        what a grid and as many random trials see of each parameter
hpdsl.plot.progress(study)               every value, and the best so far
hpdsl.plot.importance(opt)               which parameters matter
hpdsl.plot.front(study)                  the best compromises between two objectives
"""

from hpdsl.plot.coverage import grid_and_random
from hpdsl.plot.search import front, importance, progress
from hpdsl.plot.slices import posterior

__all__ = ["front", "grid_and_random", "importance", "posterior", "progress"]
