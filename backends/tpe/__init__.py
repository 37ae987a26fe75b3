"""`tpe`: the tree-structured Parzen estimator, one joint mixture over the union of all branches."""

from hpdsl.backends.tpe.backend import TPE as TPE
