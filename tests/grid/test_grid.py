"""Exact grids against brute force: every combination of levels, filtered by the space itself."""

import itertools

import pytest
from spaces import SPACES

import hpdsl
from hpdsl.backends.base import identity
from hpdsl.grid import grid as module

FINITE = {
    "flat": "a ~ choice(x, y)\nb ~ int uniform(1, 3)\n",
    "conditional": "a ~ choice(x, y)\nb ~ int uniform(1, 3) when a == x\nc ~ bool()\n",
    "forbidden": "c ~ int uniform(1, 6)\nd ~ int uniform(1, 6)\ne ~ bool()\nforbid c == d\nrequire c + d > 4 or e\n",
    "nested": "m ~ choice { p { k ~ choice(u, v); z ~ int uniform(1, 2) when k == u } q }\nw ~ int uniform(0, 2)\n"
    "require w > 0 or m == q\n",
    "derived": "a ~ int uniform(1, 4)\nb ~ int uniform(1, 4)\ns = a * b\nrequire s % 2 == 0\n",
    "else": "k ~ bool()\nwhen k { x ~ int uniform(1, 2) } else { x ~ int uniform(5, 7) }\nrequire x != 6\n",
}


def brute(space, values):
    """Every assignment of listed values to every subset of the keys that the space accepts."""
    found = set()
    keys = list(values)
    for chosen in itertools.product(*([None, *values[k]] for k in keys)):
        config = {k: v for k, v in zip(keys, chosen, strict=True) if v is not None}
        if space.is_valid(config):
            found.add(identity(config))
    return found


@pytest.mark.parametrize("name", FINITE)
def test_against_brute_force(name):
    space = hpdsl.loads(FINITE[name])
    values = {}
    for config in space.sample(2000, seed=0):
        for key, value in config.items():
            values.setdefault(key, {})[value] = None
    derived = {"s"}
    expected = brute(space, {k: list(v) for k, v in values.items() if k not in derived})
    points = [{k: v for k, v in c.items() if k not in derived} for c in space.grid(levels=100)]
    assert {identity(p) for p in points} == expected
    assert len(points) == len(expected) == space.size


@pytest.mark.parametrize("name", sorted(SPACES))
def test_indexing_is_iterating(name):
    grid = hpdsl.loads(SPACES[name]).grid(levels=2)
    shown = list(itertools.islice(grid, 50))
    assert shown == grid[:50]
    if grid.size:
        assert grid[-1] == grid[grid.size - 1]
    with pytest.raises(IndexError):
        grid[grid.size]


def test_levels_below_one_are_refused():
    with pytest.raises(hpdsl.UsageError):
        hpdsl.loads("x ~ uniform(0, 1)\n").grid(levels=0)


def test_requirements_that_tie_too_much_are_refused():
    text = "".join(f"x{i} ~ uniform(0, 1)\n" for i in range(12))
    space = hpdsl.loads(text + "require " + " + ".join(f"x{i} * x{i}" for i in range(12)) + " < 3\n")
    with pytest.raises(hpdsl.UsageError, match="more than 1,000 combinations to be counted; use fewer levels"):
        module.Grid(space.compilation.model, 5, 1000)


@pytest.mark.parametrize(
    ("prior", "low", "high"),
    [
        ("loguniform(1e-2, 1e3)", 1e-2, 1e3),
        ("lognormal(2, 1.5) in 0.25 .. 8", 0.25, 8.0),
        ("revloguniform(0.5, 0.999)", 0.5, 0.999),
        ("logituniform(0.003, 0.7)", 0.003, 0.7),
    ],
)
def test_ends_are_the_written_numbers_on_every_scale(prior, low, high):
    values = [c["x"] for c in hpdsl.loads(f"x ~ {prior}\n").grid(levels=3)]
    assert (values[0], values[2]) == (low, high)


@pytest.mark.parametrize(
    "text",
    [
        "a ~ uniform(0, 1)\nb ~ choice(p, q)\nc ~ int uniform(1, 9)\n",
        "a ~ uniform(0, 1)\nb ~ uniform(0, 1)\nc ~ uniform(0, 1)\nrequire a < b and b < c\n",
        "a ~ choice { p, q { deep ~ uniform(0, 1) } }\nb ~ int uniform(1, 3)\nrequire a == q or b > 1\n",
        "n ~ int uniform(0, 3)\nx[n] ~ uniform(0, 1)\n",
        "x ~ permutation(a, b, c)\nk ~ int uniform(1, 2)\n",
    ],
)
def test_a_projection_holds_what_the_whole_grid_shows_of_its_parameters(text):
    space = hpdsl.loads(text)
    model, grid = space.compilation.model, space.grid(3)
    whole = grid._configs(range(grid.size)).matrix
    for i, j in itertools.combinations(range(len(model.free)), 2):
        kept = [c for p in (model.parameters[i], model.parameters[j]) for c in (p.value, p.code) if c is not None]
        found = module.projected(model, 3, [i, j])
        seen = [tuple(map(str, column)) for column in found.matrix[kept].T]
        assert len(set(seen)) == len(seen)
        assert set(seen) == {tuple(map(str, column)) for column in whole[kept].T}
        for config in found:
            space.validate(config)


def test_a_projection_does_not_list_the_rest():
    space = hpdsl.loads("".join(f"x{k} ~ uniform(0, 1)\n" for k in range(60)))
    assert len(module.projected(space.compilation.model, 5, [3, 44])) == 25


def test_one_in_a_range_is_no_true():
    listed = [c["a"] for c in hpdsl.loads("a ~ choice(true, none, int uniform(0, 2))\n").grid()]
    assert [repr(v) for v in listed] == ["True", "None", "0", "1", "2"]
