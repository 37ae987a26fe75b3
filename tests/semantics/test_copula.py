"""Correlations that contradict each other, and what is said to mend them."""

import pytest

import hpdsl


def refused(sentences, names="abcdef"):
    """What is said of correlations of some uniform parameters."""
    text = "".join(f"{name} ~ uniform(0, 1)\n" for name in names) + sentences
    with pytest.raises(hpdsl.SpecError) as caught:
        hpdsl.loads(text)
    return str(caught.value)


def test_the_nearest_legal_value_is_named_and_legal():
    pairs = "correlate a, b = 0.9\ncorrelate b, c = 0.9\ncorrelate a, c = {}\n"
    assert "write 0.6311" in refused(pairs.format(-0.9))
    names = "".join(f"{name} ~ uniform(0, 1)\n" for name in "abc")
    assert hpdsl.loads(names + pairs.format(0.6311)).warnings == ()
    assert "contradict" in refused(pairs.format(0.63))


def test_where_no_single_value_mends_them_all_are_scaled_down():
    pairs = "correlate a, b = {0}\ncorrelate b, c = {0}\ncorrelate a, c = -{0}\ncorrelate d, e = {0}\n"
    pairs += "correlate e, f = {0}\ncorrelate d, f = -{0}\ncorrelate a, d = {1}\n"
    said = refused(pairs.format(0.9, 0.1))
    assert "no value of this one alone mends it" in said
    assert "multiply all of them by 0.525" in said
    names = "".join(f"{name} ~ uniform(0, 1)\n" for name in "abcdef")
    assert hpdsl.loads(names + pairs.format(0.9 * 0.525, 0.1 * 0.525)).warnings == ()
    assert "contradict" in refused(pairs.format(0.9 * 0.53, 0.1 * 0.53))


def test_of_many_discrete_parameters_five_are_named():
    text = "".join(f"n{i} ~ int uniform(0, 3)\n" for i in range(7))
    text += "".join(f"correlate n{i}, n{i + 1} = 0.1\n" for i in range(6))
    with pytest.raises(hpdsl.SpecError, match="7 discrete parameters") as caught:
        hpdsl.loads(text)
    assert caught.value.diagnostics[0].note == "n0, n1, n2, n3, n4"


def test_correlations_that_contradict_all_together_are_mended_by_the_factor_told():
    def text(r):
        pairs = ("a, b", "a, c", "a, d", "b, c", "b, d", "c, d")
        return "".join(f"{v} ~ uniform(0, 1)\n" for v in "abcd") + "".join(f"correlate {p} = {r}\n" for p in pairs)

    with pytest.raises(hpdsl.SpecError, match=r"multiply all of them by 0\.355$"):
        hpdsl.loads(text(-0.9))
    hpdsl.loads(text(-0.9 * 0.355))
    with pytest.raises(hpdsl.SpecError, match="HP054"):
        hpdsl.loads(text(-0.9 * 0.356))
