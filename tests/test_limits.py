"""Texts from strangers: every bound has a diagnostic of its own, and nothing but diagnostics comes out."""

import os
import sys

import pytest
from bombs import CASES

import hpdsl
from hpdsl.compiler import check_text
from hpdsl.interop.formats import written
from hpdsl.source import Source

# Calls of functions, Python's and built-in ones, while a text is checked: one or two seconds of
# them, where work that grows with the square of a text would take hundreds.
MOST_CALLS = 15_000_000


def counted(work):
    """What `work` returns, and how many functions were called meanwhile."""
    calls = 0

    def count(frame, event, argument):
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        result = work()
    finally:
        sys.setprofile(None)
    return result, calls


@pytest.mark.parametrize("name", CASES)
def test_every_bound_is_named(name):
    text, code = CASES[name]
    found, calls = counted(lambda: check_text(Source("t.hp", text)))
    assert [d.code for d in found[:1]] == ([code] if code else [])
    assert all(d.help for d in found)
    assert calls < MOST_CALLS


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "tree").mkdir()
    (tmp_path / "outside.hp").write_text("x ~ bool()\n")
    return tmp_path / "tree"


IMPORTS = {
    "outside the tree": '"../outside.hp"',
    "absolute": '"/etc/passwd"',
    "missing": '"missing.hp"',
    "a folder": '"."',
    "itself": '"main.hp"',
    "through a link": '"link.hp"',
    "bytes that are no text": '"bytes.hp"',
    "a network address": '"http://example.org/x.hp"',
    "a NUL": '"a\\0b.hp"',
    "too long": '"' + "d/" * 5000 + 'x.hp"',
}


@pytest.mark.parametrize("name", IMPORTS)
def test_imports_stay_inside_and_are_named(name, folder):
    (folder / "bytes.hp").write_bytes(b"x ~ \xff\xfe\n")
    os.symlink("../outside.hp", folder / "link.hp")
    main = folder / "main.hp"
    main.write_text(f"import {IMPORTS[name]} as other\nuse other\n")
    with pytest.raises(hpdsl.SpecError) as caught:
        hpdsl.load(main)
    assert {d.code for d in caught.value.diagnostics if d.severity == "error"} <= {"HP051", "HP050", "HP003"}


def test_import_chains_end(folder):
    for k in range(100):
        (folder / f"f{k}.hp").write_text(f'import "f{k + 1}.hp" as n\nuse n\n')
    (folder / "f100.hp").write_text("x ~ bool()\n")
    with pytest.raises(hpdsl.SpecError, match="HP051"):
        hpdsl.load(folder / "f0.hp")


def test_circles_of_imports_are_named(folder):
    (folder / "a.hp").write_text('import "b.hp" as b\nuse b\nx ~ bool()\n')
    (folder / "b.hp").write_text('import "a.hp" as a\nuse a\n')
    with pytest.raises(hpdsl.SpecError, match="HP051"):
        hpdsl.load(folder / "a.hp")


def test_files_that_all_import_one_another_are_read_once_each(folder):
    for k in range(14):
        sentences = (f'import "f{j}.hp" as n{j}\nuse n{j}\n' for j in range(14))
        (folder / f"f{k}.hp").write_text("".join(sentences))

    def loaded():
        with pytest.raises(hpdsl.SpecError) as caught:
            hpdsl.load(folder / "f0.hp")
        return caught.value.diagnostics

    found, calls = counted(loaded)
    assert {d.code for d in found} >= {"HP050", "HP051"}
    assert calls < MOST_CALLS


def test_a_grid_of_a_billion_points_is_read_by_index():
    space = hpdsl.loads("x[3] ~ uniform(0, 1)\n")
    point, calls = counted(lambda: space.grid(levels=1000)[10**9 - 1])
    assert point == {"x": [1.0, 1.0, 1.0]}
    assert calls < 100 * 3 * 1000  # for every value of every axis, none for the points


def test_long_ordered_arrays_of_integers_are_drawn_and_converted():
    space = hpdsl.loads("depth ~ int uniform(0, 448)\nwidth[depth] ~ decreasing int loguniform(16, 1024)\n")
    drawn, calls = counted(lambda: space.sample(3, seed=1))
    assert all(c["width"] == sorted(set(c["width"]), reverse=True) for c in drawn)
    assert calls < MOST_CALLS // 5
    _, calls = counted(lambda: written(space, "pcs", lossy=True))
    assert calls < MOST_CALLS // 5


@pytest.mark.parametrize("name", ["300,000 choices", "400,000 words"])
def test_what_is_too_long_for_a_sentence_is_not_read_to_its_end(name):
    found, calls = counted(lambda: check_text(Source("t.hp", CASES[f"large: {name}"][0])))
    assert [d.code for d in found] == ["HP018"]
    assert calls < MOST_CALLS // 10


def test_around_a_sentence_that_is_too_long_other_errors_are_found():
    text = "y ~ unifrom(0, 1)\nx ~ choice(" + "a, " * 13_000 + "b)\nz ~ uniform(1, 0)\n"
    assert {d.code for d in check_text(Source("t.hp", text))} >= {"HP018"}
    assert len(check_text(Source("t.hp", text))) == 3


@pytest.mark.parametrize("name", ["large: bounds by all for each", "hard: a long subset that is constrained"])
def test_what_many_sentences_share_is_looked_at_once(name):
    _, calls = counted(lambda: check_text(Source("t.hp", CASES[name][0])))
    assert calls < MOST_CALLS // 2


def test_quantiles_beside_a_huge_shape_settle():
    space = hpdsl.loads(CASES["hard: weights beside a huge one"][0])

    def refused():
        with pytest.raises(hpdsl.SamplingError, match=r"require mix.chat >= 0\.2"):
            space.sample(1, seed=0)

    _, calls = counted(refused)
    assert calls < MOST_CALLS // 20
