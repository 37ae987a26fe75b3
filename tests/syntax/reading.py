"""Short forms for tests: parse a text that must be right, and write a tree back as text."""

from hpdsl.diagnostics import render
from hpdsl.source import Source
from hpdsl.syntax import nodes
from hpdsl.syntax.parser import parse


def read(text):
    """The file of a text without findings."""
    file, found = parse(Source("test.hp", text))
    assert not found, render(found)
    return file


def one(text):
    """The only sentence of a text."""
    (sentence,) = read(text).sentences
    return sentence


def value(text):
    """The expression of `x = text`, as text with all brackets."""
    return shown(one("x = " + text).value)


def codes(text):
    """The codes of a text's findings, in order."""
    return [d.code for d in parse(Source("test.hp", text))[1]]


def shown(node):
    """An expression or prior as text in which every operation stands in brackets."""
    match node:
        case None:
            return ""
        case nodes.Number() | nodes.String() | nodes.Constant():
            return repr(node.value)
        case nodes.Path():
            return "/".join(node.parts)
        case nodes.Unary():
            return f"({node.op} {shown(node.operand)})"
        case nodes.Binary():
            return f"({shown(node.left)} {node.op} {shown(node.right)})"
        case nodes.Compare():
            tail = "".join(f" {op} {shown(e)}" for op, e in zip(node.ops, node.operands[1:], strict=True))
            return f"({shown(node.operands[0])}{tail})"
        case nodes.IfElse():
            return f"({shown(node.body)} if {shown(node.test)} else {shown(node.orelse)})"
        case nodes.Call():
            return f"{shown(node.function)}{arguments(node.args)}"
        case nodes.Index():
            return f"{shown(node.target)}[{shown(node.index)}]"
        case nodes.ListExpr():
            return f"[{', '.join(map(shown, node.items))}]"
        case nodes.Range():
            return f"<{shown(node.lo)} .. {shown(node.hi)}>"
        case nodes.Prior():
            text = f"{'int ' if node.integer else ''}{node.name}{arguments(node.args)}"
            text += f" in {shown(node.within)}" if node.within else ""
            return text + (f" step {shown(node.step)}" if node.step else "")
        case nodes.Choice():
            return f"choice({', '.join(map(shown, node.items))})"
        case nodes.Item():
            return shown(node.value) + (f": {shown(node.weight)}" if node.weight else "")
    raise AssertionError(node)


def arguments(args):
    """Arguments in their brackets."""
    return f"({', '.join((f'{a.name} = ' if a.name else '') + shown(a.value) for a in args)})"
