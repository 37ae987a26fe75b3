"""Samples under requirements stay pure functions of seed, path, row and attempt."""

import numpy as np
import pytest

import hpdsl

TWO = "a ~ uniform(0, 1)\nb ~ uniform(0, 1)\n"
THREE = TWO + "c ~ uniform(0, 1)\n"
SPACES = {
    "counted": """
k ~ choice(u, v: 2)
n ~ int uniform(1, 6) when k == u
m ~ int uniform(1, 9)
forbid n == m
forbid k == v and m > 5
""",
    "ordered": THREE + "require a < b\nrequire b < c\n",
    "simplex": THREE + "require a + b + c < 1\n",
    "cells": "k ~ choice(u, v)\nx ~ loguniform(1e-3, 1)\nforbid k == u and x > 0.1\nrequire x > 0.002\n",
    "rejecting": TWO + "k ~ choice(u, v)\nrequire a * b < 0.1\nrequire k == u or a > b\n",
    "length": """
n ~ int uniform(0, 3)
a ~ uniform(0, 1) when 0 < n
b ~ uniform(0, 1) when 1 < n
require a < b
require n < 3
""",
}


@pytest.mark.parametrize("name", sorted(SPACES))
def test_rows_do_not_depend_on_how_they_are_asked_for(name):
    space = hpdsl.loads(SPACES[name])
    whole = space.sample(300, seed=5).matrix
    np.testing.assert_array_equal(space.sample(20, seed=5).matrix, whole[:, :20])
    parts = [space.sample(n, seed=5, start=at).matrix for at, n in ((0, 7), (7, 1), (8, 92), (100, 200))]
    np.testing.assert_array_equal(np.concatenate(parts, axis=1), whole)
    assert (space.sample(300, seed=6).matrix != whole).any()


@pytest.mark.parametrize("name", sorted(SPACES))
def test_executors_agree(name, monkeypatch):
    found = []
    for jit in ("0", "1"):
        monkeypatch.setenv("HPDSL_JIT", jit)
        found.append(hpdsl.loads(SPACES[name]).sample(3000, seed=9, start=3).matrix)
    np.testing.assert_array_equal(found[0].view(np.uint64), found[1].view(np.uint64))


@pytest.mark.parametrize("name", sorted(SPACES))
def test_the_order_of_sentences_changes_nothing(name):
    lines = SPACES[name].splitlines()
    expected = hpdsl.loads(SPACES[name]).sample(200, seed=1)
    rng = np.random.default_rng(0)
    for _ in range(6):
        text = "\n".join(rng.permutation(lines)) + "\n"
        found = hpdsl.loads(text).sample(200, seed=1)
        for path, column in expected.columns.items():
            np.testing.assert_array_equal(found.columns[path], column)


@pytest.mark.parametrize("name", sorted(SPACES))
def test_other_parameters_and_their_requirements_change_nothing(name):
    more = "z0 ~ uniform(0, 1)\nz1 ~ int uniform(1, 3)\nz2 ~ int uniform(1, 3)\nforbid z1 == z2\n"
    expected = hpdsl.loads(SPACES[name]).sample(200, seed=1)
    found = hpdsl.loads(more + SPACES[name]).sample(200, seed=1)
    for path, column in expected.columns.items():
        np.testing.assert_array_equal(found.columns[path], column)


@pytest.mark.parametrize("name", sorted(SPACES))
def test_lowering_leaves_codes_alone(name):
    tied = hpdsl.loads(SPACES[name])
    loose = hpdsl.loads(
        "\n".join(x for x in SPACES[name].splitlines() if "require" not in x and "forbid" not in x) + "\n"
    )
    u = np.random.default_rng(1).random((50, len(tied.names)))
    a, b = tied.decode(u), loose.decode(u)
    np.testing.assert_array_equal(a.matrix, b.matrix)
    np.testing.assert_array_equal(tied.encode(a), loose.encode(b))
    np.testing.assert_array_equal(tied.features(a), loose.features(b))
    np.testing.assert_array_equal(tied.log_density(a), loose.log_density(b))


def test_components_without_rejection_share_one_table():
    text = "".join(f"a{i} ~ int uniform(1, 6)\nb{i} ~ int uniform(1, 6)\nforbid a{i} == b{i}\n" for i in range(20))
    program = hpdsl.loads(text + "free ~ uniform(0, 1)\n").compilation.program
    assert program.tied == ()
    assert program.sample(100, 0, 0, 1).shape == (41, 100)
