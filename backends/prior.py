"""Rows of the prior, drawn so that requirements which are hard to meet don't cost all of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from hpdsl.configs import Configs
from hpdsl.errors import SamplingError
from hpdsl.space import MAX_ATTEMPTS, Space


def blocks(space: Space, n: int, *, seed: int, start: int, max_attempts: int = MAX_ATTEMPTS) -> Iterator[Configs]:
    """Rows start .. start + n - 1 of a seed's sample in blocks of 1, 1, 2, 4, …, each drawn when it is asked for.

    Raises `SamplingError` where a row of the next block finds no feasible configuration.
    """
    done = 0
    while done < n:
        size = min(max(done, 1), n - done)
        yield space.sample(size, seed=seed, start=start + done, max_attempts=max_attempts)
        done += size


def up_to(space: Space, n: int, *, seed: int, start: int, max_attempts: int) -> Iterator[Configs]:
    """As many of these blocks as come before a row finds nothing within `max_attempts`; perhaps none."""
    with suppress(SamplingError):
        yield from blocks(space, n, seed=seed, start=start, max_attempts=max_attempts)
