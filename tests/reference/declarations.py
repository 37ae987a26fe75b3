"""What sentences declare: names, groups, templates and modules, correlations, and the elements of lists."""

from reference.marks import UNKNOWN, inverse, number, truth
from reference.scopes import Scope, Thing, mentions, tree

from hpdsl.syntax import nodes


class Declarations:
    """The part of `Row` that reads sentences."""

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
        return len(index) > 1
