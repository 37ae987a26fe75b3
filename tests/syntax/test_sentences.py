"""Sentences: what each becomes in the tree."""

import pytest
from syntax.reading import codes, one, read, shown

from hpdsl.syntax import nodes


def test_parameter_with_everything():
    p = one("lr ~ lognormal(2, 1.5) in 0.25 .. 8 step 0.25 unit `1/s` when on default 2")
    assert isinstance(p, nodes.Parameter)
    assert (p.name, p.unit, shown(p.default), shown(p.guard)) == ("lr", "1/s", "2", "on")
    assert shown(p.prior) == "lognormal(2, 1.5) in <0.25 .. 8> step 0.25"
    assert not p.prior.integer


def test_suffixes_in_either_order():
    assert shown(one("x ~ int normal(0, 1) step 2 in .. 8").prior) == "int normal(0, 1) in < .. 8> step 2"


def test_quoted_names():
    p = one("`svm:gamma` ~ uniform(0, 1)")
    assert p.name == "svm:gamma"
    assert (p.name_span.start, p.name_span.end) == (0, 11)


def test_derived():
    d = one('y = 2 * x when x > 0 unit "GiB / s"')
    assert isinstance(d, nodes.Derived)
    assert (shown(d.value), shown(d.guard), d.unit) == ("(2 * x)", "(x > 0)", "GiB / s")


@pytest.mark.parametrize("word", ["require", "forbid"])
def test_conditions(word):
    r = one(f'{word} a < b : "why"')
    assert (r.negated, r.message, shown(r.condition)) == (word == "forbid", "why", "(a < b)")
    assert one(f"{word} a < b").message is None


def test_choice_items():
    text = (
        "choice(a: 3, b.c, 0, 2 * 3: 1, exp(1), int uniform(1, 4), normal(0, 1) in 0 .. 1: 2, uniform(0, 1) step 0.1)"
    )
    prior = one("x ~ " + text).prior
    assert isinstance(prior, nodes.Choice)
    kinds = [type(i.value).__name__ for i in prior.items]
    assert kinds == ["Path", "Path", "Number", "Binary", "Call", "Prior", "Prior", "Prior"]
    assert shown(prior.items[5].value) == "int uniform(1, 4)"
    assert shown(prior.items[6]) == "normal(0, 1) in <0 .. 1>: 2"
    assert shown(prior.items[7].value) == "uniform(0, 1) step 0.1"


def test_words_as_labels():
    prior = one("x ~ choice(int, default, when, use, step, choice, increasing)").prior
    assert [i.value.text for i in prior.items] == ["int", "default", "when", "use", "step", "choice", "increasing"]


def test_bare_call_in_a_choice_is_a_call():
    assert isinstance(one("x ~ choice(0, uniform(0, 1))").prior.items[1].value, nodes.Call)


def test_union():
    p = one("optim ~ choice {\n  adam: 3 { lr ~ bool() }\n\n  sgd\n  default\n  lion { a = 1; b = 2 }\n} default sgd")
    assert isinstance(p.prior, nodes.Union)
    assert [(b.label, shown(b.weight), len(b.body)) for b in p.prior.branches] == [
        ("adam", "3", 1),
        ("sgd", "", 0),
        ("default", "", 0),
        ("lion", "", 2),
    ]
    assert shown(p.default) == "sgd"


def test_union_on_one_line():
    for text in ("choice { a { x = 1 } b: 2 { y = 2 } }", "choice { a, b { x = 1 }, c, }"):
        assert one(f"u ~ {text}").prior.branches[1].label == "b"


def test_when_and_else():
    w = one("when a {\n  x = 1\n}\nelse when b { y = 2 }\nelse {\n  z = 3\n  w = 4\n}")
    assert isinstance(w, nodes.When)
    (inner,) = w.orelse
    assert isinstance(inner, nodes.When)
    assert [s.name for s in (*w.body, *inner.body, *inner.orelse)] == ["x", "y", "z", "w"]


def test_objectives_and_try():
    file = read("minimize loss\nmaximize `f:1`\ntry { a = 1, b.c = 2\n  d = [1, 2] }\ntry { }")
    assert [(s.maximize, s.name) for s in file.sentences[:2]] == [(False, "loss"), (True, "f:1")]
    assert [a.path.text for a in file.sentences[2].assignments] == ["a", "b.c", "d"]
    assert file.sentences[3].assignments == ()


def test_arrays_and_vectors():
    assert [shown(e) for e in one("x[3] ~ uniform(0, 1)").index] == ["3"]
    assert [shown(e) for e in one("x[a, b] ~ dirichlet(1, 2)").index] == ["a", "b"]
    assert [shown(e) for e in one("x[n + 1] = y[index]").index] == ["(n + 1)"]
    assert one("x ~ uniform(0, 1)").index is None


def test_groups():
    g = one("net { x ~ bool() }")
    assert isinstance(g, nodes.Group)
    assert (g.name, g.index, len(g.body), g.guard) == ("net", None, 1, None)
    g = one("net[3] { x ~ bool(); y = 1 } when z")
    assert ([shown(e) for e in g.index], len(g.body), shown(g.guard)) == (["3"], 2, "z")


def test_correlate():
    c = one("correlate a, b.c, d = r by gaussian()")
    assert ([p.text for p in c.paths], shown(c.value), c.method) == (["a", "b.c", "d"], "r", "gaussian")
    assert one("correlate a, b = 0.5").method is None
    assert codes("correlate a, b = 0.5 by gaussian(1)") == ["HP011"]


def test_given():
    g = one("given n in 1 .. 64 = 32 unit GiB")
    assert (g.name, shown(g.within), shown(g.value), g.unit) == ("n", "<1 .. 64>", "32", "GiB")
    g = one("given n")
    assert (g.within, g.value, g.unit) == (None, None, None)


def test_templates():
    t = one("space s(a, b = 2) { x ~ bool(); when x { y = 1 } }")
    assert (t.name, [(f.name, shown(f.default)) for f in t.formals], len(t.body)) == ("s", [("a", ""), ("b", "2")], 2)
    assert one("space s { x ~ bool() }").formals == ()
    u = one("use lib.s(3, b = 2) { x ~ bool() }")
    assert (u.path.text, [a.name for a in u.args], len(u.body)) == ("lib.s", [None, "b"], 1)
    assert (one("use s").args, one("use s { x = 1 }").body[0].name) == ((), "x")


def test_import():
    assert (one('import "f.hp" as f').file, one('import "f.hp" as f').alias) == ("f.hp", "f")
    assert one('import "f.hp"').alias is None


def test_experiment():
    f = one("fidelity e = 1 .. 27 by 3 cost e * 2 unit s")
    assert (f.name, shown(f.value), shown(f.by), shown(f.cost), f.unit) == ("e", "<1 .. 27>", "3", "(e * 2)", "s")
    assert one("fidelity e = 1 .. 27").by is None
    s = one("subject to latency <= 40")
    assert (s.name, s.op, shown(s.bound)) == ("latency", "<=", "40")
    a = one('assert x < 3 : "claim"')
    assert (shown(a.condition), a.message) == ("(x < 3)", "claim")


@pytest.mark.parametrize("word", ["increasing", "decreasing"])
def test_ordered_priors(word):
    prior = one(f"x[3] ~ {word} int uniform(0, 1)").prior
    assert isinstance(prior, nodes.Ordered)
    assert (prior.rising, shown(prior.prior)) == (word == "increasing", "int uniform(0, 1)")
    assert codes(f"x ~ {word} uniform(0, 1)") == ["HP011"]


def test_every_sentence_may_stand_in_a_block():
    body = (
        "a ~ bool(); b = 1; require b > 0; when a { c = 1 }; minimize l; try { a = true }; given n; use s; g { d = 1 }"
    )
    assert len(one(f"when x {{ {body} }}").body) == 9
    assert len(one(f"u ~ choice {{ k {{ {body} }} }}").prior.branches[0].body) == 9


def test_empty_blocks():
    assert one("when x { }").body == ()
    assert one("u ~ choice { a { } }").prior.branches[0].body == ()


def test_reserved_words_are_no_group_names():
    assert codes("if { x = 1 }") == ["HP015"]
    assert codes("`if` { x = 1 }") == []
