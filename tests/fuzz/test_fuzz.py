"""A slice of the fuzzing in benchmarks/fuzz, and every input that once was a finding."""

import sys
import warnings
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks" / "fuzz"))

from fuzz import SHARES
from inputs import input_of
from minimise import smallest
from tokens import joined, tokens
from trials import TARGETS, Clock, Finding, Input, attempt, place

# Its modules have short names, which nobody else should come upon.
sys.path.pop(0)

FOUND = Path(__file__).parent / "found"
FILES = sorted(p for p in FOUND.rglob("*.*") if p.is_file())
OUTCOMES = {"fine", "fine, named", "warnings", "errors", "syntax errors", "refused", "no text"}


class Unclocked(Clock):
    """Steps of any length: how long they take is measured in benchmarks/fuzz."""

    def __init__(self):
        self.longest = {}

    def step(self, name):
        from contextlib import nullcontext

        return nullcontext()


def outcome(given):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return attempt(given, Unclocked())


@pytest.mark.parametrize("path", FILES, ids=lambda p: f"{p.parent.name}-{p.stem}")
def test_what_was_found_stays_mended(path):
    kind = path.parent.name
    # These two include the steps of the others.
    for target in ("fmt", "convert") if kind == "hp" else ("convert",):
        assert outcome(Input(target, kind, path.read_bytes())) in OUTCOMES


@pytest.mark.parametrize("part", range(6))
def test_a_slice(part):
    seen = set()
    for number in range(part * 250, (part + 1) * 250):
        given = input_of(20, number, SHARES)
        try:
            seen.add((given.target, outcome(given).partition(" and ")[0]))
        except Exception as error:
            raise AssertionError(f"seed 20, input {number} ({given.target}, {given.format}): {place(error)}") from error
    assert {t for t, _ in seen} == set(TARGETS)
    assert {("check", "fine"), ("check", "errors"), ("parse", "syntax errors"), ("convert", "refused")} <= seen


def test_inputs_depend_on_their_number_only():
    later = [input_of(3, k, SHARES) for k in (40, 7)]
    assert later == [input_of(3, k, SHARES) for k in (40, 7)]
    assert input_of(3, 7, SHARES) != input_of(4, 7, SHARES)


def test_tokens_are_the_text():
    for k in range(200):
        data = input_of(1, k, SHARES).data
        if isinstance(data, str):
            assert joined(tokens(data)) == data


def test_a_finding_is_told_and_made_small(monkeypatch):
    import trials

    def broken(source):
        if "boom" in source.text:
            raise KeyError("planted")
        return parse(source)

    parse = trials.parse
    monkeypatch.setattr(trials, "parse", broken)
    text = "a ~ bool()\nb ~ choice(boom, c)\nd = 3\n"

    def shows(data):
        try:
            attempt(Input("parse", "hp", data), Unclocked())
        except KeyError:
            return True
        return False

    assert shows(text)
    assert smallest(text, shows) == "boom"


def test_positions_outside_of_the_text_are_findings(monkeypatch):
    import trials

    from hpdsl.diagnostics import Diagnostic
    from hpdsl.source import Span

    def beyond(source):
        file, _ = parse(source)
        return file, (Diagnostic("HP001", "error", "planted", source, Span(0, len(source.text) + 1)),)

    parse = trials.parse
    monkeypatch.setattr(trials, "parse", beyond)
    with pytest.raises(Finding, match="outside"):
        attempt(Input("parse", "hp", "x = 1\n"), Unclocked())
