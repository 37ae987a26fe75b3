"""Gradient boosting on the breast-cancer data, with the space in a Python string.

python examples/cancer_boosting/tune.py [trials]
"""

import sys

from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.model_selection import StratifiedKFold, cross_val_score

import hpdsl

SPACE = hpdsl.loads("""
    n_estimators     ~ int loguniform(10, 200)             default 100
    learning_rate    ~ lognormal(6 / n_estimators, 3) in 1e-3 .. 1     # more trees want smaller steps
    max_depth        ~ int uniform(1, 6)                   default 3
    subsample        ~ uniform(0.4, 1)                     default 1
    max_features     ~ choice(none, uniform(0.1, 1))       default none
    min_samples_leaf ~ int loguniform(1, 32)               default 1

    require n_estimators * max_depth <= 600   : "would train too slowly"
    minimize log_loss
""")

X, Y = load_breast_cancer(return_X_y=True)
FOLDS = StratifiedKFold(3, shuffle=True, random_state=0)


def objective(config):
    model = GradientBoostingClassifier(**config, random_state=0)
    return -cross_val_score(model, X, Y, cv=FOLDS, scoring="neg_log_loss").mean()


if __name__ == "__main__":
    trials = int(sys.argv[1]) if len(sys.argv) > 1 else 25
    study = hpdsl.tune(objective, SPACE, trials=trials, seed=0)
    print(f"log loss {study.best_value:.4f} with")
    for name, value in study.best_config.items():
        print(f"  {name} = {value}")
