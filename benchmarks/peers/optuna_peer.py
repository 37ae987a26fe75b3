"""Optuna's samplers, define-by-run."""

from __future__ import annotations

import optuna

from hpdsl.interop.write_optuna import suggest
from peers.flat import Exponents

optuna.logging.set_verbosity(optuna.logging.ERROR)


class Peer:
    """The multivariate TPE that groups what occurs together, or the Gaussian process."""

    def __init__(self, space, seed, sampler):
        if sampler == "tpe":
            chosen = optuna.samplers.TPESampler(seed=seed, multivariate=True, group=True)
        else:
            chosen = optuna.samplers.GPSampler(seed=seed)
        self.space = space
        self.study = optuna.create_study(sampler=chosen)

    def ask(self):
        self.trial = self.study.ask()
        return suggest(self.space, Exponents(self.space, self.trial))

    def tell(self, config, value):
        self.study.tell(self.trial, value)
