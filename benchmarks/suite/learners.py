"""scikit-learn's learners on the data sets it brings along, as tables of cross-validation errors.

A table holds the errors of random configurations, measured once and kept in a cache folder. Between them the error is
the weighted mean of the nearest rows with the same categorical values, so that the best value is that of a row and
known exactly.
"""

from __future__ import annotations

import json
import os
import sys
import warnings
from pathlib import Path

import numpy as np

import hpdsl
from suite.problem import Problem, UnavailableError, text_of

NEAREST, FOLDS = 4, 3
# Rows of each table: what takes some minutes.
ROWS = {"svc_digits": 1500, "forest_wine": 800, "boosting_cancer": 600}


def folder() -> Path:
    """Where the tables are kept."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "hpdsl-benchmarks"


def _svc(c):
    from sklearn.svm import SVC

    kernel = c["kernel"]
    # The limit on iterations keeps hopeless configurations from taking minutes.
    return SVC(
        C=c["cost"],
        kernel=kernel,
        gamma=c.get("gamma", "scale"),
        degree=c.get("degree", 3),
        coef0=c.get("shift", 0.0),
        max_iter=20_000,
    )


def _forest(c):
    from sklearn.ensemble import RandomForestClassifier

    return RandomForestClassifier(
        n_estimators=c["trees"],
        max_depth=c["depth"],
        max_features=c["features"],
        min_samples_leaf=c["leaf"],
        criterion=c["criterion"],
        bootstrap=c["bootstrap"],
        max_samples=c.get("rows"),
        random_state=0,
    )


def _boosting(c):
    from sklearn.ensemble import GradientBoostingClassifier

    return GradientBoostingClassifier(
        n_estimators=c["trees"],
        learning_rate=c["eta"],
        max_depth=c["depth"],
        subsample=c["rows"],
        max_features=c["features"],
        min_samples_leaf=c["leaf"],
        loss=c["law"],
        random_state=0,
    )


# The learner, the data set and the share of its rows that is used.
TASKS = {
    "svc_digits": (_svc, "load_digits", 0.5),
    "forest_wine": (_forest, "load_wine", 1.0),
    "boosting_cancer": (_boosting, "load_breast_cancer", 0.6),
}


def measure(name: str, n: int) -> list[float]:
    """The cross-validated log losses, or errors where there are no probabilities, of the first n rows of seed 0."""
    from sklearn import datasets
    from sklearn.model_selection import StratifiedKFold, cross_val_score
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    learner, data, share = TASKS[name]
    X, y = getattr(datasets, data)(return_X_y=True)
    kept = np.random.default_rng(0).permutation(len(y))[: int(share * len(y))]
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=0)
    # Errors of small data sets come in steps; log losses tell configurations apart.
    scoring = "accuracy" if name.startswith("svc") else "neg_log_loss"
    result = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for k, config in enumerate(hpdsl.loads(text_of(name)).sample(n, seed=0)):
            model = make_pipeline(StandardScaler(), learner(config))
            score = cross_val_score(model, X[kept], y[kept], cv=folds, scoring=scoring).mean()
            result.append(1 - score if scoring == "accuracy" else min(-score, 3.0))
            if k % 50 == 49:
                print(f"{name}: {k + 1} of {n} configurations", file=sys.stderr)
    return [float(v) for v in result]


def table(name: str, n: int | None = None) -> list[float]:
    """The measured values of a task, from the cache where they are there."""
    try:
        import sklearn
    except ImportError:
        raise UnavailableError(f"{name} needs scikit-learn") from None
    n = n or ROWS[name]
    # Another version may cross-validate to other values, and another text has other rows.
    space = hpdsl.loads(text_of(name))
    path = folder() / f"{name}-{n}-{sklearn.__version__}-{space.id[:12]}.json"
    if not path.exists():
        print(f"{name}: cross-validating {n} configurations, once, into {path}", file=sys.stderr)
        values = measure(name, n)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(values))
    return json.loads(path.read_text())


class Interpolation:
    """The weighted mean of the nearest measured rows; a measured row has its own value."""

    def __init__(self, space: hpdsl.Space, values: list[float]) -> None:
        configs = list(space.sample(len(values), seed=0))
        self.labels = [name for name, value in configs[0].items() if isinstance(value, (str, bool))]
        self.space = space
        self.rows: dict[tuple, tuple[np.ndarray, np.ndarray]] = {}
        codes = np.nan_to_num(space.encode(configs), nan=0.5)
        strata = [self._stratum(c) for c in configs]
        for s in set(strata):
            where = [k for k, other in enumerate(strata) if other == s]
            self.rows[s] = codes[where], np.array(values)[where]

    def _stratum(self, config) -> tuple:
        return tuple(config.get(name) for name in self.labels)

    def __call__(self, config) -> float:
        """The value of a configuration."""
        codes, values = self.rows[self._stratum(config)]
        distance = ((codes - np.nan_to_num(self.space.encode([config]), nan=0.5)) ** 2).sum(axis=1)
        near = np.argsort(distance, kind="stable")[:NEAREST]
        if distance[near[0]] < 1e-12:
            return float(values[near[0]])
        weights = 1 / distance[near]
        return float(weights @ values[near] / weights.sum())


def problem(name: str) -> Problem:
    """A task of `TASKS`."""
    values = table(name)
    function = Interpolation(hpdsl.loads(text_of(name)), values)
    return Problem(name, "learners", text_of(name), function, min(values), float(np.median(values)))
