"""Optimisers to measure: each takes a space and a seed, proposes configurations of that space and is told values."""

from __future__ import annotations

import importlib
import importlib.metadata
import json
import logging
import warnings
from collections.abc import Mapping
from typing import Any, Protocol

import hpdsl

# For each peer its module here, the keyword arguments of its class, and the package that its version is of.
PEERS: dict[str, tuple[str, dict[str, Any], str]] = {
    **{f"hpdsl_{name}": ("ours", {"backend": name}, "hpdsl") for name in ("auto", "bayes", "tpe")},
    "random": ("ours", {"backend": "random"}, "hpdsl"),
    "optuna_tpe": ("optuna_peer", {"sampler": "tpe"}, "optuna"),
    "optuna_gp": ("optuna_peer", {"sampler": "gp"}, "optuna"),
    "hyperopt": ("hyperopt_peer", {}, "hyperopt"),
    "skopt": ("skopt_peer", {}, "scikit-optimize"),
    "bayes_opt": ("bayes_opt_peer", {}, "bayesian-optimization"),
    "smac_bb": ("smac_peer", {"facade": "bb"}, "smac"),
    "smac_hpo": ("smac_peer", {"facade": "hpo"}, "smac"),
    "botorch": ("botorch_peer", {}, "botorch"),
}


class Peer(Protocol):
    """What the runner talks to. `best` may be missing: then the best value told is what a peer recommends."""

    def ask(self) -> dict[str, Any]:
        """The next configuration, as the space itself would deliver it."""

    def tell(self, config: Mapping[str, Any], value: float) -> None:
        """The value of the configuration that was asked for last."""


def parse(name: str) -> tuple[str, dict[str, Any]]:
    """A peer and its options, from `PEER` or `PEER+OPTION=VALUE+…`."""
    plain, *options = name.split("+")
    if plain not in PEERS:
        raise KeyError(f"no peer is called `{plain}`; there are {', '.join(PEERS)}")
    return plain, {key: _value(text) for key, _, text in (o.partition("=") for o in options)}


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def make(name: str, space: hpdsl.Space, seed: int) -> Any:
    """The peer of a name; raises ImportError where its package is missing."""
    plain, options = parse(name)
    warnings.filterwarnings("ignore")
    logging.disable(logging.WARNING)
    module, arguments, _ = PEERS[plain]
    return importlib.import_module(f"peers.{module}").Peer(space, seed, **arguments, **options)


def version(name: str) -> str:
    """The version of a peer's package."""
    package = PEERS[parse(name)[0]][2]
    return hpdsl.__version__ if package == "hpdsl" else importlib.metadata.version(package)
