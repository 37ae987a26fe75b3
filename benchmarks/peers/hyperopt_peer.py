"""Hyperopt's TPE on nested choices."""

from __future__ import annotations

import math

import numpy as np
from hyperopt import STATUS_OK, Trials, hp, space_eval, tpe
from hyperopt.base import JOB_STATE_DONE, Domain

from peers.flat import InexpressibleError, configuration, dimensions, drawn

# Integers with children become choices up to this many values.
MOST = 20


def parents(space):
    """For each conditional dimension, by name, the dimension it hangs on and the values that make it active."""
    draws = [{d.name: v for d, v in values.items()} for values in drawn(space)[:1000]]
    found = {}
    for d in dimensions(space):
        if all(d.name in draw for draw in draws):
            continue
        fitting = []
        for p in dimensions(space):
            if p is d or p.kind == "float" or (p.kind == "int" and p.high - p.low >= MOST):
                continue
            values = {draw[p.name] for draw in draws if d.name in draw and p.name in draw}
            if values == {draw[p.name] for draw in draws if p.name in draw}:
                continue  # active together: neither decides about the other
            if all((d.name in draw) == (draw.get(p.name) in values) for draw in draws):
                fitting.append((sum(p.name in draw for draw in draws), p.name, values))
        # The innermost: the one that is active most seldom.
        if not fitting:
            raise InexpressibleError(f"what makes {d.name} active is no single parameter")
        _, parent, values = min(fitting, key=lambda f: f[:2])
        found[d.name] = parent, values
    return found


class Peer:
    """TPE with its defaults."""

    def __init__(self, space, seed):
        self.space = space
        self.rng = np.random.default_rng(seed)
        self.dimensions = {d.name: d for d in dimensions(space)}
        self.parents = parents(space)
        roots = [d for d in self.dimensions.values() if d.name not in self.parents]
        self.domain = Domain(lambda c: 0.0, {d.name: self._node(d, "") for d in roots})
        self.trials = Trials()

    def _node(self, d, tag):
        """An expression for a dimension with what hangs on it; labels must be unique, hence the tag."""
        label = d.name + tag
        children = [name for name, (parent, _) in self.parents.items() if parent == d.name]
        values = tuple(range(int(d.low), int(d.high) + 1)) if d.kind == "int" and children else d.choices
        if children:
            options = []
            for v in values:
                below = {c: self._node(self.dimensions[c], f"{tag}|{v}") for c in children if v in self.parents[c][1]}
                options.append({d.name: v, **below})
            return hp.choice(label, options)
        if not d.numeric:
            return hp.choice(label, list(d.choices))
        if d.kind == "int":
            if d.log:
                return hp.qloguniform(label, math.log(d.low), math.log(d.high), 1)
            return hp.uniformint(label, int(d.low), int(d.high))
        if d.log:
            return hp.loguniform(label, math.log(d.low), math.log(d.high))
        return hp.uniform(label, d.low, d.high)

    def ask(self):
        ids = self.trials.new_trial_ids(1)
        self.trials.refresh()
        self.docs = tpe.suggest(ids, self.domain, self.trials, int(self.rng.integers(2**31 - 1)))
        given = {k: v[0] for k, v in self.docs[0]["misc"]["vals"].items() if v}
        values = {}
        _flatten(space_eval(self.domain.expr, given), values)
        for name, v in list(values.items()):
            d = self.dimensions[name]
            if d.numeric:
                values[name] = d.held(v)
        return configuration(self.space, values)

    def tell(self, config, value):
        doc = self.docs[0]
        doc["state"], doc["result"] = JOB_STATE_DONE, {"status": STATUS_OK, "loss": float(value)}
        self.trials.insert_trial_docs([doc])
        self.trials.refresh()


def _flatten(tree, into):
    for name, value in tree.items():
        if isinstance(value, dict):
            _flatten(value, into)
        else:
            into[name] = value
