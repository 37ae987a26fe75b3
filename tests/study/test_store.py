import hashlib
import math
import os
import random
import sqlite3
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from study.helpers import SPEC, loss, summary

import hpdsl
from hpdsl.study import owner
from hpdsl.study.store import Store

ROOT = Path(__file__).parent.parent.parent


def tune(path, objective=loss, space=SPEC, **changes):
    arguments = {"backend": "random", "trials": 3, "store": path, **changes}
    return hpdsl.tune(objective, space, **arguments)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "study.db"


@pytest.fixture
def finished(path):
    tune(path)
    return path


def contents(folder):
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in folder.iterdir() if p.is_file()}


def refused(call, *words):
    with pytest.raises(hpdsl.StoreError) as caught:
        call()
    text = str(caught.value)
    assert "\n" not in text
    for word in words:
        assert word in text, text
    return text


# ---- round trips -----------------------------------------------------------------------------------


def test_what_is_stored_comes_back(path):
    returned = iter([1.5, math.nan, math.inf, -math.inf, {"loss": 0.1 + 0.2, "spread": math.nan}, None])
    study = tune(path, lambda config: next(returned), trials=6)
    again = hpdsl.open_study(path)
    assert [repr(t) for t in again.trials] == [repr(t) for t in study.trials]
    assert [repr(t.value) for t in again.trials] == ["1.5", "nan", "inf", "-inf", repr(0.1 + 0.2), "None"]
    assert [t.state for t in again.trials] == ["complete", "failed", "failed", "failed", "complete", "failed"]
    assert math.isnan(again.trials[4].outcomes["spread"])
    assert (again.seed, again.backend, again.objective.name) == (0, "random", "loss")
    assert again.space.study_id == study.space.study_id
    assert again.best_value == 0.1 + 0.2


def test_a_finished_study_is_one_file(finished):
    assert [p.name for p in finished.parent.iterdir()] == ["study.db"]


def test_reading_changes_nothing(finished):
    before = contents(finished.parent)
    hpdsl.open_study(finished)
    assert contents(finished.parent) == before


def test_reading_while_it_runs(path):
    seen = []
    tune(path, on_trial=lambda study, trial: seen.append(len(hpdsl.open_study(path).trials)))
    assert seen == [1, 2, 3]


def test_reading_in_a_read_only_folder(finished, monkeypatch):
    if os.geteuid() == 0:
        # Nothing is read-only to the superuser, so the modes that need files beside the store are made to fail.
        from hpdsl.study import schema, store

        def connect(path, mode):
            return schema.connect(path if mode == "immutable" else path / "missing", mode)

        monkeypatch.setattr(store, "connect", connect)
    else:
        finished.chmod(0o400)
        finished.parent.chmod(0o500)
    try:
        assert len(hpdsl.open_study(finished).trials) == 3
    finally:
        finished.parent.chmod(0o700)


# ---- other files -----------------------------------------------------------------------------------


def foreign(path):
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE trials (number INTEGER)")
    connection.close()


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda p: p.write_bytes(random.Random(0).randbytes(5000)), ["no SQLite file"]),
        (lambda p: p.write_bytes(b"SQLite format 3\0"), ["no SQLite file"]),
        (lambda p: p.write_text("x ~ uniform(0, 1)\n"), ["no SQLite file"]),
        (foreign, ["another program"]),
        (lambda p: p.mkdir(), ["folder"]),
        (os.mkfifo, ["no ordinary file"]),
    ],
    ids=["random", "stump", "text", "foreign", "folder", "pipe"],
)
def test_what_is_no_study_is_refused_and_left_alone(path, make, words):
    make(path)
    before = contents(path.parent)
    refused(lambda: tune(path), str(path), *words)
    refused(lambda: hpdsl.open_study(path), str(path), *words)
    assert contents(path.parent) == before


def test_missing_and_empty_files(path):
    refused(lambda: hpdsl.open_study(path), "no such file")
    assert not path.exists()
    path.touch()
    refused(lambda: hpdsl.open_study(path), "empty")
    assert len(tune(path).trials) == 3  # an empty file is where a store may begin


def test_folders_that_do_not_do(tmp_path):
    refused(lambda: tune(tmp_path / "none" / "study.db"), "there is no folder")
    if os.geteuid():
        tmp_path.chmod(0o500)
        refused(lambda: tune(tmp_path / "study.db"), "read-only")
        tmp_path.chmod(0o700)
    elif Path("/proc").is_dir():
        refused(lambda: tune("/proc/study.db"), "/proc/study.db")


def test_read_only_file(finished, monkeypatch):
    allowed = os.access
    monkeypatch.setattr(os, "access", lambda p, mode: mode != os.W_OK and allowed(p, mode))
    refused(lambda: tune(finished, trials=4), "the file is read-only")


def alter(path, *statements):
    connection = sqlite3.connect(path, isolation_level=None)
    for statement in statements:
        connection.execute(statement)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def test_newer_tables_are_refused(finished):
    alter(finished, "PRAGMA user_version = 7")
    words = ("newer hpdsl", "version 7", "upgrade")
    refused(lambda: hpdsl.open_study(finished), *words)
    refused(lambda: tune(finished), *words)


def test_newer_version_in_the_table_is_refused(finished):
    alter(finished, "UPDATE meta SET value = '8' WHERE key = 'schema'")
    refused(lambda: hpdsl.open_study(finished), "newer hpdsl", "version 8")


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM meta WHERE key = 'seed'",
        "UPDATE meta SET value = 'many' WHERE key = 'seed'",
        "UPDATE meta SET value = '[]' WHERE key = 'options'",
        "DELETE FROM trials WHERE number = 1",
        "UPDATE trials SET state = 'happy' WHERE number = 1",
        "UPDATE trials SET config = '{\"x\": ' WHERE number = 1",
        "UPDATE trials SET config = '[1]' WHERE number = 1",
        "UPDATE trials SET config = x'80ff' WHERE number = 1",
        "UPDATE trials SET config = CAST(x'80ff' AS TEXT) WHERE number = 1",
        "UPDATE trials SET value = 'good' WHERE number = 1",
        "UPDATE trials SET outcomes = '{\"loss\": [1]}' WHERE number = 1",
        "UPDATE trials SET started = 'noon' WHERE number = 1",
        "DROP TABLE trials",
        "CREATE TRIGGER t AFTER INSERT ON trials BEGIN DELETE FROM trials; END",
        "CREATE VIEW v AS SELECT 1",
        "ALTER TABLE trials DROP COLUMN reason",
        "PRAGMA user_version = 0",
    ],
)
def test_nonsense_inside_is_damage(finished, statement):
    alter(finished, statement)
    refused(lambda: hpdsl.open_study(finished), "damaged")
    refused(lambda: tune(finished, trials=5), "damaged")


def test_a_trial_of_another_space_is_damage(finished):
    alter(finished, """UPDATE trials SET config = '{"x": 5.0}' WHERE number = 1""")
    refused(lambda: tune(finished, trials=5), "damaged", "trial 1")


def test_torn_and_flipped_files_never_crash(path):
    tune(path, trials=20)
    whole = path.read_bytes()
    chance = random.Random(1)
    for k in range(60):
        data = bytearray(whole)
        if k % 2:
            data = data[: chance.randrange(1, len(data))]
        else:
            for _ in range(chance.randrange(1, 200)):
                data[chance.randrange(100, len(data))] = chance.randrange(256)
        path.write_bytes(data)
        with suppress(hpdsl.StoreError):  # and nothing else is raised
            hpdsl.open_study(path)


# ---- other studies ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"seed": 4}, ["its seed is 0, not 4"]),
        ({"backend": "grid"}, ["its backend is random, not grid"]),
        ({"space": SPEC.replace("-1, 1", "-1, 2")}, ["stored is `x ~ uniform(-1, 1)`, now `x ~ uniform(-1, 2)`"]),
        ({"space": SPEC.replace("minimize", "maximize")}, ["objective", "`minimize loss`", "`maximize loss`"]),
        ({"space": SPEC + "try { x = 0.5 }\n"}, ["`try { x = 0.5 }` is new"]),
        ({"space": SPEC + "y ~ uniform(0, 1)\n", "seed": 1}, ["`y ~ uniform(0, 1)` is new", "its seed is 0, not 1"]),
    ],
)
def test_another_study_is_refused_with_both_values(finished, changes, words):
    before = contents(finished.parent)
    refused(lambda: tune(finished, **changes), "holds another study", "name another store", *words)
    assert contents(finished.parent) == before


def test_another_option_is_refused(path):
    tune(path, backend="grid", levels=2)
    refused(lambda: tune(path, backend="grid", levels=3), "its backend option levels is 2, not 3")
    refused(lambda: tune(path, backend="grid"), "its backend option levels is 2, not 5")


def test_comments_and_order_make_no_other_study(finished):
    first, *rest = SPEC.splitlines()
    assert len(tune(finished, space="# the same\n" + "\n".join([*rest, first]), trials=5).trials) == 5


# ---- one at a time ---------------------------------------------------------------------------------


def test_a_study_is_run_by_one_process(path):
    def inner(config):
        refused(lambda: tune(path), "is being run by process", str(os.getpid()))
        return 1.0

    assert tune(path, inner).best_value == 1.0


def test_a_living_process_is_respected_and_a_dead_one_is_not(finished):
    other = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        mark = owner.mine() | {"pid": str(other.pid), "start": owner._start(other.pid)}
        assert owner.lives(mark, str(finished))
        text = str(mark).replace("'", '"')
        alter(finished, f"INSERT INTO meta VALUES ('runner', '{text}')")
        refused(lambda: tune(finished, trials=4), f"process {other.pid}")
    finally:
        other.kill()
        other.communicate()
    assert not owner.lives(mark, str(finished))
    assert len(tune(finished, trials=4).trials) == 4
    assert not owner.lives(mark | {"host": "elsewhere"}, "")
    assert not owner.lives(mark | {"pid": "9" * 30}, "")
    assert not owner.lives({}, "")


def test_a_trial_taken_over_is_not_overwritten(path):
    def objective(config):
        alter(path, "UPDATE trials SET state = 'complete', value = '7.0' WHERE number = 0")
        return 1.0

    refused(lambda: tune(path, objective), "trial 0", "another process")
    assert hpdsl.open_study(path).trials[0].value == 7.0


def test_simultaneous_first_starts_on_an_absent_file(path):
    code = (
        "import sys, hpdsl\n"
        "try:\n"
        f"    hpdsl.tune(lambda c: c['x'], {SPEC!r}, backend='random', trials=2, store={str(path)!r})\n"
        "except hpdsl.StoreError as error:\n"
        "    assert 'is being run by process' in str(error), error\n"
    )
    running = [subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stderr=subprocess.PIPE) for _ in range(4)]
    for process in running:
        assert process.communicate()[1] == b""
        assert process.returncode == 0
    assert len(hpdsl.open_study(path).trials) == 2


def test_memory_stores_leave_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    study = hpdsl.tune(loss, SPEC, backend="random", trials=3)
    assert study.path is None
    assert summary(study) == summary(tune(":memory:"))
    assert [p.name for p in tmp_path.iterdir()] == [":memory:"]  # a name like any other


def test_store_is_closed_twice_without_harm(finished):
    store = Store.open(finished)
    assert len(store.trials()) == 3
    store.close()
    store.close()
