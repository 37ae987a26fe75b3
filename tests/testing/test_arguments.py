"""What `check_space` and `configs` take for a space, and what they say of anything else."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import find

import hpdsl
from hpdsl.testing import check_space, configs

TEXT = "x ~ int uniform(1, 3) default 2\n"


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "space.hp").write_text('import "part.hp" as part\nuse part\n' + TEXT)
    (tmp_path / "part.hp").write_text("y ~ bool() default true\n")
    (tmp_path / "plain").write_text(TEXT)
    return tmp_path


@pytest.mark.parametrize("form", [Path("space.hp"), Path("plain"), TEXT, hpdsl.loads(TEXT)], ids=repr)
def test_a_space_its_text_and_its_path_serve(here, form):
    (verdict,) = check_space(form, tries=20, laws=["support"])
    assert verdict.outcome == "held"
    assert find(configs(form), lambda c: True)["x"] == 2


def test_imports_are_relative_to_the_path(here):
    assert find(configs(Path("space.hp")), lambda c: True) == {"x": 2, "y": True}


WRONG = [
    (None, 'not None; write {0}(hpdsl.load("space.hp"))'),
    ({}, "not {{}}; write"),
    (3, "not 3; write"),
    (b"x ~ bool()", "not b'x ~ bool()'; write"),
    ([TEXT] * 9, "not a list; write"),
    (hpdsl.Space, "not <class 'hpdsl.space.Space'>; write"),
    (Path("missing.hp"), "missing.hp: no such file"),
    (Path("a\0b.hp"), "'a\\x00b.hp' can't be the name of a file"),
    (Path("."), "this is a folder; name a .hp file in it"),
    ("space.hp", "'space.hp' is the name of a file; write {0}(hpdsl.load('space.hp')), or {0}(Path('space.hp'))"),
    (" missing.hp\n", "'missing.hp' is the name of a file"),
    ("plain", "'plain' is the name of a file"),
]


@pytest.mark.parametrize("caller", [check_space, configs], ids=lambda f: f.__name__)
@pytest.mark.parametrize(("space", "said"), WRONG, ids=lambda x: repr(x)[:30])
def test_what_is_no_space_is_refused_in_words(here, caller, space, said):
    with pytest.raises(hpdsl.UsageError) as caught:
        caller(space)
    assert said.format(caller.__name__) in str(caught.value)
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize("caller", [check_space, configs], ids=lambda f: f.__name__)
@pytest.mark.parametrize("text", ["x ~ uniform(0,", "\0", "x ~ unifrom(0, 1)", "there is no such thing"])
def test_texts_are_read_as_specs(here, caller, text):
    with pytest.raises(hpdsl.SpecError):
        caller(text)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"tries": -1}, "tries takes a whole number from 1 to 10,000,000, not -1"),
        ({"tries": 0}, "tries takes a whole number from 1 to 10,000,000, not 0"),
        ({"tries": 10**9}, "tries takes a whole number from 1 to 10,000,000, not 1000000000"),
        ({"tries": 1.5}, "tries takes a whole number from 1 to 10,000,000, not 1.5"),
        ({"tries": True}, "tries takes a whole number from 1 to 10,000,000, not True"),
        ({"tries": "many"}, "not 'many'"),
        ({"tries": None}, "not None"),
        ({"seed": 0.5}, "seed takes a whole number, not 0.5"),
        ({"seed": None}, "seed takes a whole number, not None"),
        ({"laws": "support"}, "laws takes a list of names, not one name; write check_space(…, laws=['support'])"),
        ({"laws": []}, "laws names nothing to examine; leave it out for all laws and every `assert`"),
        ({"laws": 3}, 'laws takes a list of names such as ["support", "assert"], not 3'),
        ({"laws": ["support", None]}, 'laws takes a list of names such as ["support", "assert"], not None in it'),
        ({"laws": ["suport"]}, "no law or `assert` is called `suport`; did you mean `support`?"),
        ({"laws": ["assert@9"]}, "no law or `assert` is called `assert@9`; no file has an `assert`"),
        ({"laws": ["assert"]}, "there is nothing to examine: no file has an `assert`"),
    ],
    ids=repr,
)
def test_other_arguments_are_refused_in_words(more, said):
    with pytest.raises((hpdsl.UsageError, hpdsl.UnknownNameError)) as caught:
        check_space(TEXT, **more)
    assert said in str(caught.value)


@pytest.mark.parametrize("kind", [list, tuple, set, iter])
def test_names_come_in_any_collection(kind):
    assert [v.name for v in check_space(TEXT, tries=np.int64(20), laws=kind(["support"]))] == ["support"]


def test_one_assert_is_asked_for_by_its_name():
    text = TEXT + "assert x < 9\nassert x < 3\n"
    assert [v.name for v in check_space(text, laws=["assert@2"])] == ["assert@2"]


@pytest.mark.parametrize("seed", [-1, 2**70])
def test_every_whole_number_is_a_seed(seed):
    found = check_space("x ~ uniform(0, 1)\ny ~ uniform(x, 2)\nrequire x * y < 1.5\n", tries=40, seed=seed)
    assert not any(v.failed for v in found)


def test_a_name_that_is_not_there():
    with pytest.raises(AttributeError, match=r"module 'hpdsl\.testing' has no attribute 'confgs'"):
        hpdsl.testing.confgs  # noqa: B018 - asking is the test
