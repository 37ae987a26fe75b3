"""Every law holds on random specs, and on priors at the ends of what they take: no false alarms."""

import warnings

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

from hpdsl.testing import specs
from hpdsl.testing.laws import LAWS, Subject


def refutations(subject):
    """The reports of all laws that a space breaks; a warning of numpy's counts as a defect of the law."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return [v.report for law in LAWS if (v := law.check(subject)).failed]


# Statistical laws have 3,200 rows each; what they see is the same in every run.
@seed(11)
@settings(max_examples=35, phases=[Phase.generate], deadline=None, suppress_health_check=list(HealthCheck))
@given(specs())
def test_every_law_holds_on_random_specs(spec):
    assert not refutations(Subject(spec.space, tries=200))


EXTREMES = """
x ~ beta(0.05, 0.05)
x ~ beta(0.001, 0.001)
x ~ beta(0.05, 20)
x ~ beta(1, 0.01)
x ~ gamma(0.02, 1)
x ~ gamma(0.001, 1)
x ~ normal(1e12, 1e-3)
x ~ normal(0, 1) in 30 .. 31
x ~ normal(0, 1e300)
x ~ lognormal(1, 1e50)
x ~ lognormal(1e-300, 10)
x ~ exponential(1) in 700 ..
x ~ triangular(0, 1, 1)
x ~ triangular(0, 0, 1)
x ~ uniform(1, 1.0000000000000002)
x ~ loguniform(1e-300, 1e300)
x ~ loguniform(1, 1.0000001)
x ~ revloguniform(0, 0.9999999999)
x ~ logituniform(1e-300, 0.5)
x ~ int normal(1e12, 1e-3)
x ~ int gamma(0.02, 1)
x ~ int beta(0.05, 0.05)
x ~ beta(0.05, 0.05) step 0.25
x ~ choice(0, gamma(0.02, 1))
x ~ choice(false: 2, 0: 3, uniform(0.5, 1))
x ~ choice(0, uniform(1, 2) step 0.25, beta(9, 0.5))
a ~ loguniform(1, 10); x ~ choice(0, loguniform(a, 12), beta(a, 0.5))
x ~ choice(exponential(3), gamma(9, 3) in 6.75 .. 108)
x ~ choice(true, 1, int uniform(0, 3), "big")
x ~ choice(beta(0.05, 0.05), normal(0, 1))
w[a, b, c, d] ~ dirichlet(0.05, 0.05, 0.05, 0.05)
w[8] ~ dirichlet(0.01)
x[5] ~ increasing beta(0.05, 0.05)
x[5] ~ increasing normal(1e12, 1e-3)
x[5] ~ decreasing gamma(0.02, 1)
a ~ gamma(0.02, 1); b ~ gamma(0.02, 1); correlate a, b = -0.99
a ~ beta(0.05, 0.05); b ~ normal(1e12, 1e-3); correlate a, b = 0.9
a ~ loguniform(1e-3, 1e3); b ~ beta(a, 1 / a)
w[a, b, c] ~ dirichlet(0.01, 1e4, 1)
x ~ gamma(1, 0.5) in 0.125 ..
""".strip().splitlines()


@pytest.mark.parametrize("text", EXTREMES)
def test_every_law_holds_on_extreme_priors(text):
    assert not refutations(Subject(text + "\n", tries=300))
