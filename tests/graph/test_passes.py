"""Each pass on a small graph, before and after; and that none changes a result."""

import numpy as np
import pytest
from spaces import SPACES

import hpdsl
from hpdsl.graph import entries
from hpdsl.graph.components import components, searched
from hpdsl.graph.graph import Graph, Statement, verify
from hpdsl.graph.passes.number import Instruction, number
from hpdsl.graph.passes.schedule import schedule
from hpdsl.program.assemble import assemble
from hpdsl.program.program import run
from hpdsl.semantics.model import Guard
from hpdsl.terms import apply, const, draw, load

P = Guard(None, apply("lt", load(0), const(0.5)))
MIXED = (
    Statement(0, draw(0), None),
    Statement(1, draw(1), P),
    Statement(2, draw(2), None),
    Statement(3, load(1) + 1.0, P),
)


def test_schedule_puts_statements_of_a_guard_together():
    after = schedule(Graph(4, frozenset(), MIXED))
    assert [s.column for s in after.statements] == [0, 2, 1, 3]


def test_number_computes_every_term_once_for_each_guard():
    graph = Graph(
        3,
        frozenset({0}),
        (Statement(1, apply("exp", load(0)), None), Statement(2, 1.0 + apply("exp", load(0)), None)),
    )
    assert number(graph) == (
        Instruction("load", 0, (), (0,)),
        Instruction("exp", 1, (0,)),
        Instruction("store", -1, (1,), (1,)),
        Instruction("const", 2, (), (1.0,)),
        Instruction("add", 3, (2, 1)),
        Instruction("store", -1, (3,), (2,)),
    )


def test_a_stored_value_is_not_loaded_again():
    code = number(schedule(Graph(4, frozenset(), MIXED)))
    assert [i.op for i in code].count("load") == 0


def test_partial_columns_are_emptied_first():
    code = number(schedule(Graph(4, frozenset(), MIXED)))
    assert [i.data for i in code if i.op == "fill"] == [(1,), (3,)]


@pytest.mark.parametrize(
    "statements",
    [
        (Statement(1, load(2), None), Statement(2, draw(0), None)),
        (Statement(9, draw(0), None),),
        (Statement(0, draw(0), None),),
    ],
)
def test_verify_finds_broken_graphs(statements):
    with pytest.raises(AssertionError):
        verify(Graph(3, frozenset({0}), statements))


@pytest.mark.parametrize("name", sorted(SPACES))
def test_passes_change_no_result(name):
    """The scheduled program against the statements executed one after the other, as written."""
    model = hpdsl.loads(SPACES[name]).compilation.model
    graph = entries.decode(model)
    verify(graph)
    uniforms = np.random.default_rng(1).random((max(len(model.parameters), 1), 64))
    results = []
    for candidate in (graph, schedule(graph)):
        verify(candidate)
        table = assemble(number(candidate), model.n_columns)
        out = np.empty((model.n_columns, 64))
        run(table, out, uniforms=uniforms)
        results.append(out)
    np.testing.assert_array_equal(*results)


def test_registers_are_reused():
    model = hpdsl.loads("".join(f"x{i} ~ loguniform(1, 10)\n" for i in range(40))).compilation.model
    table = assemble(number(schedule(entries.decode(model))), model.n_columns)
    assert table.n_registers <= 2 + 40  # values forwarded to readers may live on; nothing else does


def test_components_hold_ancestors_and_leave_followers_free():
    model = hpdsl.loads(
        "a ~ uniform(0, 1)\nb ~ uniform(0, a)\nc ~ uniform(0, 1)\nd ~ uniform(0, b)\ne ~ uniform(0, 1)\n"
        "f ~ uniform(0, 1)\nrequire b < 0.5\nrequire e + f < 1\n"
    ).compilation.model
    found, free = components(model)
    assert [[p.path for p in searched(c)] for c in found] == [["a", "b"], ["e", "f"]]
    assert [s.path for s in free] == ["c", "d"]
