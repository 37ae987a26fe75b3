import json
import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from study.helpers import SPEC

import hpdsl
from hpdsl.study import process
from hpdsl.study.command import Command
from hpdsl.study.template import fill, read_template, text_of
from hpdsl.study.trial import OUTPUT_LIMIT, TrialFailure

SPACE = hpdsl.loads(SPEC)
WITH_DEPTH = {"x": 0.25, "k": "a", "depth": 3, "twice": 0.5}
WITHOUT = {"x": -0.25, "k": "b", "twice": -0.5}
ECHO = [sys.executable, "-S", "-c", "import json, sys; print(json.dumps({'loss': 1, 'argv': sys.argv[1:]}))"]


def braces(argv):
    return [a.replace("{", "{{").replace("}", "}}") for a in argv]


def sh(script):
    return Command(["sh", "-c", script.replace("{", "{{").replace("}", "}}")], SPACE)


def failure(command, config=WITHOUT):
    with pytest.raises(TrialFailure) as caught:
        command(config)
    return caught.value


# ---- templates -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("template", "config", "argv"),
    [
        (["--x", "{x}"], WITHOUT, ["--x", "-0.25"]),
        (["--x={x}"], WITHOUT, ["--x=-0.25"]),
        (["{k}-{x}.txt"], WITHOUT, ["b--0.25.txt"]),
        (["{twice}"], WITHOUT, ["-0.5"]),
        (["{{{k}}}", "{{x}}"], WITHOUT, ["{b}", "{x}"]),
        (["--depth", "{depth}", "--x"], WITH_DEPTH, ["--depth", "3", "--x"]),
        (["--depth", "{depth}", "--x"], WITHOUT, ["--x"]),
        (["-d", "{depth}"], WITHOUT, []),
        (["--fast", "--depth={depth}"], WITHOUT, ["--fast"]),
        (["--mode=fast", "{depth}"], WITHOUT, ["--mode=fast"]),
        (["--", "{depth}"], WITHOUT, ["--"]),
        (["-5", "{depth}"], WITHOUT, ["-5"]),
        (["--out", "{k}/{depth}"], WITHOUT, []),
        (["--k", "{k}", "{depth}"], WITHOUT, ["--k", "b"]),
        (["{depth}", "{depth}"], WITHOUT, []),
        (["a", "{args}", "b"], WITH_DEPTH, ["a", "--x=0.25", "--k=a", "--depth=3", "b"]),
        (["{args}"], WITHOUT, ["--x=-0.25", "--k=b"]),
        (["--flag", "{args}"], WITHOUT, ["--flag", "--x=-0.25", "--k=b"]),
        (["", "{x}"], WITHOUT, ["", "-0.25"]),
    ],
)
def test_templates_are_filled(template, config, argv):
    assert Command(["prog", *template], SPACE).argv(config) == ["prog", *argv]


@pytest.mark.parametrize(
    ("template", "words"),
    [
        (["prog", "{dpeth}"], ["{dpeth}", "did you mean {depth}?", "{x}", "{k}", "{twice}", "{args}"]),
        (["prog", "{}"], ["{} in '{}'"]),
        (["prog", "{ x }"], ["{ x }", "did you mean {x}?"]),
        (["prog", "a{args}"], ["must be one of its own"]),
        (["prog", "{x"], ["lone `{`", "`{{`"]),
        (["prog", "x}"], ["lone `}`"]),
        (["{args}"], ["begins with a program"]),
        ([""], ["no command"]),
        ([], ["no command"]),
        ("prog {x}", ["list of arguments"]),
        (["prog", 3], ["list of arguments"]),
    ],
)
def test_templates_that_no_configuration_fills_are_refused(template, words):
    with pytest.raises(hpdsl.UsageError) as caught:
        Command(template, SPACE)
    for word in words:
        assert word in str(caught.value)


def test_names_leave_branches_out():
    space = hpdsl.loads("optim ~ choice { adamw { decay ~ uniform(0, 1) } lion { beta ~ uniform(0, 1) } }\n")
    command = Command(["prog", "--decay", "{optim.decay}", "--beta", "{optim.beta}", "{args}"], space)
    assert command.argv({"optim": "adamw", "optim.decay": 0.5}) == [
        "prog", "--decay", "0.5", "--optim=adamw", "--optim.decay=0.5",
    ]  # fmt: skip
    with pytest.raises(hpdsl.UsageError, match=r"did you mean \{optim.decay\}"):
        Command(["prog", "{optim.adamw.decay}"], space)


def test_several_objectives_come_as_a_json_object():
    space = hpdsl.loads(SPEC + "minimize time\n")
    command = Command([sys.executable, "-c", "import json; print(json.dumps(dict(loss=1, time=2.5)))"], space)
    assert command({}) == {"loss": 1, "time": 2.5}
    with pytest.raises(hpdsl.UnknownNameError, match=r"a single number; .*: return {.loss.: …, .time.: …}"):
        Command([sys.executable, "-c", "print(3)"], space)({})


@pytest.mark.parametrize(
    ("value", "text"),
    [(1e-05, "1e-05"), (0.1 + 0.2, "0.30000000000000004"), (True, "true"), (False, "false"), (None, "none"),
     (7, "7"), ("$(rm -rf /)", "$(rm -rf /)"), (1.0, "1.0"), (["a", 1], '["a",1]')],
)  # fmt: skip
def test_values_as_text(value, text):
    assert text_of(value) == text


ANY_TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=30)
NASTY = ANY_TEXT | st.sampled_from(
    [
        "; rm -rf /",
        "$(id)",
        "`id`",
        "a b",
        "'",
        '"',
        "\\",
        "*",
        "~",
        "{x}",
        "{{",
        "|",
        "&&",
        "\n",
        "",
        "-x",
        "%PATH%",
        "!!",
    ]
)


@given(NASTY)
def test_a_value_is_one_argument_whatever_is_in_it(value):
    elements = read_template(["prog", "{v}", "--v={v}", "a{v}b{v}"], ["v"])
    assert fill(elements, {"v": value}, ["v"]) == ["prog", value, f"--v={value}", f"a{value}b{value}"]


@given(st.lists(NASTY, min_size=1, max_size=5))
def test_a_template_without_names_is_passed_on_as_it_is(texts):
    assert fill(read_template(["prog", *braces(texts)], ["v"]), {}, ["v"]) == ["prog", *texts]


@settings(max_examples=15)
@given(st.lists(NASTY, min_size=1, max_size=5))
def test_programs_receive_exactly_these_arguments(values):
    argv = [*ECHO, *values]
    printed = json.loads(process.run(argv, os.environ).stdout)
    assert printed["argv"] == values


# ---- outcomes --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("script", "result"),
    [
        ("echo 0.5", 0.5),
        ("echo epoch 1; echo 1e-3; echo; echo '  '", 1e-3),
        ("printf 3", 3.0),
        ("printf '1\\r\\n'", 1.0),
        ('echo \'{"loss": 2, "ms": 7}\'', {"loss": 2, "ms": 7}),
        ("echo 4; echo noise >&2", 4.0),
        ("cat; echo 5", 5.0),  # there is nothing to read
        ('test "$HPDSL_CONFIG" = \'{"x":-0.25,"k":"b","twice":-0.5}\' && echo 6', 6.0),
    ],
)
def test_the_last_line_is_the_outcome(script, result):
    assert sh(script)(WITHOUT) == result


@pytest.mark.parametrize(
    ("script", "reason", "output"),
    [
        ("echo out; echo why >&2; exit 3", "exit status 3", "--- stdout ---\nout\n--- stderr ---\nwhy"),
        ("kill -9 $$", "killed by SIGKILL", ""),
        ("kill -SEGV $$", "killed by SIGSEGV", ""),
        ("true", "printed nothing; its last line must be the value", ""),
        ("echo done", "its last line is neither a number nor a JSON object: 'done'", "--- stdout ---\ndone"),
        ("echo '[1]'", "its last line is neither a number nor a JSON object: '[1]'", "--- stdout ---\n[1]"),
        ("echo nan", "returned NaN", "--- stdout ---\nnan"),
        ("echo '{\"loss\": -Infinity}'", "returned loss = -infinity", '--- stdout ---\n{"loss": -Infinity}'),
        (
            "printf '\\377\\n'",
            "its last line is neither a number nor a JSON object: '\ufffd'",
            "--- stdout ---\n\ufffd",
        ),
    ],
)
def test_everything_else_is_a_failure_with_its_output(script, reason, output):
    found = failure(sh(script))
    assert (found.reason, found.output) == (reason, output)


def test_outcomes_of_other_names_are_no_failure_of_one_trial():
    with pytest.raises(hpdsl.UnknownNameError, match=r"returned ms, but no `loss`; the space says .*JSON"):
        sh("echo '{\"ms\": 1}'")({})


def test_programs_that_can_not_be_started(tmp_path):
    assert failure(Command(["no-such-program-here"], SPACE)).reason == "no program 'no-such-program-here' is found"
    plain = tmp_path / "plain"
    plain.write_text("echo 1\n")
    assert "can't be started" in failure(Command([str(plain)], SPACE)).reason
    assert "can't be started" in failure(Command(["echo", "{k}"], SPACE), {"k": "a\0b"}).reason
    assert "can't be started" in failure(Command(["echo", "{k}"], SPACE), {"k": "x" * 3_000_000}).reason
    assert "inactive" in failure(Command(["./{depth}"], SPACE)).reason


def test_a_study_records_what_a_command_reports():
    study = hpdsl.tune(sh('echo \'{"loss": "NaN", "ms": 3}\'; exit 0'), SPACE, backend="random", trials=1)
    assert study.trials[0].reason == "returned loss = 'NaN', a str, not a number"
    assert study.trials[0].outcomes == {"ms": 3.0}
    study = hpdsl.tune(sh("echo 'inf'; echo trouble >&2"), SPACE, backend="random", trials=1)
    assert (study.trials[0].value, study.trials[0].reason) == (float("inf"), "returned infinity")
    assert "trouble" in study.trials[0].output


def test_much_output_is_cut_at_its_beginning():
    command = sh("head -c 30000000 /dev/zero | tr '\\0' 'e' >&2; head -c 300000 /dev/zero | tr '\\0' 'o'; echo; echo 1")
    assert command(WITHOUT) == 1.0
    much = "head -c 300000 /dev/zero | tr '\\0'"
    found = failure(sh(f"{much} 'e' >&2; echo the end >&2; {much} 'o'; exit 1"))
    assert len(found.output.encode()) <= OUTPUT_LIMIT
    assert found.output.endswith("eeethe end")
    assert "ooo\n--- stderr ---\n…" in found.output
    assert "longer than 64 KiB" in failure(sh("head -c 300000 /dev/zero | tr '\\0' '1'")).reason


# ---- processes -------------------------------------------------------------------------------------


def ends(pid):
    """Whether a process ends within a while."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([handle], [], [], 10)[0])
    finally:
        os.close(handle)


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="waits for processes that are no children")
def test_children_that_hold_the_output_are_ended(tmp_path, monkeypatch):
    monkeypatch.setattr(process, "LINGER", 0.1)
    note = tmp_path / "pid"
    assert sh(f"sleep 600 & echo $! > {note}; echo 1")(WITHOUT) == 1.0
    assert ends(int(note.read_text()))


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="waits for processes that are no children")
@pytest.mark.parametrize("trap", ["", "trap '' TERM; "], ids=["willing", "stubborn"])
def test_an_interrupt_ends_the_whole_group(tmp_path, trap):
    """In a process of its own: the interrupt must reach the wait, and the trial must be waiting afterwards."""
    pipe, store = tmp_path / "pipe", tmp_path / "study.db"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    script = f"{trap}sleep 600 & echo $! > {pipe}; while true; do sleep 600; done"
    code = (
        "import hpdsl\nfrom hpdsl.study import process\nfrom hpdsl.study.command import Command\n"
        f"process.GRACE = 0.2\nspace = hpdsl.loads({SPEC!r})\ncommand = Command(['sh', '-c', {script!r}], space)\n"
        f"hpdsl.tune(command, space, backend='random', trials=2, store={str(store)!r})\n"
    )
    root = Path(__file__).parent.parent.parent
    running = subprocess.Popen([sys.executable, "-c", code], cwd=root, stderr=subprocess.PIPE, text=True)
    try:
        assert select.select([reader], [], [], 60)[0]
        child = int(os.read(reader, 100))
        running.send_signal(signal.SIGINT)
        assert "KeyboardInterrupt" in running.communicate(timeout=30)[1]
        assert ends(child)
    finally:
        os.close(reader)
        running.kill()
        running.communicate()
    assert [t.state for t in hpdsl.open_study(store).trials] == ["waiting"]
