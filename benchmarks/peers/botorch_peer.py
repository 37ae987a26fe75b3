"""BoTorch as its tutorials put it together: SingleTaskGP, noisy LogEI, choices one-hot, integers relaxed."""

from __future__ import annotations

import numpy as np
import torch
from botorch.acquisition.logei import qLogNoisyExpectedImprovement
from botorch.fit import fit_gpytorch_mll
from botorch.models import SingleTaskGP
from botorch.models.transforms import Standardize
from botorch.optim import optimize_acqf
from botorch.utils.sampling import draw_sobol_samples
from gpytorch.mlls import ExactMarginalLogLikelihood

from peers.flat import configuration, dimensions

torch.set_num_threads(1)
START = 10


class Peer:
    """Everything flat, in the unit cube; what is inactive goes on being proposed."""

    def __init__(self, space, seed):
        torch.manual_seed(seed)
        self.space = space
        self.dimensions = dimensions(space)
        width = sum(1 if d.numeric else len(d.choices) for d in self.dimensions)
        self.bounds = torch.tensor([[0.0] * width, [1.0] * width], dtype=torch.double)
        self.initial = draw_sobol_samples(self.bounds, START, 1, seed=seed).squeeze(1)
        self.X, self.Y = [], []

    def ask(self):
        self.point = self.initial[len(self.Y)] if len(self.Y) < START else self._proposed()
        values, rounded, at = {}, [], 0
        for d in self.dimensions:
            if d.numeric:
                values[d.name] = d.value(min(max(float(self.point[at]), 0.0), 1.0))
                rounded.append(d.unit(values[d.name]))
                at += 1
            else:
                k = int(np.argmax(self.point[at : at + len(d.choices)].numpy()))
                values[d.name] = d.choices[k]
                rounded += [float(j == k) for j in range(len(d.choices))]
                at += len(d.choices)
        self.rounded = rounded
        return configuration(self.space, values)

    def _proposed(self):
        X = torch.tensor(self.X, dtype=torch.double)
        Y = -torch.tensor(self.Y, dtype=torch.double).unsqueeze(-1)
        model = SingleTaskGP(X, Y, outcome_transform=Standardize(1))
        fit_gpytorch_mll(ExactMarginalLogLikelihood(model.likelihood, model))
        acquisition = qLogNoisyExpectedImprovement(model, X_baseline=X, prune_baseline=True)
        x, _ = optimize_acqf(acquisition, self.bounds, q=1, num_restarts=4, raw_samples=128)
        return x[0]

    def tell(self, config, value):
        self.X.append(self.rounded)
        self.Y.append(float(value))
