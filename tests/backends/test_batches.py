"""Batches at the end of a finite space."""

import pytest

import hpdsl
from hpdsl import registry


@pytest.mark.parametrize("name", registry.names())
def test_a_batch_ends_with_the_space(name):
    opt = hpdsl.backend(name, hpdsl.loads("a ~ int uniform(1, 3)\nb ~ bool(0.5)\n"), seed=0)
    first, rest = opt.ask(4), opt.ask(8)
    assert len(first) == 4
    assert len(rest) == 2
    with pytest.raises(hpdsl.SpaceExhausted):
        opt.ask(2)
    for k, config in enumerate(first + rest):
        opt.tell(config, float(k))
    assert opt.best[1] == 0.0
