"""The dependency graph of a space: as data (JSON), for Graphviz (dot), and for Markdown pages (mermaid)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from hpdsl.explain import guard_text, hull_text, names_of
from hpdsl.semantics.model import Derived, Model, Parameter, Symbol
from hpdsl.semantics.reading import inputs

if TYPE_CHECKING:
    from hpdsl.space import Space

# How the path of a list's length ends.
_LENGTH = "#"


def diagram(space: Space, form: str) -> str:
    """The graph of a space in a format: "json", "dot" or "mermaid"."""
    data = graph(space)
    return {"json": _json, "dot": _dot, "mermaid": _mermaid}[form](data)


def graph(space: Space) -> dict[str, Any]:
    """Nodes (parameters, derived values, requirements) and edges from what is read to what reads it."""
    model = space.compilation.model
    names = names_of(model)
    nodes = [_node(model, s, names) for s in sorted(model.symbols, key=lambda s: s.order)]
    edges: list[dict[str, str]] = []
    owners = model.by_column()
    for s in model.symbols:
        guards = frozenset().union(*(p.guard.columns() for p in s.pieces if p.guard is not None), frozenset())
        for path, columns in _by_owner(owners, inputs(s)):
            kind = "condition" if columns <= guards else "value"
            edges.append({"from": path, "to": s.path, "kind": kind})
        if isinstance(s, Parameter) and s.score is not None:
            edges += [{"from": m, "to": s.path, "kind": "correlated"} for m in s.score.members[:-1]]
    for k, r in enumerate(model.requirements):
        name = f"require {k + 1}"
        nodes.append({"id": name, "kind": "require", "text": r.message, "implied": r.implied})
        edges += [{"from": path, "to": name, "kind": "require"} for path, _ in _by_owner(owners, r.columns())]
    # The length of a subset stands for itself only where something looks at it.
    looked = {e["from"] for e in edges}
    idle = {n["id"] for n in nodes if n["id"].endswith(_LENGTH) and n["id"] not in looked}
    nodes = [n for n in nodes if n["id"] not in idle]
    edges = [e for e in edges if e["to"] not in idle]
    return {"space": space.source.name, "id": space.id, "nodes": nodes, "edges": edges}


def _by_owner(owners: dict[int, Symbol], columns: frozenset[int]) -> list[tuple[str, frozenset[int]]]:
    found: dict[str, set[int]] = {}
    for c in sorted(columns):
        if c in owners:
            found.setdefault(owners[c].path, set()).add(c)
    return [(path, frozenset(c)) for path, c in found.items()]


def _node(model: Model, s: Symbol, names: dict[int, str]) -> dict[str, Any]:
    node: dict[str, Any] = {"id": s.path, "kind": "derived" if isinstance(s, Derived) else "parameter", "type": s.kind}
    if isinstance(s, Parameter):
        node["range"] = " | ".join(dict.fromkeys(hull_text(model, s, p) for p in s.pieces))
        node["fixed"] = s.fixed
    when = " | ".join(dict.fromkeys(guard_text(p.guard, model, names) for p in s.pieces))
    if when.strip(" |"):
        node["when"] = when
    if s.unit:
        node["unit"] = s.unit
    if s.doc:
        node["doc"] = s.doc
    return node


def _json(data: dict[str, Any]) -> str:
    return json.dumps(data, indent=2, ensure_ascii=False, default=str)


def _dot(data: dict[str, Any]) -> str:
    lines = ["digraph space {", "  rankdir = LR;", '  node [fontname = "sans-serif", fontsize = 10];']
    shapes = {"parameter": "box", "derived": "ellipse", "require": "hexagon"}
    for n in data["nodes"]:
        label = "\\n".join(_quoted(part) for part in (_title(n), n.get("range", "")) if part)
        lines.append(f'  "{_quoted(n["id"])}" [shape = {shapes[n["kind"]]}, label = "{label}"];')
    styles = {"condition": "dashed", "value": "solid", "require": "dotted", "correlated": "bold"}
    for e in data["edges"]:
        arrow = ", dir = none" if e["kind"] in ("require", "correlated") else ""
        lines.append(f'  "{_quoted(e["from"])}" -> "{_quoted(e["to"])}" [style = {styles[e["kind"]]}{arrow}];')
    return "\n".join([*lines, "}"])


def _title(node: dict[str, Any]) -> str:
    if node["kind"] == "require":
        return str(node["text"])
    name = str(node["id"])
    return f"len({name.removesuffix(_LENGTH)})" if name.endswith(_LENGTH) else name


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")


def _mermaid(data: dict[str, Any]) -> str:
    lines = ["flowchart LR"]
    ids = {n["id"]: f"n{k}" for k, n in enumerate(data["nodes"])}
    brackets = {"parameter": ("[", "]"), "derived": ("([", "])"), "require": ("{{", "}}")}
    for n in data["nodes"]:
        left, right = brackets[n["kind"]]
        parts = [_entity(part) for part in (_title(n), n.get("range", "")) if part]
        lines.append(f'  {ids[n["id"]]}{left}"{"<br/>".join(parts)}"{right}')
    arrows = {"condition": "-.->", "value": "-->", "require": "---", "correlated": "==="}
    lines += [f"  {ids[e['from']]} {arrows[e['kind']]} {ids[e['to']]}" for e in data["edges"]]
    return "\n".join(lines)


def _entity(text: str) -> str:
    for sign, name in (("&", "&amp;"), ('"', "&quot;"), ("<", "&lt;"), (">", "&gt;"), ("\n", " ")):
        text = text.replace(sign, name)
    return text
