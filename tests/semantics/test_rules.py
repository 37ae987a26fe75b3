"""Remarks and refusals about conditions as a whole."""

import pytest

import hpdsl

NAMES = "x ~ uniform(0, 1)\ny ~ uniform(0, 1)\nn ~ int uniform(0, 4)\nb ~ bool()\n"


def warned(text):
    return [d.message for d in hpdsl.loads(text).warnings]


@pytest.mark.parametrize(
    ("sentences", "said"),
    [
        ("require n > 0.2 and n < 0.8", "this leaves no value for `n`"),
        ("require n > 1\nrequire n != 2 and n < 3", "these sentences leave no value for `n`"),
        ("require x > 0.6\nrequire x < 0.5", "no configuration satisfies these sentences together"),
        ("require x > 2", "no configuration satisfies this"),
    ],
)
def test_contradictions_say_whether_one_sentence_makes_them(sentences, said):
    with pytest.raises(hpdsl.SpecError, match=said):
        hpdsl.loads(f"{NAMES}{sentences}\n")


def test_a_branch_of_weight_0_is_never_active():
    text = "k ~ choice { a: %s { x ~ uniform(0, 1) } c { z ~ bool() } }\n"
    assert warned(text % "0") == ["the branch `a` of `k` has weight 0"]
    assert warned(text % "0.5") == []
    assert {c["k"] for c in hpdsl.loads(text % "0").sample(50, seed=0)} == {"c"}


def test_bounds_are_judged_under_the_guard_of_their_sentence():
    for guarded in ("z ~ uniform(1, n) when n > 0", "k ~ choice { p { z ~ uniform(1, n) } q } when n > 0"):
        assert warned(f"{NAMES}{guarded}\n") == []
    with pytest.raises(hpdsl.SpecError, match="n = 0"):
        hpdsl.loads(f"{NAMES}z ~ uniform(1, n) when b\n")
    said = warned(f"{NAMES}k ~ choice {{ p {{ z ~ uniform(1, n) }} q }} when b\n")
    assert said == ["could not prove that the upper bound stays above the lower bound"]


@pytest.mark.parametrize(
    ("sentence", "remark"),
    [
        ("require x < 2", "this always holds"),
        ("require n >= 0", "this always holds"),
        ("require x < 0.9", None),
        ("forbid x > 2", "this always holds"),
    ],
)
def test_what_always_holds_is_remarked(sentence, remark):
    assert warned(f"{NAMES}{sentence}\n") == ([remark] if remark else [])


def test_a_default_outside_the_range_that_another_default_leaves_is_shown_where_it_is_written():
    text = "n ~ int uniform(0, 4) default 1\nz ~ uniform(0, 1 + n) default 3\n"
    (found,) = hpdsl.loads(text).warnings
    assert found.message == "the default of `z` is outside its range at the default configuration"
    assert found.source.text[found.span.start : found.span.end] == "3"


def test_each_sentence_of_a_contradiction_but_the_last_is_labelled_once():
    text = "n ~ int uniform(0, 9)\nrequire n > 1\nrequire n < 4\nrequire n != 2 and n < 3\n"
    with pytest.raises(hpdsl.SpecError) as caught:
        hpdsl.loads(text)
    found = caught.value.diagnostics[0]
    assert found.message == "these sentences leave no value for `n`"
    assert [label.text for label in found.labels] == ["together with this"] * 2
