"""Requirements that hardly any draw meets: backends go on where single rows of the prior find nothing."""

from __future__ import annotations

import numpy as np
import pytest

import hpdsl
from hpdsl.backends.prior import blocks, up_to
from hpdsl.errors import SamplingError
from hpdsl.space import Space

# A ball of 5 dimensions and 5.0e-5 of the cube: of rows of 100,000 attempts 0.7 % find nothing.
BALL = """
a ~ uniform(0, 1)
b ~ uniform(0, 1)
c ~ uniform(0, 1)
d ~ uniform(0, 1)
e ~ uniform(0, 1)
minimize loss
require (a - 0.5)**2 + (b - 0.5)**2 + (c - 0.5)**2 + (d - 0.5)**2 + (e - 0.5)**2 <= 0.0098
"""


@pytest.fixture(scope="module")
def ball() -> Space:
    return hpdsl.loads(BALL)


def test_blocks_are_the_rows_of_one_sample() -> None:
    space = hpdsl.loads("a ~ uniform(0, 1)\nb ~ choice(x, y)")
    parts = list(blocks(space, 11, seed=3, start=5))
    assert [len(p) for p in parts] == [1, 1, 2, 4, 3]
    assert [c for p in parts for c in p] == list(space.sample(11, seed=3, start=5))


def test_rows_before_one_that_finds_nothing_are_kept() -> None:
    # A disc of 7.1e-4 of the square: of rows of 2,000 attempts a quarter find nothing.
    disc = hpdsl.loads("a ~ uniform(0, 1)\nb ~ uniform(0, 1)\nrequire (a - 0.5)**2 + (b - 0.5)**2 <= 0.000225")
    with pytest.raises(SamplingError):
        disc.sample(64, seed=0, max_attempts=2_000)
    found = [c for s in range(8) for c in up_to(disc, 64, seed=s, start=0, max_attempts=2_000)]
    assert sum(map(len, found)) >= 8
    assert all(disc.is_valid(config) for configs in found for config in configs)
    assert list(up_to(disc, 64, seed=0, start=0, max_attempts=1)) == []


@pytest.mark.parametrize("backend", ["random", "tpe", "bayes", "auto"])
def test_every_backend_tunes_where_one_draw_in_twenty_thousand_is_feasible(ball: Space, backend: str) -> None:
    opt = hpdsl.backend(backend, ball, seed=1)
    for _ in range(14):
        config = opt.ask()
        assert ball.is_valid(config)
        opt.tell(config, float(np.hypot(config["a"] - 0.55, config["b"] - 0.45)))
    assert opt.best is not None
    assert opt.best[1] < 0.07


def test_a_row_that_finds_nothing_is_replaced(ball: Space, monkeypatch: pytest.MonkeyPatch) -> None:
    sample, calls = type(ball).sample, []

    def unlucky(self: Space, n: int, **given: object) -> object:
        calls.append(given["start"])
        if len(calls) in {1, 2}:
            raise SamplingError("nothing found")
        return sample(self, n, **given)

    monkeypatch.setattr(type(ball), "sample", unlucky)
    assert ball.is_valid(hpdsl.backend("random", ball, seed=0).ask())
    assert len(calls) == 3
