"""`bayes`: Bayesian optimisation with a Gaussian process over mixed, conditional spaces."""

from hpdsl.backends.bayes.backend import Bayes as Bayes
