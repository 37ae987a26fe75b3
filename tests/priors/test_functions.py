"""What the functions of users' priors are written with, against Python's mathematics and scipy's."""

import math

import pytest
from scipy import special

from hpdsl.priors import functions as f
from hpdsl.terms import Evaluator, load

# A function, what it must equal, and arguments.
CASES = {
    "exp": (math.exp, [0.7]),
    "log": (math.log, [0.7]),
    "sqrt": (math.sqrt, [0.7]),
    "absolute": (abs, [-0.7]),
    "floor": (math.floor, [-0.7]),
    "minimum": (min, [0.7, -2.0]),
    "maximum": (max, [0.7, -2.0]),
    "normal_cdf": (special.ndtr, [0.7]),
    "normal_ppf": (special.ndtri, [0.7]),
    "gamma_cdf": (lambda x, a: special.gammainc(a, x), [0.7, 2.5]),
    "gamma_ppf": (lambda p, a: special.gammaincinv(a, p), [0.7, 2.5]),
    "log_gamma": (special.gammaln, [2.5]),
    "beta_cdf": (lambda x, a, b: special.betainc(a, b, x), [0.7, 2.5, 1.5]),
    "beta_ppf": (lambda p, a, b: special.betaincinv(a, b, p), [0.7, 2.5, 1.5]),
    "less": (lambda a, b: float(a < b), [0.7, 0.8]),
}


@pytest.mark.parametrize("name", CASES)
def test_numbers_and_terms_give_what_the_name_says(name):
    expected, arguments = CASES[name]
    function = getattr(f, name)
    wanted = pytest.approx(expected(*arguments), rel=1e-12)
    assert Evaluator({}).value(function(*arguments)) == wanted
    columns = dict(enumerate(arguments))
    assert Evaluator(columns).value(function(*map(load, columns))) == wanted


def test_where_takes_the_place_of_if():
    chosen = f.where(f.less(load(0), 0.5), -1.0, load(0))
    assert [Evaluator({0: x}).value(chosen) for x in (0.2, 0.7)] == [-1.0, 0.7]


def test_every_function_is_tested():
    public = {n for n, v in vars(f).items() if getattr(v, "__module__", "") == f.__name__ and not n.startswith("_")}
    assert public == {*CASES, "where"}
