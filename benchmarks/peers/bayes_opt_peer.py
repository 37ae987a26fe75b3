"""bayesian-optimization: integers and choices as it has them, logarithms taken by hand."""

from __future__ import annotations

import math

from bayes_opt import BayesianOptimization

from peers.flat import configuration, dimensions

# Its own default for `maximize`.
START = 5


def axis(d):
    """The bounds of a dimension, or its choices by number."""
    if not d.numeric:
        # As texts: numbers would be taken for bounds.
        return tuple(str(k) for k in range(len(d.choices)))
    if d.log:
        return tuple(math.log(end) for end in d.ends)
    return (int(d.low), int(d.high), int) if d.kind == "int" else (d.low, d.high)


class Peer:
    """Everything flat; what is inactive goes on being proposed."""

    def __init__(self, space, seed):
        self.space = space
        self.dimensions = dimensions(space)
        bounds = {d.name: axis(d) for d in self.dimensions}
        self.optimizer = BayesianOptimization(None, bounds, random_state=seed, verbose=0, allow_duplicate_points=True)
        self.n = 0

    def ask(self):
        self.point = self.optimizer.random_sample(1)[0] if self.n < START else self.optimizer.suggest()
        values = {}
        for d in self.dimensions:
            v = self.point[d.name]
            values[d.name] = d.held(math.exp(v) if d.log else v) if d.numeric else d.choices[int(v)]
        return configuration(self.space, values)

    def tell(self, config, value):
        self.n += 1
        self.optimizer.register(self.point, -float(value))
