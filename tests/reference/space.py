"""`Row`: one configuration of a spec, worked out from its syntax tree by the obvious reading of docs/language.md.

It knows the parser and nothing else of the compiler: names are looked up, guards asked and priors inverted when the
value of a name is asked for. Out of its reach (`Unsupported`): undefined arguments of priors, constants of modules.
"""

import math

import numpy as np
from reference.declarations import Declarations
from reference.expressions import Expressions
from reference.marks import UNDEFINED, UNKNOWN, Chosen, Label, inverse, truth
from reference.scopes import Scope, holds, tree
from reference.values import Values

from hpdsl.syntax import nodes


class Row(Declarations, Values, Expressions):
    """The configuration at u codes by path; `config` as `Configs` has it, `violated`, and `log_density` or None."""

    def __init__(self, text, us, files=None, given=None):
        self.us, self.files, self.given = us, files or {}, given or {}
        self.root = Scope(None)
        self.requirements, self.correlations, self.lists = [], [], []
        self.densities = []
        self.blocks = {}
        self.declare(tree(text), self.root, self.root, ())
        self.tie()
        for thing in self.lists:
            self.elements(thing)
        self.tie()
        self.config = {}
        self.undefined = set()
        self.deliver(self.root, self.config, "")
        self.violated = bool(self.undefined) or any(self.breaks(*r) for r in self.requirements)

    @property
    def log_density(self):
        if any(d is None for d in self.densities):
            return None
        return math.fsum(math.log(d) if d > 0 else -math.inf for d in self.densities)

    # ---- what comes out ------------------------------------------------------------------------------

    def breaks(self, condition, negated, scope, guards):
        if not holds(guards):
            return False
        value = truth(self.of(condition, scope))
        return (inverse(value) if negated else value) in (False, UNDEFINED)

    def deliver(self, scope, config, prefix):
        """The active names of a scope, as configurations have them."""
        for name, thing in scope.names.items():
            key = prefix + name
            if thing.scope is not None:
                self.deliver(thing.scope, config, f"{key}.")
                continue
            value = thing.value if not isinstance(thing.node, nodes.Group) else None
            if thing.node.index is not None and not thing.element:
                self.deliver_list(thing, config, key)
            elif value is not UNKNOWN:
                config[key] = self.plain(value, key)
            for branch in thing.branches.values():
                self.deliver(branch, config, f"{key}.")

    def deliver_list(self, thing, config, key):
        parts = self.elements(thing)
        if not parts:
            return
        keys = parts["#"]
        if self.labelled(thing.node.index):
            for k in keys:
                if parts[k].value is not UNKNOWN:
                    config[f"{key}.{k}"] = self.plain(parts[k].value, f"{key}.{k}")
            return
        found = []
        for k in keys:
            if isinstance(thing.node, nodes.Group):
                inside = {}
                self.deliver(parts[k].scope, inside, "")
                found.append(inside)
            else:
                v = parts[k].value
                found.append(None if v is UNKNOWN else self.plain(v, f"{key}[{k}]"))
        config[key] = found

    def plain(self, value, key):
        if value is UNDEFINED:
            self.undefined.add(key)
            return value
        if isinstance(value, Label):
            return value.value
        if isinstance(value, (list, Chosen)):
            return [None if v is UNKNOWN else self.plain(v, key) for v in value]
        return float(value) if isinstance(value, (np.floating, int)) and not isinstance(value, bool) else value
