"""Backends are found by name, third parties' through their entry points."""

from importlib.metadata import EntryPoint

import pytest

import hpdsl
from hpdsl import registry
from hpdsl.backends.random_search import RandomSearch


def test_unknown_names_get_a_suggestion():
    with pytest.raises(hpdsl.UnknownNameError, match="did you mean `bayes`"):
        hpdsl.backend("bays", hpdsl.loads("x ~ uniform(0, 1)\n"))
    with pytest.raises(LookupError, match="there are auto, bayes, grid, random, tpe"):
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


@pytest.mark.parametrize("value", ["no.such.module:Backend", "hpdsl.registry:nothing", "hpdsl.registry:GROUP"])
def test_third_parties_that_can_not_be_loaded_are_named(monkeypatch, value):
    entry = EntryPoint("mine", value, registry.GROUP)
    monkeypatch.setattr(registry, "entry_points", lambda group: [entry])
    with pytest.raises(hpdsl.UsageError, match="the backend `mine`"):
        hpdsl.backend("mine", hpdsl.loads("x ~ uniform(0, 1)\n"))


@pytest.mark.parametrize("name", [None, 3, ["bayes"], RandomSearch])
def test_names_are_text(name):
    with pytest.raises(hpdsl.UsageError, match="by name, not by"):
        hpdsl.backend(name, hpdsl.loads("x ~ uniform(0, 1)\n"))


@pytest.mark.parametrize("name", ["bayes", "grid", "random"])
@pytest.mark.parametrize("space", ["x ~ uniform(0, 1)\n", None])
def test_a_space_is_asked_for(name, space):
    with pytest.raises(hpdsl.UsageError, match=r"hpdsl\.loads"):
        hpdsl.backend(name, space)
