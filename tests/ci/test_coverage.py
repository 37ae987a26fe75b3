"""The measurement of coverage in .ci: what is reported, where it fails, and what Numba is given."""

import importlib.util
import json
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / ".ci"


def script(name):
    spec = importlib.util.spec_from_file_location(f"ci_{Path(name).name}", FOLDER / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def measured(tmp_path):
    """What two workers wrote: together 5 of 6 lines and 2 of 4 branches of one module, and all of another."""

    def write(name, **files):
        meta = {"software": "slipcover", "branch_coverage": True, "show_contexts": False}
        keys = ("executed_lines", "missing_lines", "executed_branches", "missing_branches")
        entries = {f"{n}.py": dict(zip(keys, entry, strict=True)) for n, entry in files.items()}
        (tmp_path / name).write_text(json.dumps({"meta": meta, "files": entries}))

    write("1.json", a=([1, 2, 3], [4, 5, 6], [[2, 3]], [[2, 4], [5, 6], [5, 0]]), b=([1], [2], [], []))
    write("2.json", a=([1, 2, 4, 5], [3, 6], [[2, 4]], [[2, 3], [5, 6], [5, 0]]), b=([2], [1], [], []))
    return tmp_path


def test_workers_are_added_up_and_what_is_missing_is_named(measured, capsys):
    assert script("coverage_report").main(measured, 60) == 0
    out = capsys.readouterr().out
    assert "2 modules, 1 of them below 90 %" in out
    assert "   70 %  a.py: 6, 5->exit\n" in out
    assert "reached: 87.5 % of lines, 50.0 % of branches, 75.0 % of both" in out


def test_it_fails_below_the_bar(measured, capsys):
    assert script("coverage_report").main(measured, 80) == 1
    assert "(at least 80)" in capsys.readouterr().out


def test_it_fails_where_nothing_was_measured(tmp_path, capsys):
    assert script("coverage_report").main(tmp_path, 0) == 1
    assert capsys.readouterr().out == "nothing was measured\n"


def test_it_fails_where_a_worker_wrote_nothing_down(measured, capsys):
    (measured / "3.json").touch()
    assert script("coverage_report").main(measured, 0) == 1
    assert capsys.readouterr().out == "a worker did not write down what it reached\n"


def test_numba_is_given_functions_as_they_are_written(tmp_path):
    slipcover = pytest.importorskip("slipcover")
    path = tmp_path / "module.py"
    path.write_text("def outer(b):\n    def inner(x, y=2, *, z=3):\n        return x + y + z + b\n    return inner\n")
    names = {}
    exec(slipcover.Slipcover().instrument(compile(path.read_text(), str(path), "exec")), names)
    measured = names["outer"](10)
    plain = script("coverage/sitecustomize").unmeasured(measured)
    assert "__slipcover__" in measured.__code__.co_consts
    assert "__slipcover__" not in plain.__code__.co_consts
    assert plain(1) == measured(1) == 16
    assert plain(1, 1, z=1) == 13


def test_pytest_does_not_load_the_decorators_itself(tmp_path):
    """It would for every `SourceFileLoader`, and Numba would be given measured functions where nothing is cached."""
    from importlib.machinery import ModuleSpec, SourceFileLoader

    path = tmp_path / "decorators.py"
    path.write_text("def _njit(**options):\n    return lambda function: (options, function)\n")
    loader = script("coverage/sitecustomize")._HandingOver(SourceFileLoader("decorators", str(path)))
    assert not isinstance(loader, SourceFileLoader)
    module = importlib.util.module_from_spec(ModuleSpec("decorators", loader, origin=str(path)))
    loader.exec_module(module)
    options, function = module._njit(cache=True)(script)
    assert options == {"cache": True}
    assert (function.__name__, function("coverage_report").__name__) == ("script", "ci_coverage_report")
