"""Configurations as the flat values of other formats, and back."""

import pytest
from spaces import SPACES

import hpdsl
from hpdsl import interop
from hpdsl.errors import UsageError
from hpdsl.interop.portable import portable

# What a flat list can't hold of each space: the number of sentences, where there are any.
REFUSED = {
    **{"normals": 2, "lognormals": 1, "integers": 2, "dependent": 5, "require": 1, "tight": 1, "undefined": 1},
    **{"arrays": 2, "ordered": 6, "chosen": 4, "weights": 3, "correlated": 2},
}


@pytest.mark.parametrize("name", SPACES)
def test_configurations_come_back(name):
    space = hpdsl.loads(SPACES[name])
    flat = portable(space)
    assert len(flat.refused) == REFUSED.get(name, 0), flat.refused
    for config in space.sample(300):
        values = flat.values(config)
        assert set(values) <= {v.name for v in flat.variables}
        assert flat.config(values) == config


@pytest.mark.parametrize("name", SPACES)
def test_settling_names_every_sentence(name):
    flat = portable(hpdsl.loads(SPACES[name]))
    if not flat.refused:
        assert flat.settle("it", lossy=False) == tuple(flat.notes)
        return
    with pytest.raises(UsageError) as caught:
        flat.settle("it", lossy=False)
    assert str(caught.value).splitlines()[1:-1] == [f"  {line}" for line in flat.refused]
    assert flat.settle("it", lossy=True)[: len(flat.refused)] == tuple(f"lost: {line}" for line in flat.refused)


def test_constants_and_pinned_parameters():
    space = hpdsl.loads("k = 3\nx ~ uniform(0, 1)\nc ~ choice(a, b)\n").fix(c="b")
    flat = portable(space)
    assert {v.name for v in flat.variables if v.constant} == {"k", "c"}
    assert flat.values({"x": 0.5, "c": "b", "k": 3}) == {"k": 3, "x": 0.5, "c": "b"}


@pytest.mark.parametrize("name", [n for n in SPACES if not REFUSED.get(n)])
def test_what_is_written_and_read_again_has_the_same_configurations(name):
    pytest.importorskip("ConfigSpace")
    space = hpdsl.loads(SPACES[name])
    flat = portable(space)
    again = hpdsl.loads(interop.from_text(interop.write(space, None, "configspace").text, "configspace"))
    for config in space.sample(200):
        again.validate(flat.values(config))
    for config in again.sample(200):
        space.validate(flat.config(config))
