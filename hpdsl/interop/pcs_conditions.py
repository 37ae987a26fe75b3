"""Conditions and forbidden clauses of .pcs files, both syntaxes.

child | parent in {a, b}                    {x=1, y=b}
child | p == a && q > 3 || r != 2           {x + y > 10 && sqrt(x) < 3}
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from hpdsl.diagnostics import suggest
from hpdsl.errors import UsageError
from hpdsl.interop.domains import every, negated, same, some
from hpdsl.interop.draft import Among, Compare, Formula, Law, Listed, Parameter, Relation, Text, Value
from hpdsl.interop.words import amount, name

_SIGNS = re.compile(r"\s*(\|\||&&|==|!=|<=|>=|[<>=(),]|!(?=\s*\()|\{[^{}]*\}|[^\s{}()|&<>=!,]+)")
_OPERATORS = {"==": "==", "=": "==", "!=": "!=", "<": "<", ">": ">", "<=": "<=", ">=": ">="}
_TURNED = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "==": "==", "!=": "!="}
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?")
# Functions of clauses that .hp files have, too.
_FUNCTIONS = {"abs": "abs", "sqrt": "sqrt", "exp": "exp", "log": "log", "ln": "log", "log10": "log10", "log2": "log2"}
_FUNCTIONS |= {"min": "min", "max": "max", "ceil": "ceil", "floor": "floor"}


def number(text: str, what: str) -> int | float:
    """A number in any usual spelling; an integer where it is written as one."""
    if _NUMBER.fullmatch(text) is None:
        raise UsageError(f"{what} must be a number, not `{text}`")
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise UsageError(f"{what} is too large: `{text}`")
    return int(text) if re.fullmatch(r"[+-]?\d+", text) else value


def values(text: str) -> list[str]:
    """The values between braces or brackets."""
    inner = text.strip()[1:-1]
    return [clean(v) for v in inner.split(",") if v.strip()]


def clean(text: str) -> str:
    """A value without the quotes around it."""
    text = text.strip()
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'" else text


class Conditions:
    """Reads conditions over known parameters; `notes` are about values that no parameter takes."""

    def __init__(self, parameters: Mapping[str, Parameter], notes: list[str]) -> None:
        self.parameters = parameters
        self.notes = notes

    def parameter(self, text: str) -> Parameter:
        """The parameter of a name."""
        if text not in self.parameters:
            near = suggest(text, self.parameters)
            raise UsageError(f"no parameter `{text}`" + (f"; did you mean `{near}`?" if near else ""))
        return self.parameters[text]

    def condition(self, text: str) -> Formula:
        """What stands after the `|` of a condition."""
        return _Reader(self, text, _split(text)).whole()

    def clause(self, text: str) -> Formula:
        """A forbidden clause, with its braces."""
        inner = text.strip()[1:-1].strip()
        if not inner:
            raise UsageError("expected `{name=value, …}`, found an empty clause")
        if re.search(r"&&|\|\||[<>!]|==", inner) is None and "=" in inner:
            return every(self._assignment(part) for part in inner.split(",") if part.strip())
        try:
            return _Reader(self, inner, _split(inner)).whole()
        except UsageError:
            if re.search(r"[-+*/%^(]", inner) is None:
                raise
        return _Reader(self, inner, self._fine(inner)).whole()

    def _assignment(self, text: str) -> Formula:
        left, sign, right = text.partition("=")
        if not sign or not left.strip() or not right.strip():
            raise UsageError(f"expected `name=value`, found `{text.strip()}`")
        return self.compare(left.strip(), "==", clean(right))

    def _fine(self, text: str) -> list[str]:
        """The tokens of arithmetic, in which only known names hold signs."""
        known = "|".join(re.escape(n) for n in sorted(self.parameters, key=len, reverse=True))
        pattern = re.compile(
            rf"(\|\||&&|==|!=|<=|>=|[-+*/%^<>=!(),]|(?:{known})(?![\w.])|\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|[^\s{{}}()|&<>=!,+*/%^-]+)"
        )
        return pattern.findall(text)

    def compare(self, parent: str, op: str, text: str) -> Formula:
        """A comparison with a written value, in the type of the parameter."""
        return Compare(parent, op, self.value(self.parameter(parent), text))

    def among(self, parent: str, texts: Sequence[str]) -> Formula:
        """`parent in {texts}`."""
        parameter = self.parameter(parent)
        found = tuple(dict.fromkeys(self.value(parameter, t) for t in texts))
        if not found:
            raise UsageError(f"expected values after `{parent} in`, found an empty set")
        return Compare(parent, "==", found[0]) if len(found) == 1 else Among(parent, found)

    def value(self, parameter: Parameter, text: str) -> Value:
        """A written value, in the type of a parameter."""
        if isinstance(parameter.prior, Law):
            return number(text, f"the value of `{parameter.name}`")
        if same(text) not in {same(i) for i in parameter.prior.items if not isinstance(i, Law)}:
            self.notes.append(f"`{parameter.name}` never is `{text}`; the value counts as not met")
        return text


def _split(text: str) -> list[str]:
    found: list[str] = []
    at, end = 0, len(text.rstrip())
    while at < end:
        match = _SIGNS.match(text, at)
        if match is None:
            raise UsageError(f"expected a name, a value or an operator at `{text[at:].strip()[:30]}`")
        found.append(match[1])
        at = match.end()
    return found


class _Reader:
    """Recursive descent over the tokens of one condition."""

    def __init__(self, context: Conditions, text: str, tokens: list[str]) -> None:
        self.context = context
        self.text = text
        self.tokens = tokens
        self.at = 0
        self.depth = 0

    def whole(self) -> Formula:
        formula = self._any()
        if self.at < len(self.tokens):
            raise UsageError(f"expected `&&`, `||` or the end, found `{self.tokens[self.at]}`")
        return formula

    def _next(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def _take(self) -> str:
        self.at += 1
        return self.tokens[self.at - 1] if self.at <= len(self.tokens) else ""

    def _any(self) -> Formula:
        parts = [self._all()]
        while self._next() == "||":
            self._take()
            parts.append(self._all())
        return some(parts)

    def _all(self) -> Formula:
        parts = [self._single()]
        while self._next() == "&&":
            self._take()
            parts.append(self._single())
        return every(parts)

    def _single(self) -> Formula:
        if self._next() == "!":
            self._take()
            return negated(self._single())
        if self._next() == "(":
            start = self.at
            self.depth += 1
            if self.depth > 50:
                raise UsageError("the brackets are nested too deeply")
            self._take()
            try:
                formula = self._any()
                if self._next() != ")":
                    raise UsageError(f"expected `)`, found `{self._next() or 'the end'}`")
                self._take()
                if self._next() in ("", "&&", "||", ")"):
                    return formula
            except UsageError:
                if not self._arithmetic():
                    raise
            finally:
                self.depth -= 1
            self.at = start  # the bracket belongs to a sum
        return self._comparison()

    def _arithmetic(self) -> bool:
        return any(t in "+-*/%^" for t in self.tokens)

    def _comparison(self) -> Formula:
        if self.at + 1 < len(self.tokens) and self.tokens[self.at + 1] == "in":
            return self._membership()
        left = self._sum()
        sign = self._take()
        if sign not in _OPERATORS:
            raise UsageError(f"expected one of `in == != < >` after `{left}`, found `{sign or 'the end'}`")
        op = _OPERATORS[sign]
        if self._next().startswith("{"):
            found = values(self._take())
            if len(found) != 1:
                raise UsageError(f"expected one value after `{sign}`, found {len(found)}")
            return self.context.compare(left, op, found[0])
        right = self._sum()
        return self._compared(left, op, right)

    def _membership(self) -> Formula:
        parent = self._take()
        self._take()
        first = self._take()
        if first.startswith("{"):
            return self.context.among(parent, values(first))
        if not first or first in _OPERATORS or first in ("&&", "||", "(", ")", ","):
            raise UsageError(f"expected `{{values}}` after `{parent} in`, found `{first or 'the end'}`")
        found = [clean(first)]
        while self._next() == ",":
            self._take()
            found.append(clean(self._take()))
        return self.context.among(parent, found)

    def _compared(self, left: str, op: str, right: str) -> Formula:
        known = self.context.parameters
        if left in known and right in known and not _is_value(known[left], right):
            return Relation(left, op, right)
        if left in known and not _sums(right):
            return self.context.compare(left, op, clean(right))
        if right in known and not _sums(left):
            return self.context.compare(right, _TURNED[op], clean(left))
        return Text(f"{self._shown(left)} {op} {self._shown(right)}")

    def _shown(self, text: str) -> str:
        if _sums(text):
            return text[1:]
        if _NUMBER.fullmatch(text):
            return amount(number(text, "this"))
        return name(self.context.parameter(text).name)

    # ---- arithmetic: operands stay text, sums begin with a mark ------------------------------------

    def _sum(self) -> str:
        return self._chain(("+", "-"), self._product)

    def _product(self) -> str:
        return self._chain(("*", "/", "%"), self._power)

    def _power(self) -> str:
        base = self._operand()
        if self._next() == "^":
            self._take()
            return _MARK + f"{self._shown(base)} ** {self._shown(self._power())}"
        return base

    def _chain(self, signs: tuple[str, ...], part: Callable[[], str]) -> str:
        text = part()
        while self._next() in signs:
            sign = self._take()
            text = _MARK + f"{self._shown(text)} {sign} {self._shown(part())}"
        return text

    def _operand(self) -> str:
        token = self._take()
        if token == "-" and self._next():
            return _MARK + f"-{self._shown(self._power())}"
        if token == "(":
            inner = self._sum()
            if self._take() != ")":
                raise UsageError("expected `)` after a sum")
            return _MARK + f"({self._shown(inner)})"
        if self._next() == "(" and token not in self.context.parameters:
            return self._call(token)
        if not token or token in _OPERATORS or token in ("&&", "||", ")", ",", "in") or token[0] in "{}":
            raise UsageError(f"expected a name or value, found `{token or 'the end'}`")
        return token

    def _call(self, function: str) -> str:
        if function not in _FUNCTIONS:
            raise UsageError(f"the function `{function}` has no counterpart in .hp files")
        self._take()
        arguments = [self._shown(self._sum())]
        while self._next() == ",":
            self._take()
            arguments.append(self._shown(self._sum()))
        if self._take() != ")":
            raise UsageError(f"expected `)` after the arguments of `{function}`")
        return _MARK + f"{_FUNCTIONS[function]}({', '.join(arguments)})"


_MARK = "\0"


def _sums(text: str) -> bool:
    return text.startswith(_MARK)


def _is_value(parameter: Parameter, text: str) -> bool:
    return isinstance(parameter.prior, Listed) and text in parameter.prior.items
