"""Tries changes in forks of one process that has imported and collected everything, so that one takes seconds.

A change inside a function replaces the function's code in the fork, and only tests that reach the line run, quick ones
first. What is executed when a module is imported (tables, defaults of arguments) can't be replaced so: pytest runs anew
on the changed file.
"""

import functools
import gc
import json
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import CodeType, FunctionType

ENVIRONMENT = {
    **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1"),
    # Compiled code would not notice.
    "HPDSL_JIT": "0",
    "NUMBA_DISABLE_JIT": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
}
QUIET = ["-q", "-x", "-p", "no:cacheprovider", "-p", "no:xdist", "-W", "ignore:overflow encountered:RuntimeWarning"]
# A change may make a loop collect without end.
MEMORY = 6 * 2**30


def start(folder, tests, modules, work, options):
    """Call work(trial) in a fork in which pytest has collected the tests of a copy of the repository."""
    process = os.fork()
    if process:
        return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    code = 1
    try:
        os.chdir(folder)
        sys.path.insert(0, folder)
        os.environ.update(ENVIRONMENT, PYTHONPATH=folder)
        import pytest

        loop = _Loop(Path(folder), tests, modules, work, options)
        code = int(pytest.main([*QUIET, "-s", *tests.split()], plugins=[loop]))
    finally:
        os._exit(code)


class _Loop:
    """The pytest plugin that hands the collected tests to a trial, where pytest would run them."""

    def __init__(self, *arguments):
        self.arguments = arguments

    def pytest_runtestloop(self, session):
        folder, tests, modules, work, options = self.arguments
        work(Trial(folder, tests, modules, session, options))
        return True


class Trial:
    """What tries changes, one after another."""

    def __init__(self, folder, tests, modules, session, options):
        self.folder, self.tests, self.options = folder, tests, options
        self.modules = {str(folder / m): m for m in modules}
        self.items = session.items
        self.reached, self.seconds = self._measured()

    def attempt(self, module, row, changed):
        """(noticed, in how much time or None where it took too long) for a changed text of a module that compiles."""
        path = self.folder / module
        before, after = (compile(text, str(path), "exec") for text in (path.read_text("utf-8"), changed))
        codes = _replaced(before, after)
        functions = [(f, new) for old, new in codes for f in _living(old)]
        if not functions:
            return self._anew(path, changed)
        chosen = self._chosen(module, row, codes[0][0])
        return _answer(lambda: self._run(functions, chosen), self.options.timeout)

    def _chosen(self, module, row, code):
        """Numbers of the tests that reach a line (or at least its function), within the time that is allowed."""
        rows = {row} if (module, row) in self.reached else {line for *_, line in code.co_lines() if line}
        numbers = {i for r in rows for i in self.reached.get((module, r), ())}
        chosen, total = [], 0.0
        for i in sorted(numbers, key=lambda i: self.seconds[i]):
            total += self.seconds[i]
            if total <= self.options.budget:
                chosen.append(i)
        return sorted(chosen, key=lambda i: (self.seconds[i] > 0.5, i))

    def _run(self, functions, chosen):
        for o in gc.get_objects():
            if isinstance(o, functools._lru_cache_wrapper) and o.__module__.startswith("hpdsl"):
                o.cache_clear()
        for f, code in functions:
            f.__code__ = code
        return any(self._fails(i, following) for i, following in zip(chosen, [*chosen[1:], None], strict=True))

    def _fails(self, i, following):
        item, then = self.items[i], None if following is None else self.items[following]
        found = []
        self._listen(item, found.append)
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=then)
        return any(report.failed for report in found)

    def _listen(self, item, hear):
        plugins = item.config.pluginmanager
        plugins.unregister(name="hearing")
        plugins.register(_Hearing(hear), name="hearing")

    def _anew(self, path, changed):
        original = path.read_text("utf-8")
        path.write_text(changed, "utf-8")
        command = [sys.executable, "-m", "pytest", *QUIET, *self.tests.split()[: self.options.anew]]
        started = time.monotonic()
        try:
            code = subprocess.run(command, capture_output=True, timeout=self.options.timeout, check=False).returncode
            return code != 0, time.monotonic() - started
        except subprocess.TimeoutExpired:
            return True, None
        finally:
            path.write_text(original, "utf-8")

    def _measured(self):
        """Numbers of the tests by (module, row) that they reach, and the seconds that each takes; found in a fork.

        A file that was kept says it of all but new tests.
        """
        kept = self.options.reached or self.folder / "reached.json"
        known = json.loads(kept.read_text("utf-8")) if kept.exists() else {}
        new = [i for i, item in enumerate(self.items) if item.nodeid not in known]

        def measure():
            for i in new:
                known[self.items[i].nodeid] = self._reach(i)
            kept.write_text(json.dumps(known), "utf-8")
            return False

        if new:
            _answer(measure, 0)
            known = json.loads(kept.read_text("utf-8"))
        reached, seconds = {}, []
        for i, item in enumerate(self.items):
            time_taken, rows = known[item.nodeid]
            seconds.append(time_taken)
            for module, numbers in rows.items():
                for row in numbers:
                    reached.setdefault((module, row), []).append(i)
        return reached, seconds

    def _reach(self, i):
        """(seconds, {module: rows}) of a test; no time is enough for one that fails already."""
        found = {}
        started = time.process_time()
        sys.settrace(_tracing(self.modules, found))
        try:
            failed = self._fails(i, None)
        finally:
            sys.settrace(None)
        if failed:
            print("fails unchanged:", self.items[i].nodeid, file=sys.stderr)
        return 1e9 if failed else time.process_time() - started, {m: sorted(rows) for m, rows in found.items()}


class _Hearing:
    def __init__(self, hear):
        self.hear = hear

    def pytest_runtest_logreport(self, report):
        self.hear(report)


def _tracing(modules, found):
    """A trace function that collects the rows of modules that are executed."""

    def line(frame, event, _):
        found.setdefault(modules[frame.f_code.co_filename], set()).add(frame.f_lineno)
        return line

    return lambda frame, event, _: line(frame, event, _) if frame.f_code.co_filename in modules else None


def _answer(question, timeout):
    """(question() in a fork, the seconds it took): an exception counts as true, as does an end by a signal."""
    started = time.monotonic()
    process = os.fork()
    if not process:
        code = 1
        try:
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            signal.alarm(int(timeout))
            if timeout:
                resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
                null = os.open(os.devnull, os.O_WRONLY)
                os.dup2(null, 1)
                os.dup2(null, 2)
            code = int(question())
        finally:
            os._exit(code)
    code = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    return code != 0, None if code == -signal.SIGALRM else time.monotonic() - started


def _replaced(before, after):
    """(old, new) codes of the function that changed and of those within it; empty if more than one function changed."""
    old = [c for c in before.co_consts if isinstance(c, CodeType)]
    new = [c for c in after.co_consts if isinstance(c, CodeType)]
    if len(old) != len(new) or _own(before) != _own(after):
        return []
    pairs = [(a, b) for a, b in zip(old, new, strict=True) if a != b]
    if len(pairs) != 1:
        return []
    ((a, b),) = pairs
    is_function = a.co_flags & 0x1  # CO_OPTIMIZED: the body of a class is not
    # What a function returned when it was imported is a function of its own.
    return [*([(a, b)] if is_function and a.co_freevars == b.co_freevars else []), *_replaced(a, b)]


def _living(code):
    """The functions that have this code; pytest may have rewritten the assertions in it."""
    found = [f for f in gc.get_objects() if isinstance(f, FunctionType) and _key(f.__code__) == _key(code)]
    return [f for f in found if f.__code__ == code] or [f for f in found if code.co_name != "<lambda>"]


def _key(code):
    return code.co_name, code.co_firstlineno, code.co_filename


def _own(code):
    """What a code does itself, without the functions it makes."""
    return code.co_code, code.co_names, [c for c in code.co_consts if not isinstance(c, CodeType)]
