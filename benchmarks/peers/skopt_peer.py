"""scikit-optimize as `gp_minimize` sets it up: a Gaussian process and a portfolio of acquisition functions."""

from __future__ import annotations

from skopt import Optimizer
from skopt.space import Categorical, Integer, Real

from peers.flat import configuration, dimensions


def axis(d):
    """A dimension of scikit-optimize."""
    if d.kind == "choice":
        return Categorical(list(d.choices), name=d.name)
    prior = "log-uniform" if d.log else "uniform"
    if d.kind == "int":
        return Integer(int(d.low), int(d.high), prior=prior, name=d.name)
    return Real(d.low, d.high, prior=prior, name=d.name)


class Peer:
    """Everything flat; what is inactive goes on being proposed."""

    def __init__(self, space, seed):
        self.space = space
        self.dimensions = dimensions(space)
        axes = [axis(d) for d in self.dimensions]
        self.optimizer = Optimizer(axes, "GP", n_initial_points=10, acq_func="gp_hedge", random_state=seed)

    def ask(self):
        self.point = self.optimizer.ask()
        values = {}
        for d, v in zip(self.dimensions, self.point, strict=True):
            if d.kind == "choice":
                values[d.name] = d.choices[d.choices.index(v)]
            else:
                values[d.name] = int(d.clipped(int(v))) if d.kind == "int" else d.clipped(float(v))
        return configuration(self.space, values)

    def tell(self, config, value):
        self.optimizer.tell(self.point, float(value))
