"""bayesian-optimization: integers and choices as it has them, logarithms taken by hand."""

from __future__ import annotations

import math

from bayes_opt import BayesianOptimization

from peers.flat import configuration, dimensions

# Its own default for `maximize`.
START = 5


class Peer:
    """Everything flat; what is inactive goes on being proposed."""

    def __init__(self, space, seed):
        self.space = space
        self.dimensions = dimensions(space)
        bounds = {}
        for d in self.dimensions:
            if d.kind == "choice":
                bounds[d.name] = tuple(str(c) for c in d.choices)
            elif d.log:
                bounds[d.name] = (math.log(d.low), math.log(d.high))
            else:
                bounds[d.name] = (int(d.low), int(d.high), int) if d.kind == "int" else (d.low, d.high)
        self.optimizer = BayesianOptimization(None, bounds, random_state=seed, verbose=0, allow_duplicate_points=True)
        self.n = 0

    def ask(self):
        self.point = self.optimizer.random_sample(1)[0] if self.n < START else self.optimizer.suggest()
        values = {}
        for d in self.dimensions:
            v = self.point[d.name]
            if d.kind == "choice":
                values[d.name] = next(c for c in d.choices if str(c) == v)
                continue
            v = math.exp(v) if d.log else float(v)
            values[d.name] = int(d.clipped(round(v))) if d.kind == "int" else d.clipped(v)
        return configuration(self.space, values)

    def tell(self, config, value):
        self.n += 1
        self.optimizer.register(self.point, -float(value))
