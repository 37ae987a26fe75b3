import math
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpdsl.study import codec
from hpdsl.study.trial import OUTPUT_LIMIT, REASON_LIMIT, one_line, tail

FLOATS = st.integers(0, 2**64 - 1).map(lambda bits: struct.unpack(">d", struct.pack(">Q", bits))[0]) | st.floats()
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**200), 2**200) | FLOATS | st.text(),
    lambda inner: st.lists(inner, max_size=4),
    max_leaves=6,
)


def bits(value):
    if isinstance(value, float):
        return struct.pack(">d", value)
    if isinstance(value, list):
        return [bits(v) for v in value]
    return (type(value), value)


@given(FLOATS)
def test_numbers_keep_their_bits(number):
    assert bits(codec.number_of(codec.number_text(number))) == bits(number)


@given(st.dictionaries(st.text(min_size=1).filter(lambda t: "$" not in t), VALUES, max_size=4))
def test_dicts_keep_types_and_bits(config):
    back = codec.parse_dict(codec.dump(config))
    assert {k: bits(v) for k, v in back.items()} == {k: bits(v) for k, v in config.items()}


@pytest.mark.parametrize("number", [math.nan, -math.nan, math.inf, -math.inf, -0.0, 5e-324, 0.1 + 0.2])
def test_stored_text_is_json_proper(number):
    assert "NaN" not in codec.dump({"x": number})
    assert "Infinity" not in codec.dump({"x": number})


@pytest.mark.parametrize("text", ["", "[", "NaN", '{"x": NaN}', '{"x": -Infinity}', '{"$float": "pi"}', "[" * 100_000])
def test_other_text_is_refused(text):
    with pytest.raises(ValueError):  # noqa: PT011 - the store adds the words
        codec.parse(text)


def test_numpy_scalars_are_stored_as_numbers():
    import numpy as np

    assert codec.dump([np.float32(0.5), np.int64(3), np.bool_(True)]) == "[0.5,3,true]"


@given(st.text(alphabet=st.characters(exclude_categories=()), max_size=400))
def test_texts_become_storable(text):
    assert len(tail(text, 64).encode()) <= 64
    assert "\0" not in tail(text)
    line = one_line(text)
    assert "\n" not in line
    assert len(line) <= REASON_LIMIT


def test_tail_keeps_the_end():
    kept = tail("ä" * OUTPUT_LIMIT + "the end")
    assert kept.startswith("…")
    assert kept.endswith("ä" + "the end")
    assert len(kept.encode()) <= OUTPUT_LIMIT
