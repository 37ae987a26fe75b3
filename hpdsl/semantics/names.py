"""`Names`: what a dotted name means at its place, as a typed value."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, overload

from hpdsl.intervals import Facts, bounds
from hpdsl.semantics import reading
from hpdsl.semantics.arrays import mentions
from hpdsl.semantics.expressions import unknown_name
from hpdsl.semantics.inputs import given_value
from hpdsl.semantics.model import Parameter
from hpdsl.semantics.report import CYCLE, GROUP, IMPORT, WRONG_KIND, AbandonedError, Report
from hpdsl.semantics.scopes import Alias, Declaration, Module, Scope, Steps
from hpdsl.semantics.typed import Typed
from hpdsl.syntax import nodes
from hpdsl.terms import Term, apply, const, load

if TYPE_CHECKING:
    from hpdsl.semantics.resolver import Resolver


class _Elements(Sequence[Typed]):
    """The elements of a collection as one reader sees them, each made when it is asked for."""

    def __init__(self, elements: Sequence[Declaration], read: Callable[[Declaration], Typed]) -> None:
        self._elements = elements
        self._read = read

    def __len__(self) -> int:
        return len(self._elements)

    @overload
    def __getitem__(self, index: int) -> Typed: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[Typed, ...]: ...

    def __getitem__(self, index: int | slice) -> Typed | tuple[Typed, ...]:
        if isinstance(index, slice):
            return tuple(self._read(d) for d in self._elements[index])
        return self._read(self._elements[index])


class Names:
    """Looks names up for expressions, resolving what they mean on the way."""

    def __init__(self, resolver: Resolver) -> None:
        self.resolver = resolver
        self._constants: list[Declaration] = []
        self._inputs: list[Alias] = []
        self._collections: dict[tuple[Declaration, nodes.Path], Typed] = {}
        # Collections of which every element was read once: thousands of sentences may each read one of a thousand.
        self._resolved: set[Declaration] = set()

    @property
    def report(self) -> Report:
        """Where findings go."""
        return self.resolver.report

    @property
    def lost_names(self) -> frozenset[str]:
        """Names in sentences that did not parse."""
        return self.resolver.lost_names

    # ---- values ----------------------------------------------------------------------------------

    def read(self, path: nodes.Path, scope: Scope, facts: Facts) -> Typed:
        """The typed value of a name."""
        first = scope.find(path.parts[0])
        if first is None:
            raise self._nowhere(path, scope)
        if isinstance(first, Alias):
            return self._alias(first, path, facts)
        if isinstance(first, Module):
            return self._module(first, path, facts)
        if first.scope.detached:
            return self._constant(first, path, facts)
        return self._follow(path, [first], path.parts[1:], facts)

    def _nowhere(self, path: nodes.Path, scope: Scope) -> AbandonedError:
        """The error about a name that its scope doesn't know."""
        level: Scope | None = scope
        inside: list[Steps] = []
        while level is not None and not inside:
            inside = level.inside(path.parts[0])
            level = level.parent
        return unknown_name(self, path, path.parts[0], scope.visible(), inside=inside)

    def is_active(self, path: nodes.Path, scope: Scope, facts: Facts) -> Term:
        """1 where a name is active, else 0."""
        first = scope.find(path.parts[0])
        if isinstance(first, Alias) and isinstance(first.expr, nodes.Path) and first.scope is not None:
            whole = nodes.Path((*first.expr.parts, *path.parts[1:]), path.span)
            return self.is_active(whole, first.scope, facts)
        if isinstance(first, (Alias, Module)):
            return const(1.0)
        term = const(0.0)
        for d in self.candidates(path, scope, {}):
            for column in self._columns(d, path):
                part = apply("known", load(column))
                term = part if term.constant == 0.0 else apply("or", term, part)
        return term

    def _columns(self, d: Declaration, path: nodes.Path) -> list[int]:
        """Columns one of which is not NaN where a declaration is active."""
        if d.kind == "group":
            raise self.report.error(
                GROUP,
                f"`{path.text}` is a group",
                path.span,
                note="has no value",
                help=f"ask about a member: active({path.text}.{next(iter(d.scopes[0].names), 'x')})",
            )
        self.resolver.settle(d)
        if d.length is not None:
            return [d.length.main]
        if d.elements:
            return [c for e in d.elements for c in self._columns(e, path)]
        return [self.resolver.symbol(d).main]

    def collection(self, d: Declaration, path: nodes.Path) -> Typed:
        """An array, a vector, a subset or a permutation as a whole."""
        known = self._collections.get((d, path))
        if known is None:
            known = self._collections[d, path] = self._collection(d, path)
        return known

    def _collection(self, d: Declaration, path: nodes.Path) -> Typed:
        self.resolver.settle(d)
        resolver = self.resolver
        if d.kind == "subset":
            members = tuple(reading.read_one(path, resolver.symbol(e)) for e in d.elements)
            length = load(d.length.column)
            return Typed("set", path.span, labels=d.values, items=members, length=length)
        if d.kind == "permutation":
            items = _Elements(d.elements, lambda e: reading.labelled(path, resolver.symbol(e), d.values))
        else:
            items = _Elements(d.elements, lambda e: self.item(e, path))
        if d not in self._resolved:
            tuple(items)
            self._resolved.add(d)
        length = load(d.length.column) if d.length is not None else const(float(len(items)))
        whole = d.kind != "vector" and not any(mentions(o.node.guard, "index") for o in d.occurrences)
        return Typed("array", path.span, items=items, length=length, labels=d.labels, prefix=whole)

    def item(self, d: Declaration, path: nodes.Path) -> Typed:
        """An element of a collection."""
        if d.kind != "value":
            return self.collection(d, path)
        return reading.read_one(path, self.resolver.symbol(d))

    def _follow(self, path: nodes.Path, found: list[Declaration], rest: tuple[str, ...], facts: Facts) -> Typed:
        for k, name in enumerate(rest):
            if len(found) == 1 and found[0].kind == "groups":
                return self._across(path, found[0], rest[k:], facts)
            found = self.deeper(path, found, name, facts)
        found = [d for d in found if self.is_value(d, path)]
        if all(d.kind == "value" for d in found):
            return reading.read(self.report, path, [self.resolver.symbol(d) for d in found])
        if len(found) > 1:
            raise self.report.error(
                WRONG_KIND,
                f"`{path.text}` is a list in more than one branch",
                path.span,
                help="name the branch, or guard with `when`",
            )
        return self.collection(found[0], path)

    def _across(self, path: nodes.Path, d: Declaration, rest: tuple[str, ...], facts: Facts) -> Typed:
        """A member of every element of an array of groups, as an array."""
        self.resolver.settle(d)
        items = []
        for scope in d.scopes:
            member = scope.names.get(rest[0])
            if member is None:
                before = ".".join(path.parts[: len(path.parts) - len(rest)])
                raise unknown_name(self, path, rest[0], list(scope.names), f" in `{before}`")
            items.append(self._follow(path, [member], rest[1:], facts))
        whole = not any(mentions(o.node.guard, "index") for o in d.occurrences)
        return Typed("array", path.span, items=tuple(items), length=load(d.length.column), prefix=whole)

    def is_value(self, d: Declaration, path: nodes.Path) -> bool:
        """True where a declaration has values; what is only a place for others is reported."""
        if isinstance(d, BranchView):
            raise self.report.error(
                WRONG_KIND,
                f"`{path.text}` names a branch, not a value",
                path.span,
                help=f"write `{'.'.join(path.parts[:-1])} == {path.parts[-1]}` to ask for it",
            )
        if d.kind in ("group", "groups"):
            if d.kind == "groups":
                self.resolver.settle(d)
            inside = list(d.scopes[0].names) if d.scopes else []
            raise self.report.error(
                GROUP,
                f"`{path.text}` is {'a group' if d.kind == 'group' else 'an array of groups'}",
                path.span,
                note="not a value",
                help=f"name a member, as in `{path.text}{'[0]' if d.kind == 'groups' else ''}.{inside[0]}`"
                if inside
                else "declare something in it",
            )
        return True

    # ---- declarations ----------------------------------------------------------------------------

    def candidates(self, path: nodes.Path, scope: Scope, facts: Facts) -> list[Declaration]:
        """The declarations a dotted path can mean: more than one where branches share a name."""
        first = scope.find(path.parts[0])
        if first is None:
            raise self._nowhere(path, scope)
        if not isinstance(first, Declaration) or first.scope.detached:
            raise self.report.error(
                WRONG_KIND,
                f"`{path.text}` is no parameter of this space",
                path.span,
                note="an input or an argument" if isinstance(first, Alias) else "an imported name",
                help="name a parameter or a derived value",
            )
        found = [first]
        for name in path.parts[1:]:
            found = self.deeper(path, found, name, facts)
        return [d for d in found if d.kind == "group" or self.is_value(d, path)]

    def deeper(self, path: nodes.Path, found: list[Declaration], name: str, facts: Facts) -> list[Declaration]:
        """The members of that name."""
        deeper: list[Declaration] = []
        members: list[str] = []
        for owner in found:
            inner = owner.branches.get(name)
            if inner is not None:
                deeper.append(BranchView(inner, owner))
                continue
            for s in self._scopes(owner, path, facts):
                members.extend(s.names)
                if name in s.names:
                    deeper.append(s.names[name])
            members.extend(owner.branches)
        if not deeper:
            before = path.text.rsplit(".", 1)[0] if len(path.parts) == 2 else path.text
            raise unknown_name(self, path, name, members, f" in `{before}`")
        return deeper

    def _scopes(self, owner: Declaration, path: nodes.Path, facts: Facts) -> list[Scope]:
        if isinstance(owner, BranchView):
            return [owner.scope_of]
        if owner.kind == "group":
            return owner.scopes
        if owner.kind == "vector":
            self.resolver.settle(owner)
            return owner.scopes
        if owner.kind == "groups":
            raise self.report.error(
                GROUP,
                f"`{owner.name}` is an array of groups",
                path.span,
                note="which element?",
                help=f"name one, as in `{owner.name}[0].{path.parts[-1]}`",
            )
        return self._live(owner, facts)

    def _live(self, union: Declaration, facts: Facts) -> list[Scope]:
        """The branches that what is known here leaves possible."""
        scopes = list(union.branches.values())
        symbol = self.resolver.symbols.get(union)
        if isinstance(symbol, Parameter) and symbol.code is not None:
            reach = bounds(load(symbol.code), facts)
            if symbol.items is not None and math.isfinite(reach.lo) and math.isfinite(reach.hi):
                labels = symbol.items.items[int(reach.lo) : int(reach.hi) + 1]
                scopes = [union.branches[str(label)] for label in labels if str(label) in union.branches]
        return scopes

    # ---- inputs, arguments and modules -----------------------------------------------------------

    def _alias(self, alias: Alias, path: nodes.Path, facts: Facts) -> Typed:
        if len(path.parts) == 1:
            return replace(self.value(alias, facts), span=path.span)
        if isinstance(alias.expr, nodes.Path) and alias.scope is not None:
            alias.used = True
            return self.read(nodes.Path((*alias.expr.parts, *path.parts[1:]), path.span), alias.scope, facts)
        raise unknown_name(self, path, path.parts[1], [], f" in `{alias.name}`, which is a single value")

    def value(self, alias: Alias, facts: Facts) -> Typed:
        """The typed value an alias stands for."""
        alias.used = True
        if alias.value is None and alias.node is not None:
            alias.value = self._input(alias, alias.node)
        if alias.value is not None:
            return alias.value  # type: ignore[no-any-return]  # a Typed: scopes know nothing of them
        assert alias.expr is not None and alias.scope is not None
        return self.resolver.expressions.resolve(alias.expr, alias.scope, facts)

    def _input(self, alias: Alias, node: nodes.Given) -> Typed:
        if alias in self._inputs:
            raise self.report.error(
                CYCLE,
                f"`{alias.name}` depends on itself",
                node.name_span,
                help="let the value and the range of an input not use the input",
            )
        self._inputs.append(alias)
        try:
            return given_value(self.resolver, alias)
        finally:
            self._inputs.pop()

    def _module(self, module: Module, path: nodes.Path, facts: Facts) -> Typed:
        module.used = True
        if len(path.parts) == 1:
            raise self.report.error(
                IMPORT,
                f"`{module.name}` is an imported file, not a value",
                path.span,
                help=f"write `use {module.name}` to take in what it declares",
            )
        name = path.parts[1]
        found = module.scope.aliases.get(name) or module.scope.names.get(name) or module.scope.modules.get(name)
        inner = nodes.Path(path.parts[1:], path.span)
        if isinstance(found, Alias):
            return self._alias(found, inner, facts)
        if isinstance(found, Module):
            return self._module(found, inner, facts)
        if found is None:
            known = [*module.scope.aliases, *module.scope.names, *module.scope.modules]
            raise unknown_name(self, path, name, known, f" in `{module.name}`")
        return self._constant(found, path, facts)

    def _constant(self, d: Declaration, path: nodes.Path, facts: Facts) -> Typed:
        """A derived value of an imported file, worked out where it is used."""
        node = d.occurrences[0].node if d.occurrences else None
        if not isinstance(node, nodes.Derived) or node.index is not None or d.occurrences[0].context.parent is not None:
            raise self.report.error(
                IMPORT,
                f"`{d.name}` is declared in an imported file that is not used here",
                path.span,
                note="not part of this space",
                help=f"take it in with `use {path.parts[0]}`",
            )
        if d in self._constants:
            raise self.report.error(
                CYCLE,
                f"`{d.name}` depends on itself",
                d.span,
                help="let one of them not use the others",
            )
        self._constants.append(d)
        try:
            return replace(self.resolver.expressions.resolve(node.value, d.scope, facts), span=path.span)
        finally:
            self._constants.pop()


class BranchView(Declaration):
    """A branch named in a path, on the way to a member."""

    def __init__(self, scope: Scope, owner: Declaration) -> None:
        super().__init__(owner.name, owner.path, owner.key, scope, owner.order)
        self.scope_of = scope
