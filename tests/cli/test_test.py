"""`hpdsl test`: a row for each promise, the counterexamples, exit codes, and clear words for misuse."""

import json

import pytest
from cli.helpers import run

from hpdsl.testing.laws import LAWS

GOOD = "x ~ uniform(0, 1)\ny ~ uniform(0, 1)\nassert x <= 1\nassert (x - y) ** 2 <= x ** 2 + y ** 2\n"
BROKEN = 'rank ~ pow2(4, 256)   default 16\nscale ~ uniform(0.25, 8)\nassert rank * scale < 2048   : "fits"\n'


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "good.hp").write_text(GOOD)
    (tmp_path / "broken.hp").write_text(BROKEN)
    return tmp_path


def rows(text):
    return {line.split()[0]: line.split()[1] for line in text.splitlines() if line.startswith("  ")}


def test_every_law_and_every_assert_has_a_row(here):
    result = run("test", "good.hp", "--examples", 100)
    assert result.exit_code == 0
    found = rows(result.stdout)
    assert list(found) == [*(law.name for law in LAWS), "assert@3", "assert@4"]
    assert (found["support"], found["assert@3"], found["assert@4"]) == ("held", "proved", "held")
    assert result.stdout.splitlines()[0] == "good.hp: seed 0, 100 examples"
    counts = [f"{sum(o == k for o in found.values())} {k}" for k in ("held", "proved", "skipped")]
    assert result.stdout.splitlines()[-1] == f"good.hp: {', '.join(counts)}"


def test_a_broken_promise_is_shown_and_fails(here):
    result = run("test", "broken.hp", "-k", "assert")
    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        "broken.hp: seed 0, 2,000 examples",
        "  assert@3  refuted  rank = 256 and scale = 8",
        "",
        "error[HP058]: this does not always hold: fits",
        " --> broken.hp:3:1",
        " 1 | rank ~ pow2(4, 256)   default 16",
        "   |        ------------ rank = 256",
        " 2 | scale ~ uniform(0.25, 8)",
        "   |         ---------------- scale = 8",
        ' 3 | assert rank * scale < 2048   : "fits"',
        "   | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ false when rank = 256 and scale = 8",
        "   = help: narrow the ranges it speaks about, or, if it should be made to hold, write "
        '`require rank * scale < 2048 : "fits"`',
        "",
        "broken.hp: 1 refuted",
    ]
    assert result.stderr == ""


def test_json_has_one_object_a_promise(here):
    result = run("test", "broken.hp", "good.hp", "--format", "json", "--examples", 50)
    assert result.exit_code == 1
    found = [json.loads(line) for line in result.stdout.splitlines()]
    assert len(found) == 2 * len(LAWS) + 3
    assert {tuple(f) for f in found} == {("file", "name", "kind", "outcome", "detail", "report")}
    (refuted,) = [f for f in found if f["outcome"] == "refuted"]
    assert (refuted["file"], refuted["name"], refuted["kind"]) == ("broken.hp", "assert@3", "assert")
    assert refuted["report"].startswith("error[HP058]")


def test_names_choose(here):
    result = run("test", "good.hp", "--only", "support", "-k", "assert@3")
    assert result.exit_code == 0
    assert list(rows(result.stdout)) == ["support", "assert@3"]


def test_a_name_may_be_that_of_one_file_only(here):
    result = run("test", "good.hp", "broken.hp", "-k", "assert@4", "--examples", 50)
    assert result.exit_code == 0
    assert result.stdout.splitlines()[-1] == "broken.hp: nothing to examine"


def test_asserts_may_be_those_of_one_file_only(here):
    (here / "plain.hp").write_text("x ~ uniform(0, 1)\n")
    result = run("test", "good.hp", "plain.hp", "-k", "assert", "--examples", 50)
    assert result.exit_code == 0
    assert result.stdout.splitlines()[-1] == "plain.hp: nothing to examine"


def test_inputs_and_pins(here):
    (here / "given.hp").write_text("given n = 4\nx ~ uniform(0, n)\ny ~ uniform(0, 1)\nassert x + y < 5.5\n")
    assert run("test", "given.hp", "-k", "assert").exit_code == 0
    result = run("test", "given.hp", "-k", "assert", "--given", "n=5")
    assert result.exit_code == 1
    assert "x = 5" in result.stdout
    assert run("test", "given.hp", "-k", "assert", "--given", "n=5", "--fix", "y=0.25").exit_code == 0


def test_the_same_seed_gives_the_same_output(here):
    first, again, other = (run("test", "good.hp", "--examples", 60, "--seed", s).stdout for s in (3, 3, 4))
    assert first == again
    assert first != other


def test_a_file_with_errors_is_told_and_the_others_are_examined(here):
    (here / "bad.hp").write_text("x ~ unifrom(0, 1)\n")
    result = run("test", "bad.hp", "good.hp", "-k", "support")
    assert result.exit_code == 1
    assert "error[HP024]: unknown prior `unifrom`" in result.stderr
    assert list(rows(result.stdout)) == ["support"]
    lines = run("test", "bad.hp", "--format", "json").stdout.splitlines()
    (found,) = map(json.loads, lines)
    assert (found["name"], found["outcome"], found["detail"]) == ("check", "refuted", "1 error")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["missing.hp"], "error: missing.hp: no such file"),
        (["."], "error: .: this is a folder; name a .hp file in it"),
        (["good.hp", "-k", "suport"], "error: no law or `assert` is called `suport`; did you mean `support`?"),
        (["plain.hp", "-k", "assert"], "error: there is nothing to examine: no file has an `assert`"),
        (["good.hp", "-k", "assert@1"], "no law or `assert` is called `assert@1`; there are assert@3, assert@4"),
        (["good.hp", "--examples", "0"], "0 is not in the range 1<=x<=10000000"),
        (["good.hp", "--examples", "many"], "'many' is not a valid integer range"),
        (["good.hp", "--given", "n=3"], "good.hp has no input `n`; its inputs are: none"),
        (["good.hp", "--fix", "z=3"], "`z`"),
        ([], "Missing argument 'FILE…'"),
    ],
)
def test_misuse_is_told(here, arguments, message):
    (here / "plain.hp").write_text("x ~ uniform(0, 1)\n")
    result = run("test", *arguments)
    assert result.exit_code == 2
    assert message in result.stderr
    assert "Traceback" not in result.stderr


def test_misuse_of_one_file_outweighs_errors_of_another(here):
    assert run("test", "missing.hp", "broken.hp", "-k", "assert").exit_code == 2


def test_a_space_of_nothing(here):
    (here / "empty.hp").write_text("# nothing yet\n")
    result = run("test", "empty.hp", "--examples", 10)
    assert result.exit_code == 0, result.output


def test_the_line_of_progress_is_for_terminals(here, monkeypatch):
    from hpdsl.cli import test as module

    written = []

    class Terminal:
        def isatty(self):
            return True

        def write(self, text):
            written.append(text)

        def flush(self):
            pass

    monkeypatch.setattr(module.sys, "stderr", Terminal())
    line = module._Progress()
    line.draw("good.hp: support (1/2) …")
    line.clear()
    assert written == ["good.hp: support (1/2) …", f"\r{' ' * 24}\r"]


NOTHING = "x ~ uniform(0, 1)\ny ~ uniform(0, 1)\nz ~ uniform(0, 1)\n" + (
    "require (x - 0.5) ** 2 + (y - 0.5) ** 2 + (z - 0.5) ** 2 < 1e-9\n"
)


def test_a_space_that_nothing_is_drawn_from_is_refuted(here):
    (here / "nothing.hp").write_text(NOTHING)
    result = run("test", "nothing.hp", "--examples", 100, "--only", "constraints", "--only", "support")
    assert {name: rows(result.stdout)[name] for name in ("support", "constraints")} == {
        "support": "skipped", "constraints": "refuted"
    }  # fmt: skip
    assert result.exit_code == 1


def test_a_claim_without_parameters_is_refuted(here):
    (here / "none.hp").write_text("given n = 3\nassert n < 2\n")
    result = run("test", "none.hp", "--only", "assert")
    assert rows(result.stdout)["assert@2"] == "refuted"
    assert result.exit_code == 1


def test_more_examples_than_memory_holds_are_refused(here):
    result = run("test", "good.hp", "--examples", 10**23)
    assert result.exit_code == 2
    assert "10000000" in result.stderr
