"""Elimination orders and ordered groups."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import hpdsl
from hpdsl.constraints.elimination import Node, elimination_orders
from hpdsl.constraints.order import Edge, cycles


@st.composite
def problems(draw):
    n = draw(st.integers(1, 12))
    nodes = []
    for k in range(n):
        needs = frozenset(draw(st.sets(st.integers(0, k - 1), max_size=2))) if k else frozenset()
        nodes.append(Node(f"n{k}", needs, draw(st.sampled_from([1.0, 2.0, 5.0, 30.0]))))
    scopes = draw(st.lists(st.frozensets(st.integers(0, n - 1), min_size=1, max_size=4), max_size=10))
    return nodes, scopes


@given(problems(), st.randoms(use_true_random=False))
def test_orders_are_topological_and_follow_names_only(problem, random):
    nodes, scopes = problem
    orders = elimination_orders(nodes, scopes)
    for order in orders:
        assert sorted(order) == list(range(len(nodes)))
        seen = set()
        for k in order:
            assert nodes[k].needs <= seen
            seen.add(k)
    # Numbered otherwise, the same problem has the same order.
    shuffled = list(range(len(nodes)))
    random.shuffle(shuffled)
    new = {old: i for i, old in enumerate(shuffled)}
    moved = [Node(nodes[k].name, frozenset(new[m] for m in nodes[k].needs), nodes[k].size) for k in shuffled]
    again = elimination_orders(moved, [frozenset(new[m] for m in s) for s in scopes])
    assert [moved[k].name for k in again[0]] == [nodes[k].name for k in orders[0]]


def test_needs_in_a_circle_have_no_order():
    assert elimination_orders([Node("a", frozenset({1}), 2.0), Node("b", frozenset({0}), 2.0)], []) == []


def test_pairs_are_settled_one_after_the_other():
    # A hub, and twenty pairs of a switch and a large parameter tied to it.
    nodes = [Node("hub", frozenset(), 4.0)]
    scopes = []
    for k in range(20):
        nodes += [Node(f"switch{k}", frozenset(), 2.0), Node(f"large{k}", frozenset(), 50.0)]
        scopes.append(frozenset({0, 2 * k + 1, 2 * k + 2}))
    text = "hub ~ int uniform(1, 4)\n"
    for k in range(20):
        text += f"switch{k} ~ bool(0.5)\nlarge{k} ~ int uniform(1, 50)\nrequire switch{k} or large{k} % 4 + 1 > hub\n"
    (component,) = hpdsl.loads(text).compilation.program.lowering.components
    assert component.exact
    assert component.plan.automaton.visited < 20_000
    best = elimination_orders(nodes, scopes)[0]
    position = {k: at for at, k in enumerate(best)}
    # Only the hub may come between.
    assert all(abs(position[2 * k + 1] - position[2 * k + 2]) <= 2 for k in range(20))


@pytest.mark.parametrize(
    ("edges", "circle"),
    [
        ([(0, 1), (1, 2), (2, 0)], {0, 1, 2}),
        ([(0, 0)], {0}),
        ([(5, 0), (0, 1), (1, 3), (3, 0), (3, 4)], {0, 1, 3}),
        ([(0, 1), (0, 2), (1, 3), (2, 3)], None),
        ([], None),
    ],
)
def test_circles_are_found(edges, circle):
    found = cycles([Edge(a, b, k) for k, (a, b) in enumerate(edges)])
    if circle is None:
        assert found == []
        return
    assert {e.below for e in found[0]} == circle
    for e, following in zip(found[0], [*found[0][1:], found[0][0]], strict=True):
        assert e.above == following.below
