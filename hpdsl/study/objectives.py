"""Objectives named on a command line: "file.py:function" and "module:function"."""

from __future__ import annotations

import importlib
import importlib.util
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from hpdsl.diagnostics import suggest
from hpdsl.errors import UsageError
from hpdsl.study.evaluate import reason_of


def load_function(name: str) -> Callable[..., Any]:
    """The function a name stands for; raises `UsageError` that says what is wrong with the name or the file.

    The folder of a file (for a module: the current folder) becomes importable, as when Python runs it.
    """
    home, colon, attribute = name.rpartition(":")
    if not colon or not home or not attribute:
        raise UsageError(f"{name!r} names no function; write file.py:function or module:function")
    is_file = home.endswith(".py") or "/" in home or "\\" in home
    module = _from_file(Path(home)) if is_file else _from_module(home)
    return _function(module, home, attribute)


def _from_file(path: Path) -> ModuleType:
    if path.is_dir():
        raise UsageError(f"{path} is a folder; name a Python file in it")
    if not path.is_file():
        raise UsageError(f"{path}: no such file")
    path = path.resolve()
    if path.suffix != ".py":
        raise UsageError(f"{path} is no Python file; its name must end in .py")
    _importable(path.parent)
    # Under its own name, so that what it pickles can be found again; unless that is taken, as by json.py.
    name = path.stem if path.stem not in sys.modules else f"hpdsl_objective_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    before = sys.modules.get(name)
    sys.modules[name] = module
    try:
        with _import_errors(str(path)):
            spec.loader.exec_module(module)
    except UsageError:
        del sys.modules[name]
        if before is not None:
            sys.modules[name] = before
        raise
    return module


def _from_module(name: str) -> ModuleType:
    _importable(Path.cwd())
    if not all(part.isidentifier() for part in name.split(".")):
        raise UsageError(f"{name!r} is neither a module's name nor a Python file's (those end in .py)")
    with _import_errors(name):
        try:
            return importlib.import_module(name)
        except ModuleNotFoundError as error:
            if error.name is None or not (name == error.name or name.startswith(f"{error.name}.")):
                raise
            hint = f"; write {name}.py:… for the file" if Path(f"{name}.py").is_file() else ""
            raise UsageError(f"there is no module {error.name}{hint}; is it installed, or in this folder?") from None


def _importable(folder: Path) -> None:
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))


@contextmanager
def _import_errors(name: str) -> Iterator[None]:
    """Report what the user's code raises while it is imported, with the user's lines only."""
    try:
        yield
    except UsageError:
        raise
    except (Exception, SystemExit) as error:
        raise UsageError(f"{name} can't be imported; it {reason_of(error)}\n{_users_lines(error)}".rstrip()) from None


def _users_lines(error: BaseException) -> str:
    package = str(Path(__file__).parent)
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if not frame.filename.startswith((package, "<frozen importlib"))
        and "importlib" not in Path(frame.filename).parts
    ]
    lines = traceback.format_list(traceback.StackSummary.from_list(frames))
    if isinstance(error, SyntaxError):
        lines += traceback.format_exception_only(type(error), error)
    return "".join(lines)


def _function(module: ModuleType, home: str, attribute: str) -> Callable[..., Any]:
    found: Any = module
    for part in attribute.split("."):
        if not hasattr(found, part):
            raise UsageError(f"{home} has no {attribute!r}; {_what_there_is(found, part)}")
        found = getattr(found, part)
    if not callable(found):
        raise UsageError(f"{attribute!r} in {home} is {type(found).__name__!r}, not a function of one configuration")
    function: Callable[..., Any] = found
    return function


def _what_there_is(holder: Any, wanted: str) -> str:
    """The functions a module defines itself, or where it defines none, whatever it has."""
    own = getattr(holder, "__name__", "")
    names = [n for n, v in vars(holder).items() if callable(v) and not n.startswith("_")]
    defined = [n for n in names if getattr(getattr(holder, n), "__module__", own) == own]
    known = defined or names
    if not known:
        return "it defines no functions"
    near = suggest(wanted, known)
    listed = ", ".join(known[:12]) + (", …" if len(known) > 12 else "")
    return f"did you mean {near!r}? it has {listed}" if near else f"it has {listed}"
