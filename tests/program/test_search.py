"""The operation `search`: one meaning, bit by bit the same in every executor, and what it is for: drawing."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from hpdsl.constraints.tables import Table, lookup, search
from hpdsl.graph.graph import Graph, Statement
from hpdsl.kernels import interpreter, single, twin
from hpdsl.program.program import lower, run
from hpdsl.terms import draw, load


def rows_of_table(offsets, entries):
    return np.concatenate([np.asarray(offsets, float), entries])


def executed(execute, table, columns):
    """The last column after an op table ran over the others."""
    M = np.vstack([columns, np.zeros((1, columns.shape[1]))])
    none, rows = np.empty((0, 0)), np.empty(0, np.int64)
    keys = np.zeros((0, 2), np.uint32)
    execute(
        table.code, table.consts, table.tables, keys, table.n_registers, table.n_regions, 0, rows, rows, none, none,
        M, 0, M.shape[1],
    )  # fmt: skip
    return M[-1]


@settings(max_examples=150)
@given(st.integers(0, 2**32 - 1))
def test_executors_agree_with_a_linear_search(seed):
    rng = np.random.default_rng(seed)
    counts = rng.integers(1, 40, rng.integers(1, 30))
    offsets = np.concatenate([[0], np.cumsum(counts)])
    entries = np.concatenate([np.sort(rng.integers(0, 50, c)) / 50 for c in counts])
    n = 300
    u = rng.choice([*(np.arange(51) / 50), 2.0, -1.0, np.nan, np.inf], n)
    row = rng.choice([*np.arange(len(counts)), -3.0, len(counts) + 5.0, np.nan, np.inf], n).astype(float)
    table = Table(rows_of_table(offsets, entries), len(counts))
    graph = Graph(3, frozenset({0, 1}), (Statement(2, search(load(0), load(1), table), None),))
    expected = []
    for x, r in zip(u, row, strict=True):
        if np.isnan(x) or np.isnan(r) or np.isinf(x) or np.isinf(r):
            expected.append(np.nan if np.isnan(x) or np.isnan(r) else np.inf)
            continue
        k = int(min(max(r, 0), len(counts) - 1))
        inside = range(offsets[k], offsets[k + 1])
        expected.append(next((e for e in inside if x < entries[e]), inside[-1]))
    compiled = lower(graph)
    for execute in (single.execute, twin.execute, interpreter.execute):
        found = executed(execute, compiled, np.array([u, row]))
        np.testing.assert_array_equal(found, np.array(expected, float))


@pytest.mark.parametrize("jit", ["0", "1"])
def test_searching_running_sums_draws_by_weight(jit, monkeypatch):
    monkeypatch.setenv("HPDSL_JIT", jit)
    weights = np.array([0.5, 0.0, 0.125, 0.375])
    table = Table(rows_of_table([0, 4], [*np.cumsum(weights)[:-1], 2.0]), 1)
    edge = search(draw(0), load(1), table)
    graph = Graph(2, frozenset({1}), (Statement(0, lookup(edge, Table([10.0, 11.0, 12.0, 13.0])), None),))
    matrix = np.zeros((2, 20_000))
    run(lower(graph), matrix, keys=np.array([[1, 2]], np.uint32))
    counts = [(matrix[0] == x).sum() for x in (10.0, 12.0, 13.0)]
    assert sum(counts) == 20_000
    # 20,000 draws, a false alarm in 1e9.
    assert stats.chisquare(counts, weights[[0, 2, 3]] * 20_000).pvalue > 1e-9


def test_tables_are_stored_once():
    table = Table(np.arange(1000.0))
    terms = [Statement(k, lookup(load(2), table), None) for k in (0, 1)]
    assert len(lower(Graph(3, frozenset({2}), tuple(terms))).tables) == 1000
    assert table != Table(np.arange(1000.0))
