"""Which executor runs when, and the warm-up."""

import os

import numpy as np
import pytest
from kernels.tables import NO_ROWS, NONE, Case, bits, program

from hpdsl.kernels import cache, engine, interpreter, twin, warm

KEYS = np.array([[3, 4]], np.uint32)
DRAW = program(("draw", 0), ("store",))


@pytest.fixture(autouse=True, scope="module")
def compiled():
    """Compile, or load, before the cache is moved."""
    interpreter.compile_all()


@pytest.fixture(autouse=True)
def fresh(tmp_path, monkeypatch):
    """An engine that has done nothing yet and an empty cache; no process is started."""
    monkeypatch.setenv("HPDSL_CACHE_DIR", str(tmp_path))
    monkeypatch.delenv("HPDSL_JIT", raising=False)
    monkeypatch.delenv("NUMBA_DISABLE_JIT", raising=False)
    monkeypatch.setattr(engine, "_native", None)
    monkeypatch.setattr(engine, "_spent", 0.0)
    monkeypatch.setattr(engine, "_requested", False)
    monkeypatch.setattr(engine.subprocess, "Popen", Started)
    Started.commands = []


class Started:
    """Stands for a child process that has ended."""

    commands: list

    def __init__(self, command, **options):
        self.commands.append((command, options))

    def wait(self):
        return 0


def draw(n):
    M = np.empty((1, n))
    engine.run(DRAW, np.empty(0), np.empty(0), KEYS, 1, 1, 0, NO_ROWS, NO_ROWS, NONE, NONE, M)
    return M


def run(case):
    data = (case.code, case.consts, case.tables, case.keys, case.registers, case.regions, case.start)
    M = case.M.copy()
    engine.run(*data, case.rows, case.attempts, case.U, case.G, M)
    return bits(M)


@pytest.mark.parametrize("n", [1, 8, 9, 300])
def test_the_choice_is_never_visible(n, monkeypatch):
    for seed in range(12):
        case = Case(seed, n)
        monkeypatch.setenv("HPDSL_JIT", "0")
        cold = run(case)
        monkeypatch.setenv("HPDSL_JIT", "1")
        np.testing.assert_array_equal(cold, run(case))
        monkeypatch.delenv("HPDSL_JIT")
        np.testing.assert_array_equal(cold, run(case))


def test_zero_lanes_are_no_work():
    assert draw(0).shape == (1, 0)


def test_small_work_stays_cold_even_with_a_full_cache(monkeypatch):
    cache.mark_complete()
    monkeypatch.setattr(engine, "_load", lambda: pytest.fail("loaded the kernels for a few lanes"))
    draw(100)


def test_large_work_loads_the_kernels_if_they_are_there(monkeypatch):
    loaded = []
    monkeypatch.setattr(engine, "_load", lambda: loaded.append(1) or twin.execute)
    monkeypatch.setattr(engine, "_PER_LANE", 1e-3)
    monkeypatch.setattr(engine, "_COMPILE_AFTER", 1e9)
    draw(1000)
    assert not loaded
    cache.mark_complete()
    draw(1000)
    assert loaded


def test_much_cold_work_starts_one_warm_up(monkeypatch):
    monkeypatch.setattr(engine, "_PER_LANE", 1e-3)
    for _ in range(3):
        draw(1000)
    assert len(Started.commands) == 1
    command, options = Started.commands[0]
    assert command[-2:] == ["-m", "hpdsl.kernels.warm"]
    assert options["start_new_session"]


def test_no_warm_up_when_numpy_is_asked_for(monkeypatch):
    monkeypatch.setenv("HPDSL_JIT", "0")
    monkeypatch.setattr(engine, "_PER_LANE", 1e-3)
    draw(1000)
    engine.start_warmup()
    assert Started.commands == []


def test_long_work_changes_over_when_the_kernels_appear(monkeypatch):
    monkeypatch.setattr(engine, "_SLICE", 100)
    monkeypatch.setattr(engine, "_PER_LANE", 1.0)
    calls = []
    monkeypatch.setattr(engine.cache, "is_complete", lambda: len(calls) > 2 or calls.append(1))
    monkeypatch.setattr(engine, "_load", lambda: twin.execute)
    expected = np.empty((1, 1000))
    twin.execute(DRAW, np.empty(0), np.empty(0), KEYS, 1, 1, 0, NO_ROWS, NO_ROWS, NONE, NONE, expected, 0, 1000)
    np.testing.assert_array_equal(draw(1000), expected)
    assert len(calls) == 3


def test_threads_change_nothing(monkeypatch):
    n = 2 * engine._THREADED + 12345
    monkeypatch.setenv("HPDSL_JIT", "1")
    monkeypatch.setenv("HPDSL_THREADS", "1")
    alone = draw(n)
    monkeypatch.setenv("HPDSL_THREADS", "3")
    np.testing.assert_array_equal(alone, draw(n))


def test_compiled_code_takes_read_only_and_strided_arrays(monkeypatch):
    case = Case(3, 20)
    expected = run(case)
    monkeypatch.setenv("HPDSL_JIT", "1")
    case.code.setflags(write=False)
    case.tables = np.repeat(case.tables, 2)[::2]
    case.keys = case.keys.astype(np.int64)
    np.testing.assert_array_equal(expected, run(case))
    case.M = np.asfortranarray(case.M)
    with pytest.raises(TypeError, match="C-contiguous"):
        engine.run(
            case.code, case.consts, case.tables, case.keys, case.registers, case.regions, 0,
            NO_ROWS, NO_ROWS, case.U, case.G, case.M,
        )  # fmt: skip


def test_warmup_runs_the_jobs_it_finds_and_notes_the_end(monkeypatch):
    monkeypatch.setattr(engine, "JOBS", ("hpdsl.kernels.no_such_kernels:compile_all", "gc:isenabled"))
    assert not engine.warm()
    engine.warmup()
    assert engine.warm()
    assert engine.wait_until_warm(0.0, notice=pytest.fail)


def test_warmup_does_not_hide_a_missing_library(monkeypatch):
    def fail(name):
        raise ModuleNotFoundError("No module named 'numba'", name="numba")

    monkeypatch.setattr(engine, "import_module", fail)
    with pytest.raises(ModuleNotFoundError, match="numba"):
        engine.warmup()


def test_waiting_tells_why_and_gives_up():
    told = []
    assert not engine.wait_until_warm(0.0, told.append)
    assert len(told) == 1
    assert "compiling" in told[0]
    assert len(Started.commands) == 1


def test_the_warm_up_process_works_alone(monkeypatch):
    done = []
    monkeypatch.setattr(os, "nice", lambda step: step, raising=False)
    monkeypatch.setattr(engine, "warmup", lambda: done.append(1))
    assert cache.claim()
    warm.main()
    assert not done
    cache.release()
    warm.main()
    assert done
    assert cache.claim()
