"""The values of names: priors inverted at u codes, choices, lists and subsets."""

import math

from reference import laws
from reference.marks import UNDEFINED, UNKNOWN, Chosen, Label, Mark, number, same
from reference.scopes import Unsupported

from hpdsl.syntax import nodes

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


class Values:
    """The part of `Row` that works out values."""

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
