"""Measures lines and branches with SlipCover in the processes that run the tests, from before anything is imported.

Python imports this module whenever it starts, if its folder is in PYTHONPATH. The pytest plugin of hpdsl is imported
before any plugin that could measure it, and pytest would load hpdsl's modules itself, to rewrite their assertions:
therefore modules are measured where Python looks for them. What tests start in turn is not measured: an import with
measurement takes two seconds.
"""

import os
import sys

FOLDER = "COVERAGE_FOLDER"
MEASURED = ("hpdsl", "backends", "grammar")
# Nothing but what is compiled to machine code.
OMITTED = (
    "*/kernels/interpreter.py",
    "*/kernels/loops.py",
    "*/kernels/jit.py",
    "*/bayes/kernels.py",
    "*/bayes/routines.py",
)

# Overloads and protocols, and what is never executed.
EXCLUDED = [r"^\s*if TYPE_CHECKING:", r"\.\.\.$", "raise NotImplementedError"]


def runs_tests():
    """Whether this process is a worker of pytest-xdist, which is told by its parent what to run."""
    return any("sys.stdin.readline" in word for word in sys.orig_argv)


def unmeasured(function):
    """The function as its source has it, which Numba can read; measured ones call out."""
    from functools import partial
    from types import FunctionType

    code = function.__code__
    plain = _codes(code.co_filename).get((code.co_qualname, code.co_firstlineno))
    if plain is None or plain.co_freevars != code.co_freevars:
        return function
    same = partial(FunctionType, plain, function.__globals__, function.__name__, function.__defaults__)
    result = same(function.__closure__)
    result.__kwdefaults__ = function.__kwdefaults__
    result.__module__, result.__qualname__ = function.__module__, function.__qualname__
    return result


_KNOWN = {}


def _codes(path):
    """Every code object of a file by name and line."""
    if path not in _KNOWN:
        found = _KNOWN[path] = {}
        with open(path, "rb") as file:
            left = [compile(file.read(), path, "exec")]
        while left:
            code = left.pop()
            found[code.co_qualname, code.co_firstlineno] = code
            left += [c for c in code.co_consts if isinstance(c, type(code))]
    return _KNOWN[path]


def measure(folder):
    """Begin; the function that writes down what was reached, as a JSON file in a folder, which is empty until then."""
    import json
    from importlib.machinery import PathFinder, SourceFileLoader
    from pathlib import Path

    from slipcover import FileMatcher, Slipcover
    from slipcover.importer import SlipcoverLoader

    root = Path(__file__).resolve().parents[2]
    sources, omitted = [str(root / name) for name in MEASURED], list(OMITTED)
    measured = Slipcover(branch=True, source=sources, omit=omitted, exclude_also=EXCLUDED)
    matcher = FileMatcher(sources, omitted)
    look_up = PathFinder.find_spec

    def find_spec(cls, name, path=None, target=None):
        spec = look_up(name, path, target)
        if spec is not None and isinstance(spec.loader, SourceFileLoader):
            if name == "hpdsl.kernels.jit":
                spec.loader = _HandingOver(spec.loader)
            elif matcher.matches(spec.origin):
                spec.loader = SlipcoverLoader(measured, spec.loader, spec.origin)
        return spec

    PathFinder.find_spec = classmethod(find_spec)

    path = Path(folder, f"{os.getpid()}.json")
    path.touch()
    return lambda: path.write_text(json.dumps(measured.get_coverage()))


class _HandingOver:
    """Gives what the decorators of a module compile to Numba unmeasured.

    It is no `SourceFileLoader`: of these pytest would load the module itself, to rewrite its assertions.
    """

    def __init__(self, loader):
        self.loader = loader

    def create_module(self, spec):
        return self.loader.create_module(spec)

    def exec_module(self, module):
        self.loader.exec_module(module)
        njit = module._njit
        module._njit = lambda **options: lambda function: njit(**options)(unmeasured(function))


# Called by tests/conftest.py: once a worker has ended its session it is soon killed.
write_coverage = measure(os.environ.pop(FOLDER)) if FOLDER in os.environ and runs_tests() else None
