"""Bounded rejection: the first attempt that holds, whoever asks and however rows are batched."""

import numpy as np
import pytest

import hpdsl
from hpdsl.graph import entries
from hpdsl.program import reject
from hpdsl.program.program import lower, run

TIGHT = "a ~ uniform(0, 1)\nb ~ uniform(0, 1)\nrequire abs(a - b) < 0.02\n"


def test_each_row_is_its_first_attempt_that_holds():
    space = hpdsl.loads(TIGHT)
    model, program = space.compilation.model, space.compilation.program
    table = lower(entries.check(model, model.requirements, entries.decode(model)))
    delivered = space.sample(20, seed=4).matrix
    for row in range(20):
        attempts = np.arange(2000)
        matrix = np.empty((table.n_columns, 2000))
        run(table, matrix, keys=program.keys(4), rows=np.full(2000, row), attempts=attempts)
        first = int((matrix[model.n_columns] != 1.0).argmax())
        np.testing.assert_array_equal(matrix[: model.n_columns, first], delivered[:, row])


@pytest.mark.parametrize("lanes", [1, 7, 64, 100_000])
def test_how_many_lanes_are_tried_at_once_changes_nothing(lanes, monkeypatch):
    expected = hpdsl.loads(TIGHT).sample(200, seed=1).matrix
    monkeypatch.setattr(reject, "LANES", lanes)
    np.testing.assert_array_equal(hpdsl.loads(TIGHT).sample(200, seed=1).matrix, expected)


def test_an_unrelated_requirement_changes_nothing():
    alone = hpdsl.loads(TIGHT).sample(100, seed=2).columns["a"]
    joined = hpdsl.loads(TIGHT + "c ~ uniform(0, 1)\nrequire c > 0.9\n").sample(100, seed=2).columns["a"]
    np.testing.assert_array_equal(alone, joined)


# Fractional parts, which nothing but drawing sees through.
FINE = "a ~ uniform(0, 1)\nb ~ uniform(0, 1)\nrequire a < b or a > 0.1\nrequire a * b * 1e6 % 1 < 1e-7 : 'comb'\n"


def test_running_out_of_attempts_names_the_tightest():
    with pytest.raises(hpdsl.SamplingError, match=r"within 50 attempts a row: the tightest requirement, `comb`"):
        hpdsl.loads(FINE).sample(10, max_attempts=50)


def test_a_hopeless_batch_is_given_up_with_its_first_row():
    with pytest.raises(hpdsl.SamplingError, match=r"% of (\d+) draws") as error:
        hpdsl.loads(FINE).sample(10_000, max_attempts=20_000)
    # One attempt of all rows, and every further one of a single row.
    assert int(error.value.args[0].partition("% of ")[2].partition(" ")[0]) == 10_000 + 19_999
