"""The error of a support-vector classifier on the digits: 5-fold stratified cross-validation, fixed shuffle.

Run it alone for the error of scikit-learn's default classifier under the same folds.
"""

from sklearn.datasets import load_digits
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.svm import SVC

X, Y = load_digits(return_X_y=True)
FOLDS = StratifiedKFold(5, shuffle=True, random_state=42)


def error(**arguments):
    return 1.0 - cross_val_score(SVC(**arguments), X, Y, cv=FOLDS).mean()


def objective(config):
    # "kernel.gamma" is the gamma of whichever kernel was chosen.
    return {"error": error(**{name.removeprefix("kernel."): value for name, value in config.items()})}


if __name__ == "__main__":
    print(f"default SVC: error {error():.5f}")
