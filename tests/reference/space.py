"""`Row`: one configuration of a spec, worked out from its syntax tree by the obvious reading of docs/language.md.

It knows the parser and nothing else of the compiler: names are looked up, guards asked and priors inverted when the
value of a name is asked for. Out of its reach (`Unsupported`): undefined arguments of priors, constants of modules.
"""

import math
from dataclasses import fields, is_dataclass

import numpy as np
from reference import laws
from reference.marks import (
    BINARY,
    ORDERS,
    OVER_LISTS,
    UNARY,
    UNDEFINED,
    UNKNOWN,
    Chosen,
    Label,
    Mark,
    arithmetic,
    compare,
    conjunction,
    disjunction,
    inverse,
    number,
    same,
    truth,
)

from hpdsl.source import Source
from hpdsl.syntax import nodes
from hpdsl.syntax.parser import parse

NAMES = {
    "uniform": ("low", "high"),
    "loguniform": ("low", "high"),
    "revloguniform": ("low", "high"),
    "logituniform": ("low", "high"),
    "normal": ("mean", "sd"),
    "lognormal": ("median", "factor"),
    "beta": ("alpha", "beta"),
    "gamma": ("shape", "scale"),
    "exponential": ("mean",),
    "triangular": ("low", "mode", "high"),
}


class Unsupported(Exception):
    """What the reference leaves out."""


def tree(text):
    file, problems = parse(Source("<reference>", text))
    assert not problems
    return file.sentences


# ---- scopes ------------------------------------------------------------------------------------------


class Scope:
    """Names at one level. `path` leads here in names of codes."""

    def __init__(self, parent, path="", **aliases):
        self.parent, self.path = parent, path
        self.names, self.aliases, self.templates, self.modules = {}, aliases, {}, {}

    def find(self, kind, name):
        scope = self
        while scope is not None:
            found = getattr(scope, kind).get(name)
            if found is not None:
                return found
            scope = scope.parent
        return None


class Thing:
    """A name, with every sentence that declares it: (sentence, where its expressions look names up, its guards)."""

    def __init__(self, row, name, path):
        self.row, self.name, self.path = row, name, path
        self.occurrences = []
        self.branches = {}
        self.scope = None
        self.known = None
        self.parts = None
        self.element = False

    def present(self):
        """The sentence in force, None where there is none."""
        return next((o for o in self.occurrences if holds(o[2])), None)

    @property
    def node(self):
        return self.occurrences[0][0]

    @property
    def value(self):
        if self.known is None:
            self.known = self.row.work_out(self)
        return self.known


def holds(guards):
    return conjunction(*(g() for g in guards)) is True


def mentions(expr, name):
    """Whether an expression reads a name."""
    if isinstance(expr, nodes.Path):
        return expr.parts[0] == name
    for field in fields(expr):
        part = getattr(expr, field.name)
        for item in part if isinstance(part, tuple) else (part,):
            if is_dataclass(item) and mentions(item, name):
                return True
    return False


class Row:
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

    # ---- declarations --------------------------------------------------------------------------------

    def declare(self, sentences, into, scope, guards, skip=frozenset()):
        """Put names `into` a scope; their expressions look names up in `scope`."""
        for s in sentences:
            match s:
                case nodes.Import():
                    assert s.alias
                    into.modules[s.alias] = tree(self.files[s.file])
                case nodes.Template():
                    into.templates[s.name] = s
                case nodes.Given():
                    value = self.given.get(s.name)
                    into.aliases[s.name] = (
                        (lambda s=s: self.of(s.value, scope)) if value is None else (lambda value=value: value)
                    )
        for s in sentences:
            self.sentence(s, into, scope, guards, skip)

    def sentence(self, s, into, scope, guards, skip):
        match s:
            case nodes.Parameter() | nodes.Derived():
                if s.name not in skip:
                    self.name(s, into, scope, guards)
            case nodes.Group():
                if s.name not in skip:
                    self.group(s, into, scope, guards)
            case nodes.Require():
                self.requirements.append((s.condition, s.negated, scope, guards))
            case nodes.When():

                def condition():
                    return truth(self.of(s.condition, scope))

                self.declare(s.body, into, scope, (*guards, condition), skip)
                self.declare(s.orelse, into, scope, (*guards, lambda: inverse(condition())), skip)
            case nodes.Use():
                self.use(s, into, scope, guards)
            case nodes.Correlate():
                self.correlations.append((s, scope))

    def name(self, s, into, scope, guards):
        thing = into.names.setdefault(s.name, Thing(self, s.name, into.path + s.name))
        if s.guard is not None and not (s.index is not None and mentions(s.guard, "index")):
            guards = (*guards, lambda: truth(self.of(s.guard, scope)))
        thing.occurrences.append((s, scope, guards))
        if isinstance(s, nodes.Parameter) and isinstance(s.prior, nodes.Union):
            for branch in s.prior.branches:
                inner = thing.branches.setdefault(branch.label, Scope(scope, f"{thing.path}.{branch.label}."))

                def chosen(label=branch.label):
                    return UNKNOWN if thing.value is UNKNOWN else thing.value.value == label

                self.declare(branch.body, inner, inner, (*guards, chosen))
        if s.index is not None:
            self.lists.append(thing)

    def group(self, s, into, scope, guards):
        thing = into.names.setdefault(s.name, Thing(self, s.name, into.path + s.name))
        if s.guard is not None and not (s.index is not None and mentions(s.guard, "index")):
            guards = (*guards, lambda: truth(self.of(s.guard, scope)))
        thing.occurrences.append((s, scope, guards))
        if s.index is not None:
            self.lists.append(thing)
            return
        thing.scope = thing.scope or Scope(scope, f"{thing.path}.")
        self.declare(s.body, thing.scope, thing.scope, guards)

    def use(self, s, into, scope, guards):
        body, formals = self.template(s, scope)
        replaced = frozenset(x.name for x in s.body if hasattr(x, "name"))
        aliases = {}
        positional = [a.value for a in s.args if a.name is None]
        named = {a.name: a.value for a in s.args if a.name is not None}
        inner = Scope(into if into is scope else scope)
        for k, f in enumerate(formals):
            if k < len(positional):
                aliases[f.name] = lambda e=positional[k]: self.of(e, scope, label=True)
            elif f.name in named:
                aliases[f.name] = lambda e=named[f.name]: self.of(e, scope, label=True)
            else:
                aliases[f.name] = lambda e=f.default: self.of(e, inner, label=True)
        inner.aliases = aliases
        self.declare(body, into, inner, guards, replaced)
        self.declare(s.body, into, scope, guards)

    def template(self, s, scope):
        if len(s.path.parts) == 1:
            found = scope.find("templates", s.path.parts[0])
            if found is not None:
                return found.body, found.formals
        module = scope.find("modules", s.path.parts[0])
        if len(s.path.parts) == 1:
            return module, ()
        found = next(t for t in module if isinstance(t, nodes.Template) and t.name == s.path.parts[1])
        return found.body, found.formals

    def tie(self):
        """Correlated parameters in blocks, in the order of their paths."""
        linked = {}
        for s, scope in self.correlations:
            things = [self.things(p, scope)[0] for p in s.paths]
            r = number(self.of(s.value, scope))
            for a in things:
                for b in things:
                    if a is not b:
                        linked.setdefault(a.path, {})[b.path] = r
        for path in linked:
            block, todo = set(), [path]
            while todo:
                p = todo.pop()
                if p not in block:
                    block.add(p)
                    todo.extend(linked[p])
            order = sorted(block)
            self.blocks[path] = order, [[linked[a].get(b, 0.0) for b in order] for a in order]

    # ---- lists ---------------------------------------------------------------------------------------

    def elements(self, thing):
        """The elements of an array, a vector or an array of groups, by label or number; None where it is inactive."""
        if thing.parts is not None:
            return thing.parts or None
        present = thing.present()
        thing.parts = {}
        if present is None:
            return None
        s, scope, guards = present
        index = s.index
        if self.labelled(index):
            keys = [e.parts[0] for e in index]
            places = [f"{thing.path}.{k}" for k in keys]
        else:
            n = number(self.of(index[0], scope))
            if n is UNKNOWN:
                return None
            keys = list(range(int(n)))
            places = [f"{thing.path}[{k}]" for k in keys]
        thing.parts = {"#": keys}
        for k, (key, path) in enumerate(zip(keys, places, strict=True)):
            inner = Scope(scope, f"{path}.", index=lambda k=k: float(k))
            own = guards
            if s.guard is not None and mentions(s.guard, "index"):
                own = (*guards, lambda inner=inner: truth(self.of(s.guard, inner)))
            part = Thing(self, thing.name, path)
            part.occurrences = [(s, inner, own)]
            part.element, part.whole = True, thing
            thing.parts[key] = part
            if isinstance(s, nodes.Group):
                part.scope = inner
                before = len(self.lists)
                self.declare(s.body, inner, inner, own)
                for deeper in self.lists[before:]:
                    self.elements(deeper)
        return thing.parts

    @staticmethod
    def labelled(index):
        return len(index) > 1 or False

    # ---- values --------------------------------------------------------------------------------------

    def work_out(self, thing):
        if thing.node.index is not None and not thing.element:
            self.elements(thing)
            return self.listed(thing)
        present = thing.present()
        if present is None:
            return UNKNOWN
        s, scope, _ = present
        if isinstance(s, nodes.Derived):
            return self.of(s.value, scope)
        if thing.element and (isinstance(s.prior, nodes.Ordered) or getattr(s.prior, "name", "") == "dirichlet"):
            # These are drawn together.
            self.listed(thing.whole)
            return thing.known
        return self.drawn(s.prior, thing.path, scope)

    def listed(self, thing):
        parts = self.elements(thing)
        if not parts:
            return UNKNOWN
        keys = parts["#"]
        if thing.known is not None:
            return thing.known
        s, scope, _ = thing.present()
        prior = getattr(s, "prior", None)
        if isinstance(prior, nodes.Prior) and prior.name == "dirichlet":
            alpha = [number(self.of(a.value, scope)) for a in prior.args]
            alpha = alpha * len(keys) if len(alpha) == 1 else alpha
            values, density = laws.dirichlet([self.us[parts[k].path] for k in keys[:-1]], alpha)
            self.densities.append(density)
        elif isinstance(prior, nodes.Ordered):
            law = self.law(prior.prior, scope)
            values, density = laws.ordered([self.us[parts[k].path] for k in keys], law, prior.rising)
            self.densities.append(density if keys else 1.0)
        else:
            return [parts[k].value for k in keys]
        for k, v in zip(keys, values, strict=True):
            parts[k].known = v
        thing.known = values
        return values

    def drawn(self, prior, path, scope):
        """The value of a parameter at its u code."""
        match prior:
            case nodes.Prior(name="subset"):
                return self.subset(prior, path, scope)
            case nodes.Prior(name="permutation"):
                values = self.alternatives(prior, scope)
                us = [self.us[f"{path}[{k}]"] for k in range(len(values))] if len(values) else []
                self.densities.append(1 / math.factorial(len(values)))
                return [self.label(v, values) for v in laws.permutation(us, values)]
            case nodes.Choice():
                return self.choice(prior, self.code(path), scope)
            case nodes.Union():
                weights = [1.0 if b.weight is None else number(self.of(b.weight, scope)) for b in prior.branches]
                if UNKNOWN in weights:
                    return UNKNOWN
                k, _, width = laws.pick(self.code(path), weights)
                self.densities.append(width)
                return Label(prior.branches[k].label)
            case nodes.Prior(name="bool"):
                p = number(self.of(prior.args[0].value, scope)) if prior.args else 0.5
                if p is UNKNOWN:
                    return UNKNOWN
                k, _, width = laws.pick(self.code(path), [1 - p, p])
                self.densities.append(width)
                return k == 1
            case nodes.Prior(name="ordinal"):
                values = self.alternatives(prior, scope)
                k, _, width = laws.pick(self.code(path), [1.0] * len(values))
                self.densities.append(width)
                return self.label(values[k], values, order=True)
            case nodes.Prior(name="pow2"):
                ends = [number(self.of(a.value, scope)) for a in prior.args]
                if UNKNOWN in ends:
                    return UNKNOWN
                exponents = laws.Numeric("uniform", [math.log2(e) for e in ends], True, None, None)
                e = exponents.quantile(self.code(path))
                self.densities.append(exponents.probability(e))
                return 2.0**e
            case _:
                law = self.law(prior, scope)
                if law is UNKNOWN:
                    return UNKNOWN
                x = law.quantile(self.code(path))
                self.densities.append(law.probability(x))
                return x

    def code(self, path):
        """The quantile of a parameter: its own u, or that of its score in a copula."""
        if path not in self.blocks:
            return self.us[path]
        order, correlations = self.blocks[path]
        quantiles, density = laws.copula([self.us[p] for p in order], correlations)
        if path == order[-1]:
            whole = all(self.smooth(p) for p in order)
            self.densities.append(density if whole else None)
        return float(quantiles[order.index(path)])

    def smooth(self, path):
        """Whether a correlated parameter is continuous."""
        thing = self.by_path(path)
        prior = thing.node.prior
        return isinstance(prior, nodes.Prior) and prior.name in NAMES and not prior.integer and prior.step is None

    def by_path(self, path):
        for s, scope in self.correlations:
            for p in s.paths:
                thing = self.things(p, scope)[0]
                if thing.path == path:
                    return thing
        raise LookupError(path)

    def law(self, prior, scope):
        """A numeric prior; UNKNOWN where an argument is."""
        if isinstance(prior, nodes.Call):
            prior = nodes.Prior(prior.function.text, prior.span, prior.args, False, None, None, prior.span)
        names = NAMES[prior.name]
        found = {}
        for k, a in enumerate(prior.args):
            found[a.name or names[k]] = number(self.of(a.value, scope))
        step = None if prior.step is None else number(self.of(prior.step, scope))
        within = None
        if prior.within is not None:
            within = tuple(None if e is None else number(self.of(e, scope)) for e in (prior.within.lo, prior.within.hi))
        every = [*found.values(), step, *(within or ())]
        if UNKNOWN in every:
            return UNKNOWN
        if UNDEFINED in every:
            raise Unsupported("an undefined argument")
        return laws.Numeric(prior.name, [found[n] for n in names], prior.integer, within, step)

    def alternatives(self, prior, scope):
        """The values that an ordinal, a subset or a permutation lists."""
        found = []
        for a in prior.args:
            if a.name is not None:
                continue
            if isinstance(a.value, nodes.Range):
                low, high = (int(number(self.of(e, scope))) for e in (a.value.lo, a.value.hi))
                found.extend(range(low, high + 1))
            else:
                found.append(self.atom(a.value, scope))
        return found

    def atom(self, expr, scope):
        """A listed value: bare names are labels, always."""
        if isinstance(expr, nodes.Path):
            return expr.text
        value = self.of(expr, scope)
        value = value.value if isinstance(value, Label) else value
        return (
            int(value)
            if isinstance(value, float) and isinstance(expr, nodes.Number) and isinstance(expr.value, int)
            else value
        )

    @staticmethod
    def label(value, values, order=False):
        """One of several values, as a number where all are, as truth where all are."""
        if all(isinstance(v, bool) for v in values):
            return value
        if all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in values):
            return float(value)
        found = Label(value)
        found.order = list(values) if order else None
        return found

    def choice(self, prior, u, scope):
        weights = [1.0 if i.weight is None else number(self.of(i.weight, scope)) for i in prior.items]
        if UNKNOWN in weights:
            return UNKNOWN
        if UNDEFINED in weights:
            raise Unsupported("an undefined weight")
        items = [self.item(i.value, scope) for i in prior.items]
        if UNKNOWN in [i for i in items if isinstance(i, Mark)]:
            return UNKNOWN
        k, start, width = laws.pick(u, weights)
        whole = math.fsum(weights)
        chosen = items[k]
        value = chosen.quantile(min(max((u - start) / width, 0.0), 1.0)) if isinstance(chosen, laws.Numeric) else chosen
        mass = density = 0.0
        for item, w in zip(items, weights, strict=True):
            if not isinstance(item, laws.Numeric):
                mass += w / whole * same(item, value)
            elif isinstance(value, float) and item.lo <= value <= item.hi:
                if item.step is None:
                    density += w / whole * item.probability(value)
                elif math.isclose(item.point(round((value - item.anchor) / item.step)), value, rel_tol=1e-9):
                    mass += w / whole * item.probability(value)
            elif (
                isinstance(value, int)
                and not isinstance(value, bool)
                and item.step == 1
                and item.lo <= value <= item.hi
            ):
                mass += w / whole * item.probability(float(value))
        self.densities.append(mass or density)
        if any(isinstance(i, laws.Numeric) for i in items):
            return Label(value)
        return self.label(value, items)

    def item(self, value, scope):
        if isinstance(value, nodes.Prior) or (isinstance(value, nodes.Call) and value.function.text in NAMES):
            return self.law(value, scope)
        return self.atom(value, scope)

    def subset(self, prior, path, scope):
        values = self.alternatives(prior, scope)
        sizes = range(len(values) + 1)
        size = next((a.value for a in prior.args if a.name == "size"), None)
        if isinstance(size, nodes.Range):
            low = 0 if size.lo is None else number(self.of(size.lo, scope))
            high = len(values) if size.hi is None else number(self.of(size.hi, scope))
            if UNKNOWN in (low, high):
                return UNKNOWN
            sizes = range(max(math.ceil(low), 0), min(math.floor(high), len(values)) + 1)
        elif size is not None:
            n = number(self.of(size, scope))
            if n is UNKNOWN:
                return UNKNOWN
            sizes = [int(n)]
        us = [self.us[f"{path}[{self.shown(v)}]"] for v in values]
        chosen, probability = laws.subset(us, values, sizes)
        self.densities.append(probability)
        return Chosen(chosen)

    @staticmethod
    def shown(value):
        if value is None or isinstance(value, bool):
            return "none" if value is None else str(value).lower()
        return str(value)

    # ---- names ---------------------------------------------------------------------------------------

    def things(self, path, scope):
        """What a dotted name may stand for: one thing, or one for each branch that has it."""
        first = scope.find("names", path.parts[0])
        found = [] if first is None else [first]
        for part in path.parts[1:]:
            deeper = []
            for thing in found:
                if isinstance(thing, Scope):
                    deeper += [thing.names[part]] if part in thing.names else []
                elif thing.scope is not None:
                    deeper += [thing.scope.names[part]] if part in thing.scope.names else []
                elif thing.branches:
                    inside = thing.branches.get(part)
                    deeper += (
                        [inside] if inside else [b.names[part] for b in thing.branches.values() if part in b.names]
                    )
                elif thing.node.index is not None:
                    parts = self.elements(thing)
                    if isinstance(thing.node, nodes.Group):
                        raise Across(thing, part)
                    deeper += [parts[part]] if parts else [None]
            found = deeper
        return found

    def read(self, path, scope):
        alias = None
        level = scope
        while level is not None:
            if path.parts[0] in level.aliases:
                alias = level.aliases[path.parts[0]]
                break
            if path.parts[0] in level.names:
                break
            level = level.parent
        if alias is not None:
            if len(path.parts) > 1:
                raise Unsupported("a member of an argument")
            return alias()
        if scope.find("modules", path.parts[0]) and not scope.find("names", path.parts[0]):
            raise Unsupported("a constant of a module")
        try:
            found = self.things(path, scope)
        except Across as across:
            parts = self.elements(across.thing)
            if not parts:
                return UNKNOWN
            at = path.parts.index(across.part)
            rest = nodes.Path(path.parts[at:], path.span)
            return [self.read(rest, parts[k].scope) for k in parts["#"]]
        values = [UNKNOWN if t is None else t.value for t in found]
        return next((v for v in values if v is not UNKNOWN), UNKNOWN)

    def declared(self, name, scope):
        while scope is not None:
            if name in scope.names or name in scope.aliases or name in scope.modules:
                return True
            scope = scope.parent
        return False

    # ---- expressions ---------------------------------------------------------------------------------

    def of(self, e, scope, label=False):
        """The value of an expression; with `label` a name that nothing has is a label."""
        match e:
            case nodes.Number():
                return float(e.value)
            case nodes.String():
                return Label(e.value)
            case nodes.Constant():
                return Label(None) if e.value is None else e.value
            case nodes.Path():
                if label and len(e.parts) == 1 and not self.declared(e.parts[0], scope):
                    return Label(e.parts[0])
                return self.read(e, scope)
            case nodes.Unary(op="not"):
                return inverse(truth(self.of(e.operand, scope)))
            case nodes.Unary():
                return arithmetic(lambda x: -x if e.op == "-" else x, self.of(e.operand, scope))
            case nodes.Binary(op="and"):
                return conjunction(truth(self.of(e.left, scope)), truth(self.of(e.right, scope)))
            case nodes.Binary(op="or"):
                return disjunction(truth(self.of(e.left, scope)), truth(self.of(e.right, scope)))
            case nodes.Binary(op="=>"):
                return disjunction(inverse(truth(self.of(e.left, scope))), truth(self.of(e.right, scope)))
            case nodes.Binary():
                return arithmetic(BINARY[e.op], self.of(e.left, scope), self.of(e.right, scope))
            case nodes.Compare():
                links = zip(e.operands, e.ops, e.operands[1:], strict=False)
                return conjunction(*(self.compared(a, op, b, scope) for a, op, b in links))
            case nodes.IfElse():
                test = truth(self.of(e.test, scope))
                return test if isinstance(test, Mark) else self.of(e.body if test else e.orelse, scope, label)
            case nodes.Index():
                return self.element(e, scope)
            case nodes.ListExpr():
                return [self.of(i, scope) for i in e.items]
            case nodes.Call():
                return self.call(e, scope)
        raise Unsupported(type(e).__name__)

    def element(self, e, scope):
        items, k = self.of(e.target, scope), number(self.of(e.index, scope))
        if isinstance(e.target, nodes.Path) and isinstance(e.index, nodes.Path) and items is not UNKNOWN:
            # A vector's element may be named by its label.
            thing = self.things(e.target, scope)[0]
            parts = self.elements(thing) if thing.node.index is not None else None
            if parts and e.index.text in parts:
                return parts[e.index.text].value
        if items is UNKNOWN or k is UNKNOWN:
            return UNKNOWN
        k = int(k)
        return items[k] if -len(items) <= k < len(items) else UNKNOWN

    def compared(self, left, op, right, scope):
        if op in ("in", "not in"):
            inside = self.inside(left, right, scope)
            return inverse(inside) if op == "not in" else inside
        a, b = self.of(left, scope, label=True), self.of(right, scope, label=True)
        if isinstance(a, Mark) or isinstance(b, Mark) or not (isinstance(a, Label) or isinstance(b, Label)):
            return compare(op, a, b)
        if op in ("==", "!="):
            equal = same(*(x.value if isinstance(x, Label) else x for x in (a, b)))
            return equal if op == "==" else not equal
        order = getattr(a, "order", None) or getattr(b, "order", None)
        if order is None:
            return compare(op, a, b)
        return ORDERS[op](*(order.index(x.value if isinstance(x, Label) else x) for x in (a, b)))

    def inside(self, left, right, scope):
        a = self.of(left, scope, label=True)
        if isinstance(right, nodes.Range):
            ends = [("<=", right.lo, left), ("<=", left, right.hi)]
            return conjunction(
                *(self.compared(x, op, y, scope) for op, x, y in ends if x is not None and y is not None)
            )
        if isinstance(right, nodes.ListExpr):
            return disjunction(*(self.compared(left, "==", item, scope) for item in right.items))
        chosen = self.of(right, scope)
        if isinstance(chosen, Mark) or isinstance(a, Mark):
            return a if isinstance(a, Mark) else chosen
        return any(same(a.value if isinstance(a, Label) else a, v) for v in chosen)

    def call(self, e, scope):
        name, arguments = e.function.text, [a.value for a in e.args]
        if name == "active":
            path = arguments[0]
            if isinstance(path, nodes.Path) and len(path.parts) == 1 and not scope.find("names", path.parts[0]):
                return True
            return self.of(arguments[0], scope) is not UNKNOWN
        if name in UNARY:
            return arithmetic(UNARY[name], self.of(arguments[0], scope))
        values = [self.of(a, scope) for a in arguments]
        if name in ("min", "max") and not (len(values) == 1 and isinstance(values[0], (list, Mark))):
            return arithmetic(lambda *xs: min(xs) if name == "min" else max(xs), *values)
        if len(values) > 1:
            return OVER_LISTS[name](values)
        return values[0] if isinstance(values[0], Mark) else OVER_LISTS[name](values[0])

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


class Across(Exception):
    """A member is read across all elements of an array of groups."""

    def __init__(self, thing, part):
        self.thing, self.part = thing, part
