"""The R expressions of irace files: conditions as formulas, bounds as .hp text."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from hpdsl.errors import UsageError
from hpdsl.interop.draft import Among, Compare, Every, Formula, Negation, Relation, Some, Text, Value
from hpdsl.interop.words import Printer, name, string

_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?L?)|(?P<string>\"[^\"]*\"|'[^']*')"
    r"|(?P<sign>%in%|%%|%/%|==|!=|<=|>=|&&|\|\||[-+*/^<>!&|(),])|(?P<name>[A-Za-z.][\w.]*))"
)
_FUNCTIONS = {f: f for f in ("min", "max", "abs", "exp", "sqrt", "floor", "round", "log2", "log10")} | {
    "ceiling": "ceil",
    "log": "log",
}
_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
_DEPTH = 100
# More digits than any double has before its point, and than Python reads as an integer.
_DIGITS = 4000
_T = TypeVar("_T")


@dataclass(frozen=True)
class _Number:
    """Arithmetic: its text, how tightly it binds, and the name or the value it is by itself."""

    text: str
    level: int = 10
    name: str | None = None
    value: Value = None


class RExpression:
    """One expression; `kinds` gives the values of listed parameters by name, None for others."""

    def __init__(self, text: str, kinds: Mapping[str, tuple[Value, ...] | None], what: str) -> None:
        self.what, self.kinds = what, kinds
        self.tokens: list[tuple[str, str]] = []
        position = 0
        text = text.rstrip()
        while position < len(text):
            match = _TOKEN.match(text, position)
            if match is None or match.end() == position:
                raise UsageError(f"{what}: `{text[position : position + 20].strip()}` is not understood")
            self.tokens.append((match.lastgroup or "", match.group(match.lastgroup or 0)))
            position = match.end()
        self.at = 0
        depth = 0
        for _, token in self.tokens:
            depth += (token == "(") - (token == ")")
            if depth > _DEPTH:
                raise UsageError(f"{what}: nested more than {_DEPTH} deep")

    def condition(self) -> Formula:
        """The expression as a condition."""
        return self._whole(self._or)

    def arithmetic(self) -> str:
        """The expression as arithmetic."""
        return self._whole(self._sum).text

    # ---- tokens ------------------------------------------------------------------------------------

    def _whole(self, rule: Callable[[], _T]) -> _T:
        result = rule()
        if self.at < len(self.tokens):
            raise self._unexpected()
        return result

    def _unexpected(self) -> UsageError:
        found = f"`{self.tokens[self.at][1]}`" if self.at < len(self.tokens) else "the end"
        return UsageError(f"{self.what}: {found} is not expected here")

    def _peek(self, *signs: str) -> str:
        if self.at < len(self.tokens) and self.tokens[self.at][0] == "sign" and self.tokens[self.at][1] in signs:
            return self.tokens[self.at][1]
        return ""

    def _take(self, *signs: str) -> str:
        found = self._peek(*signs)
        self.at += bool(found)
        return found

    def _expect(self, sign: str) -> None:
        if not self._take(sign):
            raise self._unexpected()

    # ---- truth -------------------------------------------------------------------------------------

    def _or(self) -> Formula:
        parts = [self._and()]
        while self._take("|", "||"):
            parts.append(self._and())
        return parts[0] if len(parts) == 1 else Some(tuple(parts))

    def _and(self) -> Formula:
        parts = [self._not()]
        while self._take("&", "&&"):
            parts.append(self._not())
        return parts[0] if len(parts) == 1 else Every(tuple(parts))

    def _not(self) -> Formula:
        negated = 0
        while self._take("!"):
            negated += 1
        if negated:
            inside = self._not()
            return Negation(inside) if negated % 2 else inside
        if self._peek("("):
            # Either truth in brackets, or arithmetic that is compared.
            start = self.at
            try:
                self._expect("(")
                part = self._or()
                self._expect(")")
            except UsageError:
                self.at = start
            else:
                if not self._peek("==", "!=", "<", "<=", ">", ">=", "+", "-", "*", "/", "^", "%in%", "%%", "%/%"):
                    return part
                self.at = start
        return self._comparison()

    def _comparison(self) -> Formula:
        left = self._sum()
        if self._take("%in%"):
            if left.name is None:
                raise UsageError(f"{self.what}: expected a parameter before %in%")
            return Among(left.name, tuple(self._like(left.name, v) for v in self._list()))
        op = self._take("==", "!=", "<", "<=", ">", ">=")
        if not op:
            if left.name is not None and self.kinds.get(left.name) is not None:
                # A categorical that is true by itself.
                return Compare(left.name, "==", self._like(left.name, True))
            if isinstance(left.value, bool):
                return Every(()) if left.value else Some(())
            raise self._unexpected()
        right = self._sum()
        if left.name is not None and right.name is not None:
            return Relation(left.name, op, right.name)
        if left.name is not None and right.value is not None:
            return Compare(left.name, op, self._like(left.name, right.value))
        if right.name is not None and left.value is not None:
            return Compare(right.name, _TURNED[op], self._like(right.name, left.value))
        return Text(f"{left.text} {op} {right.text}")

    def _like(self, parameter: str, value: Value) -> Value:
        """A value as the parameter has it: R compares numbers with strings by their text."""
        items = self.kinds.get(parameter)
        if items is None:
            return value
        text = {True: "TRUE", False: "FALSE"}[value] if isinstance(value, bool) else str(value)
        short = f"{value:g}" if isinstance(value, float) else text
        return next((i for i in items if str(i) in (text, short)), text)

    def _list(self) -> list[Value]:
        if self.at < len(self.tokens) and self.tokens[self.at] == ("name", "c"):
            self.at += 1
            self._expect("(")
            found = []
            while not self._take(")"):
                found.append(self._constant())
                if not self._peek(")"):
                    self._expect(",")
            return found
        if self._take("("):
            inside = self._list()
            self._expect(")")
            return inside
        return [self._constant()]

    def _constant(self) -> Value:
        item = self._sum()
        if item.value is None:
            raise UsageError(f"{self.what}: expected a value, not `{item.text}`")
        return item.value

    # ---- arithmetic --------------------------------------------------------------------------------

    def _sum(self) -> _Number:
        left = self._product()
        while op := self._take("+", "-"):
            right = self._product()
            left = _Number(f"{left.text} {op} {_within(right, 7)}", 6)
        return left

    def _product(self) -> _Number:
        left = self._signed()
        while op := self._take("*", "/", "%%", "%/%"):
            right = self._signed()
            sign = {"%%": "%", "%/%": "//"}.get(op, op)
            left = _Number(f"{_within(left, 7)} {sign} {_within(right, 8)}", 7)
        return left

    def _signed(self) -> _Number:
        negative = False
        while sign := self._take("-", "+"):
            negative ^= sign == "-"
        if negative:
            inside = self._signed()
            value = inside.value
            if isinstance(value, (int, float)) and not isinstance(value, bool):
                return _Number(f"-{inside.text}", 8, value=-value)
            return _Number(f"-{_within(inside, 8)}", 8)
        base = self._operand()
        if self._take("^"):
            return _Number(f"{_within(base, 10)} ** {_within(self._signed(), 8)}", 9)
        return base

    def _operand(self) -> _Number:
        if self._take("("):
            inside = self._sum()
            self._expect(")")
            return inside if inside.level == 10 else _Number(f"({inside.text})")
        if self.at >= len(self.tokens):
            raise self._unexpected()
        kind, text = self.tokens[self.at]
        if kind == "sign":
            raise self._unexpected()
        self.at += 1
        if kind == "number":
            value = number_of(text.removesuffix("L"))
            return _Number(Printer(()).value(value), value=value)
        if kind == "string":
            return _Number(string(text[1:-1]), value=text[1:-1])
        if text in ("TRUE", "T", "FALSE", "F") and text not in self.kinds:
            return _Number("true" if text[0] == "T" else "false", value=text[0] == "T")
        if self._peek("("):
            return self._call(text)
        if text not in self.kinds:
            raise UsageError(f"{self.what}: no parameter is called `{text}`")
        return _Number(name(text), name=text)

    def _call(self, function: str) -> _Number:
        if function not in _FUNCTIONS:
            raise UsageError(f"{self.what}: `{function}()` has no counterpart in a .hp file")
        self._expect("(")
        arguments = [self._sum().text]
        while self._take(","):
            arguments.append(self._sum().text)
        self._expect(")")
        if len(arguments) > 1 and function not in ("min", "max"):
            raise UsageError(f"{self.what}: `{function}()` takes one argument here")
        return _Number(f"{_FUNCTIONS[function]}({', '.join(arguments)})")


def number_of(text: str) -> int | float:
    """A number as it is written: an integer where it has neither point nor exponent."""
    if len(text) > _DIGITS:
        raise UsageError(f"the number {text[:20]}… has {len(text)} digits; numbers of up to {_DIGITS} are read")
    return int(text) if re.fullmatch(r"[-+]?\d+", text) else float(text)


def _within(item: _Number, least: int) -> str:
    return item.text if item.level >= least else f"({item.text})"
