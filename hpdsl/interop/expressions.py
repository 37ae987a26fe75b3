"""Python expressions of other formats: conditions as .hp text, lists of values evaluated by a whitelist.

Nothing is executed: both walk the tree of Python's own parser, and refuse what they don't know.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Collection, Mapping
from typing import Any

from hpdsl.errors import UsageError
from hpdsl.interop.words import name, number, string

_LONGEST = 20_000  # characters of an expression
_MOST = 10_000  # values of a list
_LARGEST = 2.0**53

_BINARY: dict[type[ast.operator], tuple[str, int]] = {
    ast.Add: ("+", 6),
    ast.Sub: ("-", 6),
    ast.Mult: ("*", 7),
    ast.Div: ("/", 7),
    ast.FloorDiv: ("//", 7),
    ast.Mod: ("%", 7),
    ast.Pow: ("**", 9),
}
_COMPARED: dict[type[ast.cmpop], str] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.In: "in",
    ast.NotIn: "not in",
}
# How tightly the forms of the language bind.
_IF, _OR, _AND, _NOT, _COMPARISON, _SIGN, _ATOM = 1, 2, 3, 4, 5, 8, 10
_FUNCTIONS = {"min": "min", "max": "max", "abs": "abs", "ceil": "ceil", "floor": "floor", "round": "round"} | {
    f: f for f in ("sqrt", "log", "log2", "log10", "exp")
}


def parse(text: str, what: str) -> ast.expr:
    """The tree of an expression; `what` names it in errors."""
    if len(text) > _LONGEST:
        raise UsageError(f"{what}: {len(text)} characters; an expression may have {_LONGEST}")
    try:
        return ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise UsageError(f"{what}: {_short(text)} is no Python expression") from None


def conjuncts(tree: ast.expr) -> list[ast.expr]:
    """The parts of a condition that all must hold."""
    if isinstance(tree, ast.BoolOp) and isinstance(tree.op, ast.And):
        return [part for value in tree.values for part in conjuncts(value)]
    return [tree]


def condition(tree: ast.expr, names: Collection[str], what: str) -> str:
    """A condition or arithmetic over the names as .hp text."""
    try:
        return _Translation(names, what).of(tree)[0]
    except RecursionError:
        raise UsageError(f"{what}: nested too deeply") from None


def names_in(tree: ast.expr) -> list[str]:
    """The names of an expression, functions aside, in written order."""
    called = {id(n.func) for n in ast.walk(tree) if isinstance(n, ast.Call)}
    found = [n for n in ast.walk(tree) if isinstance(n, ast.Name) and id(n) not in called]
    return list(dict.fromkeys(n.id for n in sorted(found, key=lambda n: (n.lineno, n.col_offset))))


class _Translation:
    def __init__(self, names: Collection[str], what: str) -> None:
        self.names = names
        self.what = what

    def refused(self, node: ast.AST) -> UsageError:
        """The error about a part that has no counterpart."""
        return UsageError(f"{self.what}: `{ast.unparse(node)}` has no counterpart in a .hp file")

    def within(self, node: ast.expr, least: int) -> str:
        """A part, in brackets where it binds less than `least`."""
        text, level = self.of(node)
        return text if level >= least else f"({text})"

    def of(self, node: ast.expr) -> tuple[str, int]:
        """A part as text, and how tightly it binds."""
        match node:
            case ast.Constant(value=True | False | None as truth):
                return str(truth).lower(), _ATOM
            case ast.Constant(value=int() | float() as value):
                return number(value), _ATOM
            case ast.Constant(value=str() as text):
                return string(text), _ATOM
            case ast.Name():
                if node.id not in self.names:
                    raise UsageError(f"{self.what}: no parameter is called `{node.id}`")
                return name(node.id), _ATOM
            case ast.BoolOp():
                level, word = (_AND, " and ") if isinstance(node.op, ast.And) else (_OR, " or ")
                return word.join(self.within(v, level + 1) for v in node.values), level
            case ast.UnaryOp(op=ast.Not()):
                return f"not {self.within(node.operand, _NOT)}", _NOT
            case ast.UnaryOp(op=ast.USub()):
                return f"-{self.within(node.operand, _SIGN)}", _SIGN
            case ast.UnaryOp(op=ast.UAdd()):
                return self.of(node.operand)
            case ast.BinOp(op=ast.BitAnd() | ast.BitOr()):
                # Of truth values these are `and` and `or`.
                level, word = (_AND, " and ") if isinstance(node.op, ast.BitAnd) else (_OR, " or ")
                sides = [self.truth(node.left), self.truth(node.right)]
                return word.join(self.within(side, level + 1) for side in sides), level
            case ast.BinOp() if type(node.op) in _BINARY:
                sign, level = _BINARY[type(node.op)]
                power = isinstance(node.op, ast.Pow)
                left = self.within(node.left, level + 1 if power else level)
                return f"{left} {sign} {self.within(node.right, _SIGN if power else level + 1)}", level
            case ast.Compare():
                return self.compared(node), _COMPARISON
            case ast.IfExp():
                parts = (self.within(node.body, _OR), self.within(node.test, _OR), self.within(node.orelse, _IF))
                return "{} if {} else {}".format(*parts), _IF
            case ast.Call():
                return self.call(node), _ATOM
        raise self.refused(node)

    def truth(self, node: ast.expr) -> ast.expr:
        """A side of `&` or `|`, if it is a truth value."""
        fine = isinstance(node, (ast.Compare, ast.BoolOp)) or (
            isinstance(node, ast.BinOp) and isinstance(node.op, (ast.BitAnd, ast.BitOr))
        )
        if not fine and not (isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)):
            raise self.refused(node)
        return node

    def compared(self, node: ast.Compare) -> str:
        """A chain of comparisons; lists stand only after `in`."""
        text = self.within(node.left, _COMPARISON + 1)
        for op, side in zip(node.ops, node.comparators, strict=True):
            if type(op) not in _COMPARED:
                raise self.refused(node)
            if isinstance(op, (ast.In, ast.NotIn)):
                if len(node.ops) > 1 or not isinstance(side, (ast.List, ast.Tuple, ast.Set)):
                    raise self.refused(node)
                right = "[" + ", ".join(self.within(e, _IF) for e in side.elts) + "]"
            else:
                right = self.within(side, _COMPARISON + 1)
            text += f" {_COMPARED[type(op)]} {right}"
        return text

    def call(self, node: ast.Call) -> str:
        """A call of a function that both languages have."""
        function = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if isinstance(node.func, ast.Attribute) and getattr(node.func.value, "id", "") not in ("math", "np", "numpy"):
            raise self.refused(node)
        one = len(node.args) == 1
        if node.keywords or not node.args or function not in (*_FUNCTIONS, "int", "float", "bool", "pow"):
            raise self.refused(node)
        arguments = [self.within(a, _IF) for a in node.args]
        if function == "pow" and len(arguments) == 2:
            return f"({self.within(node.args[0], 10)} ** {self.within(node.args[1], _SIGN)})"
        if function == "float" and one:
            return f"({arguments[0]})"
        if function == "int" and one:
            # Towards zero, as Python does.
            return f"(floor({arguments[0]}) if {self.within(node.args[0], 6)} >= 0 else ceil({arguments[0]}))"
        if function not in _FUNCTIONS or (not one and function not in ("min", "max")):
            raise self.refused(node)
        return f"{_FUNCTIONS[function]}({', '.join(arguments)})"


# ---- values -----------------------------------------------------------------------------------------

_ARITHMETIC: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
}


def values(text: str, what: str) -> list[Any]:
    """The values that a list, range, comprehension or sum of them describes."""
    try:
        result = _Values(what).of(parse(text, what), {})
    except UsageError:
        raise
    except (ArithmeticError, TypeError, ValueError, RecursionError, MemoryError):
        raise UsageError(f"{what}: {_short(text)} can't be evaluated; write a list of values") from None
    if not isinstance(result, (list, tuple, range)):
        raise UsageError(f"{what}: {_short(text)} is no list of values")
    return list(result)


class _Values:
    def __init__(self, what: str) -> None:
        self.what = what

    def bounded(self, result: Any) -> Any:
        """A value, if it is small."""
        if isinstance(result, (list, tuple, range)) and len(result) > _MOST:
            raise UsageError(f"{self.what}: {len(result)} values; a parameter may have {_MOST}")
        number_like = isinstance(result, (int, float)) and not isinstance(result, bool)
        if number_like and not (
            math.isfinite(result) and abs(result) <= max(_LARGEST, 1e300 * isinstance(result, float))
        ):
            raise UsageError(f"{self.what}: {_short(str(result))} is too large")
        return result

    def of(self, node: ast.expr, known: Mapping[str, Any]) -> Any:
        """The value of a part, given the variables of comprehensions around it."""
        match node:
            case ast.Constant(value=None | bool() | int() | float() | str()):
                return self.bounded(node.value)
            case ast.Name() if node.id in known:
                return known[node.id]
            case ast.List() | ast.Tuple():
                return self.bounded([self.of(e, known) for e in node.elts])
            case ast.UnaryOp(op=ast.USub()):
                return -self.of(node.operand, known)
            case ast.BinOp() if type(node.op) in _ARITHMETIC:
                return self.bounded(self.arithmetic(node, known))
            case ast.Call(
                func=ast.Name(id="range" | "list" | "tuple" | "sorted" | "int" | "float" | "str" as function)
            ):
                return self.call(function, [self.of(a, known) for a in node.args])
            case ast.ListComp(generators=[ast.comprehension(target=ast.Name(id=variable)) as each]):
                return self.comprehension(node.elt, variable, each, known)
            case ast.Compare(ops=[op], comparators=[side]) if type(op) in _CHOSEN:
                return _CHOSEN[type(op)](self.of(node.left, known), self.of(side, known))
        raise UsageError(f"{self.what}: `{_short(ast.unparse(node))}` can't be evaluated; write a list of values")

    def arithmetic(self, node: ast.BinOp, known: Mapping[str, Any]) -> Any:
        """A sum of lists, or arithmetic whose result stays small."""
        a, b = self.of(node.left, known), self.of(node.right, known)
        if isinstance(node.op, ast.Pow) and (abs(b) > 1100 or abs(a) > _LARGEST):
            raise UsageError(f"{self.what}: {_short(ast.unparse(node))} is too large")
        lists = [isinstance(v, (list, tuple, str)) for v in (a, b)]
        if any(lists) and not (all(lists) and isinstance(node.op, ast.Add)):
            raise UsageError(f"{self.what}: `{_short(ast.unparse(node))}` can't be evaluated; write a list of values")
        return _ARITHMETIC[type(node.op)](a, b)

    def call(self, function: str, arguments: list[Any]) -> Any:
        """A call of one of the functions that lists of values are made with."""
        if function == "range":
            return self.bounded(range(*arguments))
        (only,) = arguments
        if function in ("int", "float", "str"):
            return {"int": int, "float": float, "str": str}[function](only)
        return self.bounded(sorted(only) if function == "sorted" else list(only))

    def comprehension(self, item: ast.expr, variable: str, each: ast.comprehension, known: Mapping[str, Any]) -> Any:
        """`[item for variable in values if conditions]`."""
        found = []
        for value in self.of(each.iter, known):
            inside = {**known, variable: value}
            if all(self.of(test, inside) for test in each.ifs):
                found.append(self.of(item, inside))
        return self.bounded(found)


_CHOSEN: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "..."
