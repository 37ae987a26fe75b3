"""SMAC3 through ConfigSpace, conditions included."""

from __future__ import annotations

import math
import shutil
import tempfile

from smac import BlackBoxFacade, HyperparameterOptimizationFacade, Scenario
from smac.runhistory.dataclasses import TrialValue

from hpdsl.interop import to_configspace
from peers.flat import configuration, exponent, powers

FACADES = {"bb": BlackBoxFacade, "hpo": HyperparameterOptimizationFacade}


class Peer:
    """A façade with its defaults; `budget` is how many trials it is told to plan for."""

    def __init__(self, space, seed, facade, budget=100):
        self.space = space
        self.folder = tempfile.mkdtemp(prefix="smac")
        declared = to_configspace(space)
        declared.seed(seed)
        scenario = Scenario(declared, deterministic=True, n_trials=budget, seed=seed, output_directory=self.folder)
        self.facade = FACADES[facade](scenario, lambda config, seed=0: 0.0, overwrite=True, logging_level=50)

    def ask(self):
        self.info = self.facade.ask()
        values = {k: v.item() if hasattr(v, "item") else v for k, v in dict(self.info.config).items()}
        values |= {exponent(name): round(math.log2(values[name])) for name in powers(self.space) if name in values}
        return configuration(self.space, values)

    def tell(self, config, value):
        self.facade.tell(self.info, TrialValue(cost=float(value), time=0.0))

    def close(self):
        shutil.rmtree(self.folder, ignore_errors=True)
