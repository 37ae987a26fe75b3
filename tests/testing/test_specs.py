"""`specs`: the whole language, each spec compiles, shrinks to small files; twins and round trips over random specs."""

import re
from contextlib import suppress
from dataclasses import fields, is_dataclass
from functools import cache

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, find, given, seed, settings

import hpdsl
from hpdsl import interop
from hpdsl.compiler import Compilation
from hpdsl.errors import SpecError
from hpdsl.interop.portable import Listed, portable
from hpdsl.source import Source
from hpdsl.syntax import nodes
from hpdsl.syntax.formatter import format_source
from hpdsl.syntax.parser import parse
from hpdsl.testing import specs
from hpdsl.testing.generator import drafts


def run(strategy, n, work, number=7):
    """Do something with n examples, the same in every run."""

    @seed(number)
    @settings(max_examples=n, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(strategy)
    def each(example):
        work(example)

    each()


@cache
def some(n, **options):
    """n specs, drawn and compiled once for all tests."""
    found = []
    run(specs(**options), n, found.append)
    return tuple(found)


def each_of(examples, work):
    """Do something with each; a failure shows the spec."""
    for spec in examples:
        try:
            work(spec)
        except Exception as error:
            error.add_note(f"of this spec:\n{spec.text}")
            raise


def tree(text):
    file, problems = parse(Source("<draft>", text))
    assert not problems
    return file


def walk(node):
    """A node of a syntax tree and everything below it."""
    yield node
    for f in fields(node):
        part = getattr(node, f.name)
        for item in part if isinstance(part, tuple) else (part,):
            if is_dataclass(item):
                yield from walk(item)


# ---- the whole language ------------------------------------------------------------------------------

PRIORS = """
uniform loguniform revloguniform logituniform normal lognormal beta gamma exponential triangular pow2 bool ordinal
subset permutation dirichlet
"""
SENTENCES = """
Parameter Derived Require When Group Template Use Import Given Assert Correlate Fidelity Objective Subject Try
"""
FORMS = """
choice union weight range-in-choice int in step ordered default when unit vector array array-of-groups derived-array
forbid message else else-when formal-default named-argument use-block given-range by cost minimize maximize
open-below open-above if index list quoted index-name
"""
OPERATORS = "+ - * / // % ** and or => not < <= > >= == != in"
FUNCTIONS = "exp log log2 log10 sqrt abs min max floor ceil round len sum prod increasing decreasing distinct active"


def features(node):
    """What of the language a node shows."""
    match node:
        case nodes.Prior():
            yield node.name
            yield from (w for w, there in (("int", node.integer), ("in", node.within), ("step", node.step)) if there)
        case nodes.Choice():
            yield "choice"
        case nodes.Union():
            yield "union"
        case nodes.Ordered():
            yield "ordered"
        case nodes.Item() | nodes.Branch():
            yield from ["weight"] if node.weight else []
            yield from (
                ["range-in-choice"] if isinstance(getattr(node, "value", None), (nodes.Prior, nodes.Call)) else []
            )
        case nodes.Parameter() | nodes.Derived():
            for word in ("default", "guard", "unit"):
                if getattr(node, word, None) is not None:
                    yield {"guard": "when"}.get(word, word)
            if node.index is not None:
                derived = isinstance(node, nodes.Derived)
                yield "derived-array" if derived else "vector" if len(node.index) > 1 else "array"
        case nodes.Group() if node.index:
            yield "array-of-groups"
        case nodes.Require():
            yield from ["forbid"] if node.negated else []
            yield from ["message"] if node.message else []
        case nodes.When():
            yield from ["else"] if node.orelse else []
            yield from ["else-when"] if len(node.orelse) == 1 and isinstance(node.orelse[0], nodes.When) else []
        case nodes.Formal():
            yield from ["formal-default"] if node.default else []
        case nodes.Argument():
            yield from ["named-argument"] if node.name else []
        case nodes.Use():
            yield from ["use-block"] if node.body else []
        case nodes.Given():
            yield from ["given-range"] if node.within else []
        case nodes.Fidelity():
            yield from (w for w in ("by", "cost") if getattr(node, w))
        case nodes.Objective():
            yield "maximize" if node.maximize else "minimize"
        case nodes.Range():
            yield from ["open-below"] if node.lo is None else ["open-above"] if node.hi is None else []
        case nodes.IfElse():
            yield "if"
        case nodes.Index():
            yield "index"
        case nodes.ListExpr():
            yield "list"
        case nodes.Path():
            yield from ["index-name"] if node.text == "index" else []
            yield from [] if all(p.isidentifier() for p in node.parts) else ["quoted"]
        case nodes.Unary() | nodes.Binary():
            yield node.op
        case nodes.Compare():
            yield from node.ops
        case nodes.Call():
            yield node.function.text


class AllSeenError(Exception):
    """Ends a run that has shown what it should."""


def test_the_whole_language_occurs():
    """Within 2,500 drafts; none is drawn once everything has occurred."""
    wanted = {"not in", *f"{PRIORS} {SENTENCES} {FORMS} {OPERATORS} {FUNCTIONS}".split()}
    seen = set()

    def note(draft):
        for text in (draft.text, *draft.files.values()):
            for node in walk(tree(text)):
                seen.add(type(node).__name__)
                seen.update(features(node))
        if wanted <= seen:
            raise AllSeenError

    with suppress(AllSeenError):
        run(drafts(), 2500, note)
    assert wanted - seen == set()


def test_drafts_are_seldom_rejected():
    """Of 200 drafts of a fixed seed at most 3 in 100 don't compile, so that health checks never fail."""
    failed = []

    def attempt(draft):
        try:
            draft.compilation().space.compilation.program  # noqa: B018 - errors of requirements come with it
        except SpecError:
            failed.append(draft.text)

    run(drafts(), 200, attempt)
    assert len(failed) <= 6


@settings(max_examples=50, suppress_health_check=[])
@given(specs())
def test_each_spec_compiles_to_its_space(spec):
    again = Compilation(Source("<again>", spec.text), None, {}, None, dict(spec.files) or None).space
    assert again.id == spec.space.id


def test_the_same_seed_writes_the_same_specs():
    first, second = [], []
    run(drafts(), 100, lambda d: first.append(d.text))
    run(drafts(), 100, lambda d: second.append(d.text))
    assert first == second
    assert len(set(first)) > 60


@pytest.mark.parametrize(
    ("wanted", "expected", "most"),
    [
        ("choice(", "choice(red, green)", 8),
        ("~ normal(", "normal(0, 1)", 4),  # from longer files two sentences may stay before it
        ("choice {", "choice { red, green }", 8),
    ],
)
def test_shrinks_to_small_readable_files(wanted, expected, most):
    """To the sentence that was wanted, and at most one before it."""
    lines = find(specs(max_sentences=most), lambda s: wanted in s.text).text.splitlines()
    assert len(lines) <= 2
    assert re.fullmatch(r"[ab] ~ (.*)", lines[-1])[1] == expected


# ---- twins and round trips ---------------------------------------------------------------------------


def outputs(space, rows=40):
    """Everything the program computes, as bits."""
    matrix = space.sample(rows, seed=3).matrix if space.names else np.empty((0, rows))
    codes = np.random.default_rng(1).random((rows, len(space.code_names)))
    configs = space.decode(codes)
    found = [matrix, configs.matrix, space.encode(configs), space.log_density(configs), space.features(configs)]
    return [np.ascontiguousarray(m, dtype=np.float64).view(np.int64) for m in found]


def test_kernels_and_their_twins_agree_to_the_bit(monkeypatch):
    """The compiled interpreter, its numpy twin, and the plain twin that serves a few rows."""

    def compare(spec):
        monkeypatch.setenv("HPDSL_JIT", "0")
        plain, few = outputs(spec.space), outputs(spec.space, 4)
        monkeypatch.setenv("HPDSL_JIT", "1")
        for mine, theirs in zip((*plain, *few), (*outputs(spec.space), *outputs(spec.space, 4)), strict=True):
            np.testing.assert_array_equal(mine, theirs)

    each_of(some(150), compare)


def test_formatting_keeps_the_meaning():
    def reformat(spec):
        text = format_source(Source("<spec>", spec.text))
        files = {name: format_source(Source(name, t)) for name, t in spec.files.items()}
        again = Compilation(Source("<spec>", text), None, {}, None, files or None).space
        assert again.id == spec.space.id
        assert format_source(Source("<spec>", text)) == text

    each_of(some(150), reformat)


def test_codes_lead_back_to_configurations():
    def back(spec):
        if not spec.space.names:
            return
        configs = spec.space.sample(30, seed=2)
        for config in configs:
            spec.space.validate(config)
        again = spec.space.decode(spec.space.encode(configs))
        for mine, theirs in zip(configs.matrix, again.matrix, strict=True):
            np.testing.assert_allclose(mine, theirs, rtol=1e-6, atol=1e-9)

    each_of(some(150), back)


def _listed(value):
    return str(value).lower() if value is None or isinstance(value, bool) else str(value)


@pytest.mark.parametrize("form", ["configspace", "pcs"])
def test_other_formats_have_the_same_configurations(form):
    """Where a format holds the meaning: what is written and read again accepts the same configurations."""
    pytest.importorskip("ConfigSpace")
    kept = []

    def round_trip(spec):
        flat = portable(spec.space)
        # Names and values that a format has no signs for are written differently.
        values = [x for v in flat.variables for x in getattr(v.law, "values", ()) if isinstance(x, str)]
        plain = all(re.fullmatch(r"[\w.]+", x, re.ASCII) for x in (*(v.name for v in flat.variables), *values))
        if flat.refused or spec.files or not spec.space.names or not plain:
            return
        if len(flat.variables) == 0:
            return
        try:
            written = interop.write(spec.space, None, form).text
        except hpdsl.UsageError:
            return
        again = hpdsl.loads(interop.from_text(written, form))
        kept.append(spec.text)
        texts = {v.name: {_listed(x): x for x in v.law.values} for v in flat.variables if isinstance(v.law, Listed)}
        for config in spec.space.sample(20):
            values = flat.values(config)
            if form == "pcs":  # its lists hold texts
                values = {k: _listed(x) if k in texts else x for k, x in values.items()}
            again.validate(values)
        for config in again.sample(20):
            values = dict(config)
            if form == "pcs":
                values = {k: texts[k][x] if k in texts else x for k, x in values.items()}
            spec.space.validate(flat.config(values))

    each_of(some(150, max_sentences=4), round_trip)
    assert len(kept) >= 20
