"""Input k of a seed: which target, which format, which text."""

from collections.abc import Mapping
from random import Random

import foreign
import mutate
from trials import Input

_FOREIGN = 0.6  # of the inputs to `convert`


def input_of(seed: int, number: int, shares: Mapping[str, int]) -> Input:
    """The same for the same numbers, whatever came before."""
    rng = Random(f"{seed}:{number}")
    target = rng.choices(list(shares), list(shares.values()))[0]
    if target == "convert":
        if rng.random() < _FOREIGN:
            return Input(target, *foreign.mutant(rng))
        return Input(target, "hp", mutate.mutant(rng, gentle=True))
    return Input(target, "hp", mutate.mutant(rng, gentle=target != "parse" and rng.random() < 0.7))
