"""The first rows of the golden spaces are what they always were, whoever computes them."""

import golden_samples as golden
import numpy as np
import pytest

RENEW = """
The samples of `{name}` are not what they were, so every study and every seed that a user noted gives other
configurations. If that is meant: python benchmarks/determinism.py --renew, and a line in CHANGELOG.md that says so.
"""


@pytest.mark.parametrize("jit", ["0", "1"])
@pytest.mark.parametrize("name", golden.NAMES)
def test_samples_are_frozen(name, jit, monkeypatch):
    monkeypatch.setenv("HPDSL_JIT", jit)
    space = golden.space_of(name)
    found = golden.digest(space, [space.sample(golden.FEW, seed=golden.SEED).matrix])
    assert found == golden.frozen()[name][str(golden.FEW)], RENEW.format(name=name)


@pytest.mark.parametrize("name", golden.NAMES)
def test_so_are_single_rows(name, monkeypatch):
    monkeypatch.setenv("HPDSL_JIT", "0")
    space = golden.space_of(name)
    parts = (space.sample(3, seed=golden.SEED, start=k).matrix for k in range(0, 300, 3))
    assert golden.digest(space, parts) == golden.digest(space, [space.sample(300, seed=golden.SEED).matrix])


def test_every_space_is_frozen_at_both_lengths():
    assert {name: set(counts) for name, counts in golden.frozen().items()} == {
        name: {str(golden.FEW), str(golden.MANY)} for name in golden.NAMES
    }


def test_the_hash_sees_every_value_and_no_sign_of_nan():
    space = golden.space_of("conditional")
    matrix = space.sample(50, seed=1).matrix
    before = golden.digest(space, [matrix])
    other = matrix.copy()
    other[np.isnan(other)] = -np.nan
    assert np.isnan(matrix).any()
    assert golden.digest(space, [other[:, :7], other[:, 7:]]) == before
    for place in golden.columns(space).values():
        other = matrix.copy()
        other[place, 49] = np.nextafter(other[place, 49], 9e9) if not np.isnan(other[place, 49]) else 1.0
        assert golden.digest(space, [other]) != before
