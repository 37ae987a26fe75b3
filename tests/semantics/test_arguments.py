"""Arguments of priors and their limits."""

import pytest

import hpdsl

NAMES = "n ~ int uniform(0, 3)\nlow ~ uniform(0.1, 0.4)\nwide ~ uniform(0.5, 1.5)\nnegative ~ int uniform(-3, -1)\n"


@pytest.mark.parametrize(
    ("prior", "said"),
    [
        ("normal(0, -1)", "must be greater than 0"),
        ("normal(0, 0)", "must be greater than 0"),
        ("normal(0, n)", "broken when n = 0"),
        ("normal(0, negative)", "this is at most -1"),
        ("lognormal(2, 1)", "must be greater than 1"),
        ("lognormal(2, low)", "this is at most 0.4"),
        ("lognormal(2, wide)", "broken when wide = 0.5"),
        ("logituniform(0.1, 1)", "must be less than 1"),
        ("logituniform(0.1, 2)", "this is 2"),
        ("logituniform(0.1, wide)", "broken when wide = 1.5"),
        ("logituniform(0.1, 2 + low)", "this is at least 2.1"),
        ("loguniform(0, 1)", "start above 0"),
        ("loguniform(n, 9)", "broken when n = 0"),
        ("gamma(0, 1)", "must be greater than 0"),
        ("gamma(1, n)", "broken when n = 0"),
        ("beta(n, 1)", "broken when n = 0"),
        ("loguniform(0.1, 0.9) step 0.2", "start above 0.1"),
        ("logituniform(0.3, 0.9) step 0.3", "end below 0.85"),
    ],
)
def test_arguments_beyond_their_limits_are_refused(prior, said):
    with pytest.raises(hpdsl.SpecError, match=said):
        hpdsl.loads(f"{NAMES}x ~ {prior}\n")


@pytest.mark.parametrize(
    "prior",
    [
        "normal(0, 1 + n)",
        "lognormal(2, 1.5 + low)",
        "logituniform(low, 0.5 + low)",
        "loguniform(low, 1)",
        "gamma(low, 1 + n)",
        "logituniform(0.3, 0.6) step 0.1",
    ],
)
def test_arguments_within_them_are_taken(prior):
    assert hpdsl.loads(f"{NAMES}x ~ {prior}\n").warnings == ()


@pytest.mark.parametrize(
    ("sentences", "said"),
    [
        ("x ~ uniform(0, 1) step 1e-17\n", r"1e\+17 points"),
        ("x ~ uniform(0, 1e300) step 1e-17\n", "more than 1e300 points"),
        ("given size = 3\ntry { size[0] = 1 }\n", "an input or an argument"),
        ("w[a, b] ~ dirichlet(1, 1)\ntry { w = [0.5, 0.25] }\n", r"the last one would be 0\.5$"),
        ("w[a, b] ~ dirichlet(1, 1)\ntry { w = [0.75, 1] }\n", r"the last one would be 0\.25$"),
        ("w[a, b] ~ dirichlet(1, 1)\ntry { w = [1.25, 1] }\n", "write weights that sum to 1"),
    ],
)
def test_what_is_written_is_refused_with_its_reason(sentences, said):
    with pytest.raises(hpdsl.SpecError, match=said):
        hpdsl.loads(sentences)
