"""Programs against the reference: a second reading of the language that shares only the parser with the compiler.

Values, activity, verdicts of requirements and densities are compared at random u codes, over every space of
tests/spaces.py and over random specs.
"""

import math

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from reference.scopes import Unsupported
from reference.space import Row
from spaces import SPACES

import hpdsl
from hpdsl.testing import specs

ROWS = 12


def alike(mine, theirs):
    """Whether a value of the reference is the program's: continuous ones to 1e-9, all else exactly."""
    if isinstance(mine, dict):
        return (
            isinstance(theirs, dict) and mine.keys() == theirs.keys() and all(alike(mine[k], theirs[k]) for k in mine)
        )
    if isinstance(mine, list):
        return isinstance(theirs, list) and len(mine) == len(theirs) and all(map(alike, mine, theirs))
    if isinstance(mine, bool) and isinstance(theirs, float):
        # A derived value that is true or false in one case, and a number in another, is a number.
        return float(mine) == theirs
    if isinstance(mine, bool) or mine is None or isinstance(mine, str):
        return type(mine) is type(theirs) and mine == theirs
    if isinstance(theirs, bool) or not isinstance(theirs, (int, float)):
        return False
    if isinstance(theirs, int):
        return mine == theirs
    return math.isclose(mine, theirs, rel_tol=1e-9, abs_tol=1e-12)


def compare(space, text, files=None, given=None, rows=ROWS):
    """Compare at random codes; how many rows had a density to compare."""
    names = space.code_names
    codes = np.random.default_rng(len(text)).random((rows, len(names)))
    configs = space.decode(codes)
    verdicts, densities = space.satisfies(configs), space.log_density(configs)
    compared = 0
    for k, config in enumerate(configs):
        row = Row(text, dict(zip(names, codes[k].tolist(), strict=True)), files, given)
        here = {key: v for key, v in row.config.items() if key not in row.undefined}
        there = {key: v for key, v in config.items() if key not in row.undefined}
        assert here.keys() == there.keys(), (k, here.keys() ^ there.keys())
        for key in here:
            assert alike(here[key], there[key]), (k, key, here[key], there[key])
        assert row.violated == (not verdicts[k]), k
        # A beta law has no density where its value rounds to an end.
        if row.log_density is not None and row.log_density < math.inf:
            compared += 1
            assert math.isclose(row.log_density, densities[k], rel_tol=1e-9, abs_tol=1e-7), (
                k,
                row.log_density,
                densities[k],
            )
    return compared


@pytest.mark.parametrize("name", SPACES)
def test_spaces(name):
    compare(hpdsl.loads(SPACES[name]), SPACES[name])


def test_random_specs():
    counts = {"specs": 0, "out of reach": 0, "densities": 0}

    @seed(7)
    @settings(max_examples=100, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(specs())
    def check(spec):
        counts["specs"] += 1
        try:
            counts["densities"] += compare(spec.space, spec.text, spec.files, rows=4)
        except Unsupported:
            counts["out of reach"] += 1

    check()
    assert counts["specs"] >= 80
    assert counts["out of reach"] <= counts["specs"] // 20
    assert counts["densities"] >= counts["specs"]
