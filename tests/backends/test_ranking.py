"""Which trials rank before others: bounds, layers of domination, crowding."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpdsl.backends.ranking import crowding, layers, ranking

rows = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=15)


@given(rows)
def test_layers_peel_the_front_off(values):
    values = np.array(values, dtype=float)
    found = layers(values)
    for i, row in enumerate(values):
        above = [found[j] for j, other in enumerate(values) if (other <= row).all() and (other < row).any()]
        assert found[i] == (1 + max(above) if above else 0)


def test_what_is_alone_is_less_crowded():
    values = np.array([[0.0, 4.0], [0.1, 3.9], [0.2, 3.8], [2.0, 1.0], [4.0, 0.0]])
    found = crowding(values)
    assert np.isinf(found[[0, 4]]).all()
    assert found[3] > found[2] > found[1]
    assert np.isinf(crowding(np.zeros((1, 2)))).all()


@pytest.mark.parametrize("largest", [1e-300, 1.0, 1e300, 1.7e308])
def test_crowding_at_the_ends_of_doubles_is_that_of_other_units(largest):
    share = np.array([[-1.0, 1.0], [-0.5, 0.5], [0.25, 0.0], [1.0, -1.0]])
    np.testing.assert_allclose(crowding(share * largest), crowding(share), rtol=1e-12)


def test_kept_bounds_come_first_then_values_and_unknown_last():
    values = np.array([[3.0], [1.0], [math.nan], [2.0], [0.0]])
    violations = np.array([[-1.0], [5.0], [-1.0], [-2.0], [1.0]])
    assert ranking(values, violations).tolist() == [3, 0, 4, 1, 2]


def test_several_objectives_rank_by_layer_then_by_distance():
    values = np.array([[2.0, 2.0], [0.0, 1.0], [1.0, 0.0], [math.nan, 0.0], [0.5, 0.5], [0.49, 0.52]])
    found = ranking(values, np.empty((6, 0))).tolist()
    assert set(found[:2]) == {1, 2}
    assert set(found[2:4]) == {4, 5}
    assert found[4:] == [0, 3]
