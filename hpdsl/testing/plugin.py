"""The pytest plugin: .hp files as test files, each law and each `assert` a test; the fixture `hp_space`.

Every run of pytest loads this module, so it imports what it needs where it needs it.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from hpdsl.assignments import pairs
from hpdsl.errors import UsageError
from hpdsl.testing.arguments import TRIES, count_of

if TYPE_CHECKING:
    from _pytest._code.code import ReprExceptionInfo

    from hpdsl.source import Source
    from hpdsl.space import Space
    from hpdsl.testing.promises import Promises

MARKERS = (
    "hp: whatever is collected from a .hp file",
    "hp_law: a law that every space must obey",
    "hp_assert: an `assert` of a .hp file",
)
# The test that a file compiles; the only one of a file that does not.
CHECK = "check"
_GIVEN = pytest.StashKey[dict[str, object]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--hp-examples`, `--hp-seed`, `--hp-given`, and `hp_collect` for configuration files."""
    group = parser.getgroup("hpdsl", "hyperparameter spaces (.hp files)")
    group.addoption(
        "--hp-examples",
        type=int,
        default=TRIES,
        metavar="N",
        help=f"random configurations for each law and each assert (default: {TRIES})",
    )
    group.addoption("--hp-seed", type=int, default=0, metavar="N", help="seed of the configurations (default: 0)")
    group.addoption(
        "--hp-given",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="a value for the `given` input of that name, in every file that has it",
    )
    parser.addini(
        "hp_collect",
        "collect the .hp files in directories (those named on the command line always are)",
        type="bool",
        default=True,
    )


def pytest_configure(config: pytest.Config) -> None:
    """Register the markers, and refuse options that make no sense."""
    for marker in MARKERS:
        config.addinivalue_line("markers", marker)
    try:
        count_of("--hp-examples", config.getoption("hp_examples"))
        config.stash[_GIVEN] = pairs(config.getoption("hp_given"), "--hp-given")
    except UsageError as error:
        raise pytest.UsageError(str(error)) from None


def pytest_collection_modifyitems(session: pytest.Session, config: pytest.Config) -> None:
    """Refuse values for inputs that no file has."""
    files = {item.parent for item in session.items if isinstance(item, _Item)}
    if not files:  # the value may stand in the configuration file, for other runs
        return
    known = sorted({name for file in files for name in file.inputs})
    for name in config.stash[_GIVEN]:
        if name not in known:
            raise pytest.UsageError(
                f"--hp-given: no file has an input `{name}`; inputs are: {', '.join(known) or 'none'}"
            )


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> HpFile | None:
    """Take .hp files: those asked for by name, and those of directories that no other one imports."""
    if file_path.suffix != ".hp":
        return None
    wanted = parent.session.isinitpath(file_path) or (
        parent.config.getini("hp_collect") and not _imported(file_path, parent.config)
    )
    return HpFile.from_parent(parent, path=file_path) if wanted else None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Say of what is skipped where its file is, not where this module is."""
    report = yield
    if isinstance(item, _Item) and report.skipped and isinstance(report.longrepr, tuple):
        path, line, _ = item.reportinfo()
        report.longrepr = (str(path), line + 1, report.longrepr[2])
    return report


# ---- what is collected ------------------------------------------------------------------------------


class HpFile(pytest.File):
    """A .hp file."""

    def collect(self) -> Iterable[pytest.Item]:
        """The test that it compiles, and where it does one for each law and each `assert`."""
        yield Check.from_parent(self, name=CHECK)
        if not self.open and not self.wrong:
            promises = self.promises
            for name in promises.names:
                yield Promise.from_parent(self, name=name)

    @cached_property
    def inputs(self) -> dict[str, bool]:
        """The `given` inputs of the file, and whether it has a value for them; none where it can't be read."""
        from hpdsl.errors import HpdslError
        from hpdsl.syntax import nodes
        from hpdsl.syntax.parser import parse

        try:
            sentences = parse(self.source)[0].sentences
        except HpdslError:
            return {}
        return {s.name: s.value is not None for s in sentences if isinstance(s, nodes.Given)}

    @cached_property
    def given(self) -> dict[str, object]:
        """The values from the command line that are for this file."""
        return {name: value for name, value in self.config.stash[_GIVEN].items() if name in self.inputs}

    @cached_property
    def open(self) -> str:
        """Why the file is not tested, although nothing is wrong with it: an input has no value. Else empty."""
        from hpdsl.errors import HpdslError, SpecError
        from hpdsl.semantics.report import GIVEN

        missing = [name for name, filled in self.inputs.items() if not filled and name not in self.given]
        try:
            _ = self.promises if missing else None
        except SpecError as error:
            wrong = [d for d in error.diagnostics if d.severity == "error"]
            if len(wrong) <= len(missing) and all(d.code == GIVEN for d in wrong):
                named = ", ".join(f"`{name}`" for name in missing)
                options = " ".join(f"--hp-given {name}=…" for name in missing)
                return f"no value for {named}: run pytest with {options}, or write `given {missing[0]} = …` in the file"
        except HpdslError:
            pass
        return ""

    @cached_property
    def wrong(self) -> str:
        """Why the file can't be tested, in the words of its diagnostics; empty where it can."""
        from hpdsl.errors import HpdslError

        try:
            _ = self.promises
        except HpdslError as error:
            return str(error)
        return ""

    @cached_property
    def promises(self) -> Promises:
        """What the space promises."""
        from hpdsl.compiler import Compilation
        from hpdsl.testing.promises import Promises

        space = Compilation(self.source, self.path.parent, self.given, defer=True).space
        return Promises(space, self.config.getoption("hp_examples"), self.config.getoption("hp_seed"))

    @cached_property
    def source(self) -> Source:
        """The text, named as the user reaches it."""
        from dataclasses import replace

        from hpdsl.compiler import read

        here = self.config.invocation_params.dir
        name = self.path.relative_to(here) if self.path.is_relative_to(here) else self.path
        return replace(read(self.path), name=str(name))


class _Item(pytest.Item):
    """A test of a .hp file; it fails by `BrokenError`."""

    parent: HpFile

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where it stands: the first line of the file, unless it has one of its own."""
        return self.path, 0, f"{self.parent.name}::{self.name}"

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """A report as it stands; of anything else, a bug in hpdsl, the traceback."""
        if isinstance(excinfo.value, BrokenError):
            path, line, _ = self.reportinfo()
            return _failure(excinfo.value, path, line + 1)
        return super().repr_failure(excinfo, style)


class Check(_Item):
    """That a file has no errors."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.add_marker("hp")

    def runtest(self) -> None:
        """Fail with the diagnostics of the file; keep its warnings for those who ask (`-rA`)."""
        if self.parent.open:
            pytest.skip(self.parent.open)
        if self.parent.wrong:
            raise BrokenError(self.parent.wrong, self.parent.wrong.splitlines()[0])
        from hpdsl.diagnostics import render

        if self.parent.promises.space.warnings:
            self.add_report_section("call", "warnings", render(self.parent.promises.space.warnings))


class Promise(_Item):
    """A law, or an `assert`."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.add_marker("hp")
        self.add_marker("hp_assert" if self.name in self.parent.promises.claims else "hp_law")

    def runtest(self) -> None:
        """Examine it."""
        verdict = self.parent.promises.verdict(self.name)
        self.user_properties.append(("verdict", verdict.detail))
        if verdict.failed:
            raise BrokenError(verdict.report or verdict.detail, verdict.detail)
        if verdict.outcome == "skipped":
            pytest.skip(verdict.detail)

    def reportinfo(self) -> tuple[Path, int, str]:
        """The line of an `assert`, the first of the file for a law."""
        place = self.parent.promises.place(self.name)
        line = place[0].position(place[1].start)[0] if place and place[0].name == self.parent.source.name else 1
        return self.path, line - 1, f"{self.parent.name}::{self.name}"


class BrokenError(Exception):
    """A promise is broken: `report` says how, `brief` on one line."""

    def __init__(self, report: str, brief: str) -> None:
        super().__init__(brief)
        self.report = report
        self.brief = brief


def _failure(error: BrokenError, path: Path, line: int) -> ReprExceptionInfo:
    """A report as pytest's own, which alone reaches the summary from another process (pytest-xdist)."""
    # They have no public name; pytest's collectors are given this type to return all the same.
    from _pytest._code.code import ReprEntryNative, ReprExceptionInfo, ReprFileLocation, ReprTraceback

    entry = ReprEntryNative(f"{error.report}\n".splitlines(keepends=True))
    return ReprExceptionInfo(
        ReprTraceback([entry], extraline=None, style="native"), ReprFileLocation(str(path), line, error.brief)
    )


# ---- files that belong to others --------------------------------------------------------------------

_IMPORTS = pytest.StashKey[dict[Path, frozenset[Path]]]()


def _imported(path: Path, config: pytest.Config) -> bool:
    """Whether another .hp file imports this one. Imports lead downwards: who does is above it."""
    known = config.stash.setdefault(_IMPORTS, {})
    inside = [f for f in path.parents if f == config.rootpath or f.is_relative_to(config.rootpath)]
    for folder in inside or [path.parent]:
        for other in sorted(folder.glob("*.hp")):
            if other not in known:
                known[other] = _imports(other)
            if other != path and path.resolve() in known[other]:
                return True
    return False


def _imports(path: Path) -> frozenset[Path]:
    """The files that a file imports; none where it can't be read."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, ValueError):
        return frozenset()
    if "import" not in text:
        return frozenset()
    from hpdsl.source import Source
    from hpdsl.syntax import nodes
    from hpdsl.syntax.parser import parse

    sentences = parse(Source(path.name, text))[0].sentences
    try:
        return frozenset((path.parent / s.file).resolve() for s in sentences if isinstance(s, nodes.Import))
    except (OSError, RuntimeError, ValueError):  # no path at all, which the check of that file will say
        return frozenset()


# ---- spaces for tests in Python ---------------------------------------------------------------------

_SPACES = pytest.StashKey[dict[tuple[Path, str], "Space"]]()


@pytest.fixture
def hp_space(request: pytest.FixtureRequest) -> Callable[..., Space]:
    """A function from the path of a .hp file, relative to the test's own, to its space; as `hpdsl.load`.

    Keyword arguments fill its `given` inputs. A file is compiled once for the same inputs.
    """
    folder = request.path.parent
    known = request.config.stash.setdefault(_SPACES, {})

    def load(file: str | Path, /, **given: object) -> Space:
        """The space in a .hp file."""
        __tracebackhide__ = True
        import hpdsl

        if not isinstance(file, (str, Path)):
            pytest.fail(f"hp_space takes the path of a .hp file, not {file!r:.60}", pytrace=False)
        path = folder / file
        if not path.is_file():
            near = ", ".join(sorted(p.name for p in path.parent.glob("*.hp"))) or "none"
            pytest.fail(f"hp_space: there is no file {path}; .hp files in its folder: {near}", pytrace=False)
        key = path.resolve(), repr(sorted(given.items()))
        if key not in known:
            wrong = ""
            try:
                known[key] = hpdsl.load(path, **given)
            except hpdsl.HpdslError as error:
                wrong = str(error)
            # Not while the error is handled, or it would be shown twice.
            if wrong:
                pytest.fail(f"hp_space: {wrong}", pytrace=False)
        return known[key]

    return load
