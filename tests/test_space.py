"""The laws of a space, on spaces that use every construct."""

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from spaces import SPACES

import hpdsl
from hpdsl import interop
from hpdsl.semantics.evaluate import fill, illegal

N = 400


@pytest.fixture(scope="module", params=sorted(SPACES))
def space(request):
    return hpdsl.loads(SPACES[request.param])


def test_samples_belong_to_the_space(space):
    for config in space.sample(N, seed=1):
        space.validate(config)


def test_a_row_depends_on_seed_and_number_only(space):
    whole = space.sample(100, seed=3).matrix
    for start, n in ((0, 10), (37, 20), (99, 1)):
        part = space.sample(n, seed=3, start=start).matrix
        np.testing.assert_array_equal(part, whole[:, start : start + n])
    assert not np.array_equal(space.sample(100, seed=4).matrix, whole, equal_nan=True)


def test_one_without_n_is_the_first_row(space):
    assert space.sample(seed=5) == space.sample(3, seed=5)[0]


def test_encode_then_decode_is_the_identity(space):
    configs = space.sample(N, seed=2)
    u = space.encode(configs)
    assert u.shape == (N, len(space.code_names))
    assert ((u >= 0) & (u <= 1) | np.isnan(u)).all()
    again = space.decode(np.where(np.isnan(u), 0.5, u))
    for a, b in zip(configs, again, strict=True):
        assert a.keys() == b.keys()
        for key, value in a.items():
            assert_alike(b[key], value)


def assert_alike(found, value):
    """Equal values of equal types, floats to rounding."""
    assert type(found) is type(value)
    if isinstance(value, float):
        assert found == pytest.approx(value, rel=1e-9, abs=1e-12)
    elif isinstance(value, list):
        assert len(found) == len(value)
        for x, y in zip(found, value, strict=True):
            assert_alike(x, y)
    elif isinstance(value, dict):
        assert found.keys() == value.keys()
        for key in value:
            assert_alike(found[key], value[key])
    else:
        assert found == value


def test_codes_at_their_ends_decode_to_legal_values(space):
    ends = np.random.default_rng(0).choice([0.0, 1.0, 0.5], size=(N, len(space.code_names)))
    for column in space.decode(ends).matrix.T:
        assert illegal(space._model, dict(enumerate(column.tolist()))) == []


def test_codes_are_absent_exactly_where_inactive(space):
    configs = space.sample(N, seed=2)
    u = space.encode(configs)
    for j, name in enumerate(space.code_names):
        np.testing.assert_array_equal(np.isnan(u[:, j]), ~configs.active[name])


def test_dicts_and_batches_are_read_alike(space):
    configs = space.sample(50, seed=6)
    np.testing.assert_array_equal(space.encode(list(configs)), space.encode(configs))
    np.testing.assert_array_equal(space.features(list(configs)), space.features(configs))
    np.testing.assert_array_equal(space.log_density(list(configs)), space.log_density(configs))


def test_features_lie_in_the_unit_interval(space):
    z = space.features(space.sample(N, seed=2))
    assert z.shape == (N, len(space.feature_names))
    assert ((z >= 0) & (z <= 1) | np.isnan(z)).all()
    columns = [c for g in space.feature_groups for c in g.columns]
    assert columns == list(range(len(space.feature_names)))


def test_density_is_finite_on_samples(space):
    assert np.isfinite(space.log_density(space.sample(N, seed=2))).all()


def test_the_grid_is_feasible_and_without_repeats(space):
    grid = space.grid(levels=3)
    if grid.size > 10_000:
        grid = space.grid(levels=2)
    assert grid.size == len(grid)
    seen = {tuple(sorted((k, repr(v)) for k, v in config.items())) for config in grid}
    assert len(seen) == grid.size
    for config in grid[: min(grid.size, 200)]:
        space.validate(config)


def test_the_obvious_evaluator_agrees_with_the_program(space):
    """One row at a time, by the reading of the model, against the vectorised decode."""
    u = np.random.default_rng(0).random((60, len(space.code_names)))
    matrix = space.decode(u).matrix
    model = space.compilation.model
    for k in range(len(u)):
        row = fill(model.symbols, lambda p, piece, at, k=k: u[k, p.index])
        for column in range(model.n_columns):
            slow, fast = row.get(column, math.nan), matrix[column, k]
            assert slow == fast or (math.isnan(slow) and math.isnan(fast)), (column, slow, fast)


def test_identity_ignores_order_and_remarks():
    a = hpdsl.loads("x ~ uniform(0, 1)\ny ~ choice(p, q)\nrequire x < 0.5 or y == p\n")
    b = hpdsl.loads("require x < 0.5 or y == p : 'why'\n## said\ny ~ choice(p, q) # so\n\nx ~ uniform(0, 1.0) unit s\n")
    c = hpdsl.loads("x ~ uniform(0, 1)\ny ~ choice(q, p)\nrequire x < 0.5 or y == p\n")
    assert a.id == b.id
    assert a.id != c.id
    assert len(a.id) == 64


def test_other_parameters_change_nothing():
    alone = hpdsl.loads("x ~ uniform(0, 1)\n").sample(50, seed=1).columns["x"]
    joined = hpdsl.loads("y ~ normal(0, 1)\nz ~ bool()\nrequire y < 0 or z\nx ~ uniform(0, 1)\n").sample(50, seed=1)
    np.testing.assert_array_equal(joined.columns["x"], alone)


@given(st.integers(0, 2**80), st.integers(0, 2**62))
def test_any_seed_and_any_row(seed, row):
    space = hpdsl.loads("x ~ uniform(0, 1)\nk ~ int uniform(1, 6)\n")
    config = space.sample(1, seed=seed, start=row)[0]
    assert 0 < config["x"] < 1
    assert 1 <= config["k"] <= 6


@pytest.mark.parametrize("bad", [{"n": -1}, {"n": 1.5}, {"n": True}, {"n": 2, "seed": "a"}, {"n": 2, "start": -3}])
def test_sample_refuses_nonsense(bad):
    with pytest.raises(hpdsl.UsageError):
        hpdsl.loads("x ~ uniform(0, 1)\n").sample(**bad)


def test_decode_refuses_nonsense():
    space = hpdsl.loads("x ~ uniform(0, 1)\ny ~ uniform(0, 1)\n")
    for bad in ([0.5], [[0.5, 1.5]], [[0.5, math.nan]]):
        with pytest.raises(hpdsl.UsageError):
            space.decode(bad)


def test_validate_lists_every_violation():
    space = hpdsl.loads(SPACES["union"])
    with pytest.raises(hpdsl.InvalidConfiguration) as caught:
        space.validate({"optim": "sgd", "optim.lr": 7.0, "optim.beta": 0.9, "other": 1})
    text = " ".join(caught.value.violations)
    assert "`optim.lr` = 7 is outside 0.001 .. 1" in text
    assert "`optim.beta` is inactive" in text
    assert "`other` is not a parameter" in text
    assert not space.is_valid({})


@pytest.mark.parametrize(
    ("text", "config", "said"),
    [
        ("k ~ int uniform(1, 5)", {"k": 2.5}, "outside the integers 1 .. 5"),
        ("k ~ int uniform(1, 5)", {"k": "3"}, "must be an integer"),
        ("x ~ uniform(0, 1)", {"x": math.nan}, "not finite"),
        ("x ~ uniform(0, 1)", {"x": True}, "must be a number"),
        ("c ~ choice(a, b)", {"c": "d"}, "not one of its alternatives: a, b"),
        ("c ~ choice(1, true)", {"c": True}, ""),
        ("x ~ uniform(0, 1)\ny = 2 * x", {"x": 0.5, "y": 3}, "it follows as 1"),
        ("x ~ uniform(0, 1) step 0.1", {"x": 0.25}, "in steps of 0.1"),
        ("x ~ uniform(0, 1)\nrequire x < 0.5 : 'small'", {"x": 0.7}, "violates `small`"),
    ],
)
def test_validate_says_why(text, config, said):
    space = hpdsl.loads(text)
    if not said:
        space.validate(config)
        return
    with pytest.raises(hpdsl.InvalidConfiguration, match=said):
        space.validate(config)


def test_contradictions_at_sampling_are_named():
    space = hpdsl.loads("x ~ uniform(0, 1)\ny ~ uniform(0, 1)\nrequire (x - y) ** 2 < 1e-18 : 'meet'\n")
    with pytest.raises(hpdsl.SamplingError, match="meet"):
        space.sample(3, max_attempts=200)


def test_default_and_try():
    space = hpdsl.loads(
        "rank ~ pow2(4, 256) default 16\nscale ~ lognormal(2, 1.5)\nbatch ~ int uniform(1, 4)\n"
        "optim ~ choice { adamw: 3 { wd ~ choice(0, uniform(0.1, 0.2)) } sgd }\n"
        "try { rank = 32, optim = sgd }\ntry { optim.adamw.wd = 0.15 }\n"
    )
    assert space.default == {"rank": 16, "scale": 2.0, "batch": 2, "optim": "adamw", "optim.wd": 0}
    first, second = space.tries
    assert first == {"rank": 32, "scale": 2.0, "batch": 2, "optim": "sgd"}
    assert second["optim.wd"] == 0.15
    assert hpdsl.loads("x ~ uniform(0, 1)\n").default is None


def test_try_is_completed_feasibly():
    space = hpdsl.loads("a ~ uniform(0, 1)\nb ~ uniform(0, 1)\nrequire a + b > 1.2\ntry { a = 0.3 }\n")
    (point,) = space.tries
    assert point["a"] == 0.3
    assert space.is_valid(point)


def test_columns_are_typed():
    configs = hpdsl.loads(SPACES["union"]).sample(200, seed=0)
    assert configs.columns["optim.sgd.lr"].dtype == np.float64
    assert configs.columns["optim"].dtype.kind == "i"
    assert configs.labels("optim") == ("sgd", "adam", "none_at_all")
    assert configs.active["optim.adam.beta"].dtype == np.bool_
    frame = configs.to_pandas()
    assert list(frame.columns) == ["optim", "optim.lr", "optim.momentum", "optim.beta", "fast", "warm"]
    assert frame["optim"].dtype == "category"
    with pytest.raises(hpdsl.UnknownNameError):
        configs.columns["nothing"]


def test_size_counts_exactly():
    assert hpdsl.loads(SPACES["listed"].replace("z: 0", "z")).size == 4 * 7 * 3 * 2 * 3 * 3 * 4
    assert hpdsl.loads("c ~ int uniform(1, 6)\nd ~ int uniform(1, 6)\nforbid c == d").size == 30
    assert hpdsl.loads("k ~ int uniform(1, 10 ** 9)\nm ~ int uniform(1, 10 ** 9)").size == 10**18
    assert hpdsl.loads("x ~ uniform(0, 1)").size == math.inf
    assert hpdsl.loads("a ~ choice { p { k ~ int uniform(1, 5) } q }").size == 6


def test_laws_that_overflow_stay_finite():
    for text in ("x ~ lognormal(1, 1e100)", "x ~ normal(0, 1e308)", "x ~ int normal(0, 1e300)"):
        space = hpdsl.loads(text)
        for config in space.sample(2000, seed=0):
            space.validate(config)
    with pytest.raises(hpdsl.SpecError, match="wider than any double"):
        hpdsl.loads("x ~ uniform(-1.7e308, 1.7e308)")


def test_identity_does_not_depend_on_who_is_named_first():
    sentences = ["a ~ bool()\n", "v ~ int uniform(0, 3)\n", "w ~ int uniform(v, 4) when a\n"]
    spaces = [
        hpdsl.loads("".join(sentences[k] for k in order)) for order in ((0, 1, 2), (2, 1, 0), (0, 2, 1), (1, 2, 0))
    ]
    assert len({s.id for s in spaces}) == 1
    assert not any(s.warnings for s in spaces)
    with pytest.raises(hpdsl.SpecError, match="fall below"):
        hpdsl.loads("w ~ int uniform(v, 2) when a\nv ~ int uniform(0, 3)\na ~ bool()\n")


def test_medians_take_the_lower_value_whatever_the_range():
    for low in range(-6, 9):
        for n in range(2, 12, 2):
            space = hpdsl.loads(f"x ~ int uniform({low}, {low + n - 1})\n")
            assert space.complete({})["x"] == low + n // 2 - 1
    assert hpdsl.loads("x ~ pow2(2, 4)\n").complete({})["x"] == 2


def test_hundreds_of_branches_read_as_one():
    branches = "\n".join(f"a{i} {{ x ~ uniform(0, {i + 1}) }}" for i in range(600))
    space = hpdsl.loads(f"o ~ choice {{\n{branches}\n}}\nrequire o.x < 50\n")
    assert all(c["o.x"] < 50 for c in space.sample(200, seed=0))


@pytest.mark.parametrize("text", ["", "# nothing\n", "y = 3\n", "minimize loss\n"])
def test_spaces_without_parameters(text):
    space = hpdsl.loads(text)
    assert space.size == 1
    assert "0 parameters" in space.explain()
    assert len(space.sample(3)) == 3


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x ~ normal(0, 1) in 39 .. 40", "no probability"),
        ("x ~ normal(0, 1) in -41 .. -40", "no probability"),
        ("x ~ beta(1, 10) in 0.9999999 .. 1", "no probability"),
        ("x ~ uniform(0, 1) step 1e-20", "finer than doubles"),
    ],
)
def test_what_doubles_cannot_hold_is_refused(text, said):
    with pytest.raises(hpdsl.SpecError, match=said):
        hpdsl.loads(text)


def test_huge_integers_have_a_density():
    space = hpdsl.loads("x ~ int uniform(0, 9007199254740990)\n")
    np.testing.assert_allclose(space.log_density(space.sample(50, seed=0)), -np.log(9007199254740991.0))


def test_a_try_point_that_names_its_branch_needs_no_branch_in_names():
    space = hpdsl.loads("o ~ choice { a { lr ~ uniform(0, 1) } b { lr ~ uniform(1, 2) } }\ntry { o = b, o.lr = 1.5 }\n")
    assert space.tries == ({"o": "b", "o.lr": 1.5},)


@pytest.mark.parametrize(
    ("prior", "values"),
    [
        ("int uniform(3, 7)", range(3, 8)),
        ("int loguniform(8, 1024)", range(8, 1025)),
        ("int normal(5, 2) in 1 .. 9", range(1, 10)),
        ("loguniform(1, 20) step 0.5", [1 + 0.5 * k for k in range(39)]),
        ("pow2(1, 64)", [1, 2, 4, 8, 16, 32, 64]),
        ("choice(a: 3, b, c)", "abc"),
    ],
)
def test_cells_are_the_middles_of_every_value(prior, values):
    space = hpdsl.loads(f"x ~ {prior}")
    assert space.cells(0) == pytest.approx(space.encode([{"x": v} for v in values])[:, 0], abs=1e-12)
    edges = space.edges(0)
    assert (edges[0], edges[-1]) == (0.0, 1.0)
    assert 0.5 * (edges[1:] + edges[:-1]) == pytest.approx(space.cells(0), abs=1e-9)


@pytest.mark.parametrize(
    "text",
    [
        "x ~ normal(0, 1)",
        "x ~ int normal(0, 9)",
        "n ~ int uniform(2, 9)\nx ~ int loguniform(1, n)",
        "a ~ int lognormal(8, 2) in 1 .. 40\nx ~ int lognormal(8, 2) in 1 .. 40\ncorrelate a, x = 0.95",
    ],
)
def test_values_without_end_or_with_bounds_that_vary_have_no_cells(text):
    space = hpdsl.loads(text)
    assert space.cells(space.code_names.index("x")) is None
    assert space.edges(space.code_names.index("x")) is None


@pytest.mark.parametrize("ranges", ["uniform(a, 12), uniform(0, 0.9)", "uniform(0, 0.9), uniform(a, 12)"])
def test_every_range_of_a_choice_is_asked_for_a_value(ranges):
    """Also where the bounds of the first follow another parameter."""
    space = hpdsl.loads(f"a ~ uniform(1, 10)\nb ~ choice(0, {ranges})\n")
    assert all(space.is_valid(c) for c in space.sample(100, seed=0))
    for b, valid in ((0.5, True), (0.95, False), (4.5, False), (5.0, True), (12.5, False)):
        assert space.is_valid({"a": 5.0, "b": b}) == valid


def test_lists_and_mixed_alternatives_in_a_frame():
    space = hpdsl.loads(
        "n ~ int uniform(0, 2)\nx[n] ~ uniform(0, 1)\nc ~ choice(a, 1, uniform(2, 3))\nd ~ choice(1, 2.5) when n > 0\n"
    )
    configs = space.sample(40, seed=0)
    frame = configs.to_pandas()
    assert [str(frame[k].dtype) for k in ("n", "x", "c", "d")] == ["int64", "object", "object", "float64"]
    assert list(frame["x"]) == [c["x"] for c in configs]
    assert list(frame["c"]) == [c["c"] for c in configs]
    assert (frame["d"].isna() == (frame["n"] == 0)).all()


@pytest.mark.parametrize("law", ["permutation", "subset"])
def test_lists_of_one_name_have_the_values_of_their_branch(law):
    space = hpdsl.loads(f"a ~ choice {{\n  green {{ c ~ {law}(red, green) }}\n  blue {{ c ~ {law}(red, blue) }}\n}}\n")
    assert all(space.is_valid(c) for c in space.sample(50, seed=0))
    assert space.complete({"a": "blue", "a.c": ["blue", "red"]})["a"] == "blue"


def test_a_law_narrower_than_doubles_are_apart_has_one_code():
    space = hpdsl.loads("x ~ normal(1e17, 1)")
    assert (space.features(space.sample(5, seed=0)) == 0.5).all()


def test_inputs_may_have_any_name(tmp_path):
    text = "given text\ngiven path\ngiven file\nx ~ uniform(0, text + path + file)\n"
    (tmp_path / "x.hp").write_text(text)
    for space in (hpdsl.loads(text, text=1, path=2, file=3), hpdsl.load(tmp_path / "x.hp", text=1, path=2, file=3)):
        assert space.is_valid({"x": 6.0})
        assert not space.is_valid({"x": 6.5})


@pytest.mark.parametrize("path", ["a\0b.hp", Path("a\0b.hp"), "a\ud800.hp"])
def test_what_cannot_be_the_name_of_a_file_is_refused_in_words(path):
    with pytest.raises(hpdsl.UsageError, match="can't be the name of a file"):
        hpdsl.load(path)
    with pytest.raises(hpdsl.UsageError, match="can't be the name of a file"):
        interop.write(hpdsl.loads("x ~ uniform(0, 1)\n"), path, "pcs")
