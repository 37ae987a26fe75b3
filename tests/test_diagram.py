"""The graph of a space as dot, mermaid and JSON."""

import json
import re

import hpdsl
from hpdsl.diagram import diagram

TEXT = """
kind ~ choice(a, b)
`odd "name"<x>` ~ uniform(0, 1)   when kind == a
y ~ uniform(0, 2)
z ~ uniform(0, y)
w = y + z
correlate y, `odd2` = 0.5
`odd2` ~ uniform(0, 1)
require w < 3
"""
SPACE = hpdsl.loads(TEXT)


def test_json_holds_every_symbol_and_what_it_follows():
    data = json.loads(diagram(SPACE, "json"))
    nodes = {n["id"]: n for n in data["nodes"]}
    assert {'odd "name"<x>', "kind", "y", "z", "w", "odd2"} <= nodes.keys()
    assert nodes["w"]["kind"] == "derived"
    edges = {(e["from"], e["to"]) for e in data["edges"]}
    assert {("kind", 'odd "name"<x>'), ("y", "z"), ("y", "w"), ("z", "w")} <= edges
    assert any({"y", "odd2"} == {e["from"], e["to"]} for e in data["edges"])
    (rule,) = [n for n in data["nodes"] if n["kind"] == "require"]
    assert ("w", rule["id"]) in edges
    assert data["id"] == SPACE.id


def test_dot_quotes_names_and_closes_what_it_opens():
    text = diagram(SPACE, "dot")
    assert text.startswith("digraph")
    quoted = re.compile(r'"(?:[^"\\]|\\.)*"')
    bare = quoted.sub("Q", text)
    assert '"' not in bare
    assert bare.count("{") == bare.count("}") == 1
    lines = [line.strip() for line in text.splitlines()]
    declared = {
        quoted.match(line).group() for line in lines if line.startswith('"') and "->" not in quoted.sub("", line)
    }
    used = {q for line in lines if "->" in quoted.sub("", line) for q in quoted.findall(line)}
    assert used <= declared
    assert len(declared) == 7
    assert r'"odd \"name\"<x>"' in declared


def test_mermaid_escapes_what_it_would_read():
    text = diagram(SPACE, "mermaid")
    assert text.startswith("flowchart")
    inside = re.findall(r'"(.*)"', text)
    assert inside
    for label in inside:
        assert '"' not in label
        assert "<x>" not in label
    declared = set(re.findall(r"^\s*(n\d+)[\[({]", text, re.MULTILINE))
    used = {n for pair in re.findall(r"(n\d+) \S*-\S* ?(?:\|[^|]*\| ?)?(n\d+)", text) for n in pair}
    assert used <= declared


def test_all_kinds_of_spaces_have_a_diagram():
    for text in (
        "x ~ bool()\n",
        "n ~ int uniform(1, 3)\nx[n] ~ uniform(0, 1)\ns ~ subset(a, b)\np ~ permutation(a, b)\n",
        "m[a, b] ~ dirichlet(1)\n",
        "g[2] { o ~ choice { a { x ~ bool() } b } }\n",
    ):
        for form in ("dot", "mermaid", "json"):
            assert diagram(hpdsl.loads(text), form)
