import sys

import pytest

import hpdsl
from hpdsl.study.objectives import load_function


@pytest.fixture(autouse=True)
def untouched(monkeypatch):
    """Imports of one test are unknown to the next."""
    monkeypatch.setattr(sys, "path", list(sys.path))
    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:
        del sys.modules[name]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    return tmp_path


def refused(name, *words):
    with pytest.raises(hpdsl.UsageError) as caught:
        load_function(name)
    for word in words:
        assert word in str(caught.value), str(caught.value)
    return str(caught.value)


def test_a_function_in_a_file_with_a_neighbour(folder):
    (folder / "neighbour_of_train.py").write_text("STEP = 3\n")
    file = folder / "train_it.py"
    file.write_text(
        "from dataclasses import dataclass\nfrom neighbour_of_train import STEP\n"
        "@dataclass\nclass Run:\n    step: int = STEP\n    def __call__(self, config): return self.step\n"
        "def objective(config):\n    return config['x'] + STEP\nrun = Run()\n"
    )
    assert load_function(f"{file}:objective")({"x": 1}) == 4
    assert load_function(f"{file}:run")({}) == 3


def test_a_function_in_a_module(folder, monkeypatch):
    (folder / "package_of_mine").mkdir()
    (folder / "package_of_mine" / "part.py").write_text("class A:\n    @staticmethod\n    def f(c): return 2\n")
    monkeypatch.chdir(folder)
    assert load_function("package_of_mine.part:A.f")({}) == 2
    assert load_function("math:sqrt")(4) == 2


def test_a_file_named_like_a_module_replaces_nothing(folder):
    import json

    (folder / "json.py").write_text("def f(c): return 5\n")
    assert load_function(f"{folder / 'json.py'}:f")({}) == 5
    assert sys.modules["json"] is json


@pytest.mark.parametrize("name", ["train.py", "train", "train.py:", ":f", ""])
def test_no_function_is_named(name):
    refused(name, "file.py:function or module:function")


def test_files_that_do_not_do(folder):
    refused(f"{folder}/none.py:f", "no such file")
    refused(f"{folder}:f", "is a folder")
    (folder / "train.sh").write_text("exit 1\n")
    refused(f"{folder}/train.sh:f", "no Python file")


def test_modules_that_do_not_do(folder, monkeypatch):
    monkeypatch.chdir(folder)
    refused("no_module_like_this:f", "no module no_module_like_this")
    refused("no module:f", "neither a module's name nor a Python file's")
    (folder / "here_it_is.py").write_text("import not_installed_at_all\n")
    refused("here_it_is.sub:f", "raised ModuleNotFoundError", "not_installed_at_all", "here_it_is.py", "line 1")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("def f(:\n", ["SyntaxError", "line 1"]),
        ("def g():\n    raise ValueError('boom')\ng()\n", ["raised ValueError: boom", "line 3", "in g"]),
        ("import sys\nsys.exit(3)\n", ["raised SystemExit: 3", "line 2"]),
        ("import not_installed_at_all\n", ["ModuleNotFoundError", "not_installed_at_all", "line 1"]),
    ],
)
def test_errors_while_importing_show_the_users_lines(folder, text, words):
    file = folder / "bad_objective.py"
    file.write_text(text)
    message = refused(f"{file}:f", str(file), "can't be imported", *words)
    assert "importlib" not in message
    assert "hpdsl/study" not in message
    assert "bad_objective" not in sys.modules


def test_functions_that_are_not_there(folder):
    file = folder / "objectives_of_mine.py"
    file.write_text("from os.path import join\nLIMIT = 3\ndef objective(c): ...\ndef other(c): ...\n")
    refused(f"{file}:objectiv", "did you mean 'objective'?", "it has objective, other")
    refused(f"{file}:LIMIT", "'int', not a function")
    refused(f"{file}:objective.inner", "has no 'objective.inner'")
    (folder / "empty_of_mine.py").write_text("")
    refused(f"{folder / 'empty_of_mine.py'}:f", "it defines no functions")
