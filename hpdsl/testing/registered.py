"""`register`: what `st.from_type` makes of hpdsl's types; Hypothesis calls it when it is imported."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from hpdsl.configs import Configs
from hpdsl.space import Space

# Rows of a batch.
MOST = 8


def register() -> None:
    """Let `st.from_type(Space)` be random spaces, and `st.from_type(Configs)` batches of samples of such.

    So arguments with these annotations need no strategy: `@given(...)`, `st.builds` and `st.from_type` of classes that
    hold them fill them in. Configurations are dicts, and each belongs to one space: there `configs(space)` is needed.
    """
    st.register_type_strategy(Space, lambda _: _spaces())
    st.register_type_strategy(Configs, lambda _: _batches())


def _spaces() -> SearchStrategy[Space]:
    # Loaded where it is used: this module is part of every run that imports Hypothesis.
    from hpdsl.testing.generator import specs

    return specs().map(lambda spec: spec.space)


def _batches() -> SearchStrategy[Configs]:
    rows, seeds = st.integers(0, MOST), st.integers(0, 2**16 - 1)
    return st.builds(lambda space, n, seed: space.sample(n, seed=seed), _spaces(), rows, seeds)
