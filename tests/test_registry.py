"""Backends are found by name, third parties' through their entry points."""

from importlib.metadata import EntryPoint

import pytest

import hpdsl
from hpdsl import registry
from hpdsl.backends.random_search import RandomSearch


def test_unknown_names_get_a_suggestion():
    with pytest.raises(hpdsl.UnknownNameError, match="did you mean `bayes`"):
        hpdsl.backend("bays", hpdsl.loads("x ~ uniform(0, 1)\n"))
    with pytest.raises(LookupError, match="there are bayes, grid, random"):
        hpdsl.backend("zzz", hpdsl.loads("x ~ uniform(0, 1)\n"))


def test_third_parties_come_through_entry_points(monkeypatch):
    entry = EntryPoint("mine", "hpdsl.backends.random_search:RandomSearch", registry.GROUP)
    monkeypatch.setattr(registry, "entry_points", lambda group: [entry])
    assert "mine" in registry.names()
    assert isinstance(hpdsl.backend("mine", hpdsl.loads("x ~ uniform(0, 1)\n")), RandomSearch)


def test_classes_can_be_named_too():
    space = hpdsl.loads("x ~ uniform(0, 1)\n")
    for name in ("Bayes", "GridSearch", "RandomSearch"):
        assert isinstance(getattr(hpdsl.backends, name)(space, seed=1), hpdsl.backends.Backend)
    with pytest.raises(AttributeError):
        hpdsl.backends.Nothing  # noqa: B018 - the access is the test
