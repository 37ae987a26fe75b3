"""scikit-optimize as `gp_minimize` sets it up: a Gaussian process and a portfolio of acquisition functions."""

from __future__ import annotations

from skopt import Optimizer
from skopt.space import Categorical, Integer, Real

from peers.flat import configuration, dimensions


def axis(d):
    """A dimension of scikit-optimize."""
    if not d.numeric:
        # By name of number: among choices of several types it finds the wrong one.
        return Categorical([str(k) for k in range(len(d.choices))], name=d.name)
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
        given = zip(self.dimensions, self.point, strict=True)
        values = {d.name: d.held(v) if d.numeric else d.choices[int(v)] for d, v in given}
        return configuration(self.space, values)

    def tell(self, config, value):
        self.optimizer.tell(self.point, float(value))
