"""The pytest plugin: what is collected under which ids, how a failure reads, options, markers and the fixture."""

import re
import subprocess
import sys

import pytest

from hpdsl.testing.laws import LAWS

pytest_plugins = "pytester"

GOOD = "x ~ uniform(0, 1)\nassert x <= 1\n"
BROKEN = "rank ~ pow2(4, 256)   default 16\nscale ~ uniform(0.25, 8)\n\nassert rank * scale < 2048\n"
LAW_NAMES = [law.name for law in LAWS]


def write(pytester, **texts):
    for name, text in texts.items():
        path = pytester.path / f"{name.replace('__', '/')}.hp"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def collected(pytester, *arguments):
    result = pytester.runpytest_inprocess("--collect-only", "-q", *arguments)
    return [line for line in result.outlines if "::" in line]


# ---- what is collected -------------------------------------------------------------------------------


def test_a_file_gives_a_test_for_each_law_and_each_assert(pytester):
    write(pytester, space=GOOD)
    expected = [f"space.hp::{name}" for name in ("check", *LAW_NAMES, "assert@2")]
    assert collected(pytester, "space.hp") == expected
    assert collected(pytester) == expected  # as part of its directory, with the same ids


def test_a_test_is_asked_for_by_its_id(pytester):
    write(pytester, space=GOOD)
    result = pytester.runpytest_inprocess("space.hp::support", "space.hp::assert@2")
    result.assert_outcomes(passed=2)


def test_keywords_and_markers_choose(pytester):
    write(pytester, space=GOOD)
    assert collected(pytester, "-k", "round-trip or assert") == ["space.hp::round-trip", "space.hp::assert@2"]
    assert collected(pytester, "-m", "hp_assert") == ["space.hp::assert@2"]
    assert len(collected(pytester, "-m", "hp_law", "--strict-markers")) == len(LAWS)
    assert len(collected(pytester, "-m", "hp")) == len(LAWS) + 2
    assert collected(pytester, "-m", "not hp") == []


def test_directories_are_collected_unless_told_otherwise(pytester):
    write(pytester, space=GOOD, deep__other=GOOD)
    pytester.makepyfile(test_it="def test_it(): pass\n")
    assert len(collected(pytester)) == 2 * (len(LAWS) + 2) + 1
    pytester.makeini("[pytest]\nhp_collect = false\n")
    assert collected(pytester) == ["test_it.py::test_it"]
    assert len(collected(pytester, "space.hp")) == len(LAWS) + 2  # asked for by name


def test_what_others_import_is_tested_as_part_of_them(pytester):
    write(
        pytester,
        space='import "lib/parts.hp" as parts\nuse parts.Rate\n',
        lib__parts="given top\nspace Rate() { lr ~ uniform(0, 1) }\n",
    )
    assert {line.split("::")[0] for line in collected(pytester)} == {"space.hp"}
    assert collected(pytester, "lib/parts.hp")  # asked for by name


def test_ids_are_those_of_the_last_run(pytester):
    write(pytester, space=BROKEN)
    assert collected(pytester) == collected(pytester)


def test_only_the_last_failures_run_again(pytester):
    write(pytester, space=BROKEN)
    first = pytester.runpytest_inprocess("-q").parseoutcomes()
    assert first["failed"] == 1
    assert first["passed"] > 5
    pytester.runpytest_inprocess("--lf").assert_outcomes(failed=1)
    (pytester.path / "space.hp").write_text(BROKEN.replace("2048", "2049"))
    pytester.runpytest_inprocess("--lf").assert_outcomes(passed=1)


# ---- how it ends -------------------------------------------------------------------------------------


def test_a_failure_reads_like_a_diagnostic(pytester):
    write(pytester, space=BROKEN)
    result = pytester.runpytest_inprocess("-m", "hp_assert")
    result.assert_outcomes(failed=1, deselected=len(LAWS) + 1)
    result.stdout.fnmatch_lines(
        [
            "*_ space.hp::assert@4 _*",
            "error?HP058?: this does not always hold: assert rank * scale < 2048",
            " --> space.hp:4:1",
            " 1 | rank ~ pow2(4, 256)   default 16",
            "   |        ------------ rank = 256",
            " 4 | assert rank * scale < 2048",
            "   | ^^^^^^^^^^^^^^^^^^^^^^^^^^ false when rank = 256 and scale = 8",
            "FAILED space.hp::assert@4 - refuted: rank = 256 and scale = 8",
        ]
    )
    assert "Traceback" not in result.stdout.str()
    assert "plugin.py" not in result.stdout.str()


def test_the_summary_names_the_counterexample_where_tests_run_in_several_processes(pytester):
    """There reports are taken to pieces, sent, and put together again."""
    from _pytest.reports import TestReport

    write(pytester, space=BROKEN)
    (report,) = [r for r in pytester.inline_run("-m", "hp_assert").getreports() if r.failed]
    sent = TestReport._from_json(report._to_json())
    assert sent.longrepr.reprcrash.message == "refuted: rank = 256 and scale = 8"
    assert str(sent.longrepr) == str(report.longrepr)
    assert str(sent.longrepr).startswith("error[HP058]: this does not always hold: assert rank * scale < 2048\n")


def test_a_file_with_errors_is_one_failing_test(pytester):
    write(pytester, bad="x ~ unifrom(0, 1)\ny ~ uniform(2, 1)\n", good=GOOD)
    result = pytester.runpytest_inprocess("-k", "check")
    result.assert_outcomes(failed=1, passed=1, deselected=len(LAWS) + 1)
    result.stdout.fnmatch_lines(
        [
            "*_ bad.hp::check _*",
            "error?HP024?: unknown prior `unifrom`",
            " --> bad.hp:1:5",
            "error?HP021?: *",
            "FAILED bad.hp::check - error?HP024?: unknown prior `unifrom`",
        ]
    )
    assert "Traceback" not in result.stdout.str()
    assert collected(pytester, "bad.hp") == ["bad.hp::check"]


def test_a_file_that_is_no_text_fails_too(pytester):
    (pytester.path / "bad.hp").write_bytes(b"x ~ uniform(0, \xff)\n")
    result = pytester.runpytest_inprocess()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*bad.hp: not valid UTF-8 (line 1, byte 0xff)*"])


def test_a_law_that_does_not_apply_is_skipped_with_its_reason(pytester):
    write(pytester, space=GOOD)
    result = pytester.runpytest_inprocess("space.hp::guards", "-rs")
    result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines(["SKIPPED *space.hp:1: nothing is conditional"])


def test_warnings_are_kept_for_those_who_ask(pytester):
    write(pytester, space="given n = 3\nx ~ uniform(0, 1)\n")
    result = pytester.runpytest_inprocess("space.hp::check", "-rA")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["*warning?HP053?: the input `n` is never used"])


def test_a_bug_of_ours_shows_where_it_is(pytester, monkeypatch):
    from hpdsl.testing.promises import Promises

    def fail(self, name):
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(Promises, "verdict", fail)
    write(pytester, space=GOOD)
    result = pytester.runpytest_inprocess("space.hp::support")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*ZeroDivisionError: a bug"])


# ---- options -----------------------------------------------------------------------------------------


def test_the_number_of_examples_and_the_seed_reach_the_attacks(pytester):
    claim = "assert (x - y) ** 2 <= x ** 2 + y ** 2"
    write(pytester, space=f"x ~ uniform(0, 1)\ny ~ uniform(0, 1)\nk ~ bool(0.5)\nwhen k {{ {claim} }}\n")
    report = pytester.path / "report.xml"

    def reached(seed):
        pytester.runpytest_inprocess(
            "-m", "hp_assert", "--hp-examples", "200", "--hp-seed", seed, f"--junitxml={report}"
        ).assert_outcomes(passed=1, deselected=len(LAWS) + 1)
        return re.search(r"held in (\d+) of 200 random configurations", report.read_text()).group(1)

    assert reached("1") == reached("1") != reached("2")


@pytest.mark.parametrize("examples", ["0", "-3"])
def test_examples_must_be_some(pytester, examples):
    result = pytester.runpytest_inprocess("--hp-examples", examples)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: --hp-examples takes a whole number from 1 to 10,000,000, not {examples}"])


INPUT = "given n\nx ~ uniform(0, n)\nassert x <= 7\n"


def test_a_file_that_lacks_a_value_is_skipped_with_what_to_do(pytester):
    write(pytester, open=INPUT, good=GOOD)
    result = pytester.runpytest_inprocess("-k", "check", "-rs")
    result.assert_outcomes(skipped=1, passed=1, deselected=len(LAWS) + 1)
    result.stdout.fnmatch_lines(
        ["SKIPPED *open.hp:1: no value for `n`: run pytest with --hp-given n=…, or write `given n = …` in the file"]
    )
    assert collected(pytester, "open.hp") == ["open.hp::check"]


def test_a_file_is_tested_with_the_values_it_is_given(pytester):
    write(pytester, open=INPUT, more="given n\ngiven m in 1 .. 3\nx ~ uniform(0, n + m)\n", good=GOOD)
    names = collected(pytester, "--hp-given", "n=7")
    assert [n for n in names if n.startswith(("open", "more"))] == [
        "more.hp::check",
        *(f"open.hp::{name}" for name in ("check", *LAW_NAMES, "assert@3")),
    ]
    pytester.runpytest_inprocess("open.hp", "-m", "hp_assert", "--hp-given", "n=7").assert_outcomes(
        passed=1, deselected=len(LAWS) + 1
    )
    result = pytester.runpytest_inprocess("open.hp", "-m", "hp_assert", "--hp-given", "n=8")
    result.assert_outcomes(failed=1, deselected=len(LAWS) + 1)
    result.stdout.fnmatch_lines(["FAILED open.hp::assert@3 - refuted: x = 8"])
    assert "more.hp::support" in collected(pytester, "more.hp", "--hp-given", "n=7", "--hp-given", "m=2")


@pytest.mark.parametrize(
    "text", ["given n\nx ~ unifrom(0, 1)\n", "given n\ngiven m = x\ny ~ uniform(0, n)\nx ~ bool()\n"]
)
def test_a_file_that_is_wrong_besides_fails(pytester, text):
    write(pytester, open=text)
    pytester.runpytest_inprocess().assert_outcomes(failed=1)


def test_a_value_out_of_range_fails(pytester):
    write(pytester, open="given n in 1 .. 5\nx ~ uniform(0, n)\n")
    result = pytester.runpytest_inprocess("--hp-given", "n=9")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["FAILED open.hp::check - error?HP052?: `n` = 9 is outside its range"])


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("n", "ERROR: --hp-given takes NAME=VALUE, not 'n'"),
        ("m=3", "ERROR: --hp-given: no file has an input `m`; inputs are: n"),
    ],
)
def test_values_that_are_for_nothing_are_refused(pytester, value, message):
    write(pytester, open=INPUT)
    result = pytester.runpytest_inprocess("--hp-given", value)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([message])


def test_values_are_for_spaces_alone(pytester):
    pytester.makepyfile(test_it="def test_it(): pass\n")
    pytester.runpytest_inprocess("--hp-given", "n=3").assert_outcomes(passed=1)


# ---- the fixture -------------------------------------------------------------------------------------


def test_the_fixture_loads_beside_the_test_and_once(pytester):
    named = "given file\ngiven path\ngiven text\nx ~ uniform(0, file + path + text)\n"
    write(pytester, sub__space="given n = 2\nx ~ uniform(0, n)\n", sub__named=named)
    (pytester.path / "sub" / "test_it.py").write_text(
        "def test_load(hp_space):\n"
        "    assert hp_space('space.hp').sample(seed=0)['x'] <= 2\n"
        "    assert hp_space('space.hp') is hp_space('space.hp')\n"
        "    assert hp_space('space.hp', n=9) is not hp_space('space.hp')\n"
        "    assert max(hp_space('space.hp', n=9).sample(50).columns['x']) > 2\n"
        "    assert hp_space('named.hp', file=3, path=4, text=5).sample(seed=0)['x'] <= 12\n"
    )
    pytester.runpytest_inprocess("sub/test_it.py").assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ("None", "*hp_space takes the path of a .hp file, not None"),
        ("'missing.hp'", "*hp_space: there is no file *missing.hp; .hp files in its folder: bad.hp, space.hp"),
        ("'bad.hp'", "*hp_space: error?HP024?: unknown prior `unifrom`"),
        ("'space.hp', m=3", "*hp_space: *space.hp has no input `m`; its inputs are: n"),
    ],
)
def test_the_fixture_fails_in_words(pytester, call, message):
    write(pytester, space="given n = 2\nx ~ uniform(0, n)\n", bad="x ~ unifrom(0, 1)\n")
    pytester.makepyfile(f"def test_load(hp_space):\n    hp_space({call})\n")
    result = pytester.runpytest_inprocess("-k", "test_load")
    result.assert_outcomes(failed=1, deselected=len(LAWS) + 2)
    result.stdout.fnmatch_lines([message])
    assert "Traceback" not in result.stdout.str()


def test_check_space_fails_with_its_report_alone(pytester):
    pytester.makepyfile(
        "from hpdsl.testing import check_space, configs\n\n\n"
        "def test_claim():\n    check_space('x ~ uniform(0, 1)\\nassert x < 0.5\\n')\n\n\n"
        "def test_name():\n    check_space('space.hp')\n\n\n"
        "def test_text():\n    configs('x ~ unifrom(0, 1)')\n"
    )
    result = pytester.runpytest_inprocess()
    result.assert_outcomes(failed=3)
    result.stdout.fnmatch_lines(
        [
            "*false when x = 0.5*",
            "*write check_space(hpdsl.load('space.hp'))*",
            "*error?HP024?: unknown prior `unifrom`*",
        ]
    )
    assert ".py:5: BrokenPromiseError" in result.stdout.str()
    assert "hpdsl/testing" not in result.stdout.str()


# ---- what it costs those who don't use it ------------------------------------------------------------


def test_the_plugin_is_light():
    code = (
        "import sys, hpdsl.testing.plugin\n"
        "heavy = {'numpy', 'scipy', 'numba', 'hypothesis', 'lark', 'hpdsl.space', 'hpdsl.compiler'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
