"""What expressions come to: names looked up, operators, functions over lists."""

from reference.marks import (
    BINARY,
    ORDERS,
    OVER_LISTS,
    UNARY,
    UNKNOWN,
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
from reference.scopes import Across, Scope, Unsupported

from hpdsl.syntax import nodes


class Expressions:
    """The part of `Row` that evaluates expressions."""

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
