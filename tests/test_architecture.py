"""The layout is what it says it is: one direction of imports, libraries where they belong, light start-up."""

import ast
import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# Stages in data-flow order; a module may import its own stage and earlier ones.
STAGES = """
source diagnostics errors assignments ops kernels terms intervals priors syntax semantics graph constraints program
configs frames grid explain diagram space diff compiler registry backends study plot interop testing pages cli __main__
"""
ORDER = STAGES.split()
# Reached through functions that run later, to close the circle between what is built and its builder.
LATE = {
    ("space", "compiler"),  # for types only
    ("configs", "frames"),
    ("compiler", "space"),
    ("explain", "space"),  # for types only
    ("diagram", "space"),  # likewise
    ("grid", "configs"),
}
LIBRARIES = {
    "lark": ("hpdsl/syntax",),
    "numba": ("hpdsl/kernels/jit.py",),
    "sqlalchemy": ("hpdsl/study",),
    "click": ("hpdsl/cli",),
    "rich": ("hpdsl/cli",),
    "matplotlib": ("hpdsl/plot",),
    "hypothesis": ("hpdsl/testing",),
    "pytest": ("hpdsl/testing",),
    "pandas": ("hpdsl/frames.py", "hpdsl/configs.py", "hpdsl/study"),  # configs: for types only
}


def modules():
    for folder in ("hpdsl", "backends", "grammar"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            relative = path.relative_to(ROOT)
            if relative.parts[:2] not in (("hpdsl", "backends"), ("hpdsl", "grammar")):
                yield relative


def stage(parts):
    if parts[0] == "backends":
        return "backends"
    if parts[0] == "grammar":
        return "syntax"
    return parts[1].removesuffix(".py") if len(parts) > 1 else "hpdsl"


def imported(path):
    for node in ast.walk(ast.parse((ROOT / path).read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


@pytest.mark.parametrize("path", list(modules()), ids=str)
def test_imports_go_one_way(path):
    here = stage(path.parts)
    if here == "__init__":
        return
    for name in imported(path):
        if not name.startswith("hpdsl."):
            continue
        there = "syntax" if name.startswith("hpdsl.grammar") else stage(tuple(name.split(".")))
        late = (here, there) in LATE
        assert late or ORDER.index(there) <= ORDER.index(here), f"{path} imports {name}, a later stage"


@pytest.mark.parametrize("path", list(modules()), ids=str)
def test_libraries_are_imported_where_they_belong(path):
    for name in imported(path):
        homes = LIBRARIES.get(name.split(".")[0])
        assert homes is None or str(path).startswith(homes), f"{path} imports {name}; its home is {homes}"


def test_every_package_is_listed():
    listed = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]
    folders = {"hpdsl." + ".".join(p.parent.parts) for p in modules() if p.parts[0] in ("backends", "grammar")}
    folders |= {".".join(p.parent.parts) for p in modules() if p.parts[0] == "hpdsl"}
    # Pages without code, which `hpdsl explain` shows.
    assert sorted(listed) == sorted({*folders, "hpdsl.docs"})


@pytest.mark.parametrize("folder", ["backends", "grammar"])
def test_root_folders_refuse_their_bare_names(folder):
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); import {folder}"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert result.returncode != 0
    assert f"import hpdsl.{folder}" in result.stderr


def loaded_by(code):
    code += "\nimport json, sys; print(json.dumps(sorted(m.split('.')[0] for m in sys.modules)))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    return set(json.loads(result.stdout.splitlines()[-1]))


def test_import_is_light():
    assert not loaded_by("import hpdsl") & {"numpy", "scipy", "numba", "lark", "click", "rich", "sqlalchemy"}


def test_checking_needs_no_arrays():
    code = (
        "from hpdsl.compiler import check_text\nfrom hpdsl.source import Source\n"
        "assert not check_text(Source('x', 'n ~ int uniform(1, 8) default 2\\nx ~ uniform(0, n)\\n'))"
    )
    assert not loaded_by(code) & {"numpy", "scipy", "numba", "rich", "sqlalchemy"}


def test_checking_requirements_needs_no_compiler():
    code = (
        "from hpdsl.compiler import check_text\nfrom hpdsl.source import Source\n"
        "assert not check_text(Source('x', 'n ~ int uniform(1, 8)\\nx ~ uniform(0, n)\\nrequire x < 5\\n'))"
    )
    assert not loaded_by(code) & {"numba", "rich", "sqlalchemy"}


def test_help_is_light():
    code = "from click.testing import CliRunner\nfrom hpdsl.cli import main\nCliRunner().invoke(main, ['--help'])"
    assert not loaded_by(code) & {"numpy", "scipy", "numba", "sqlalchemy"}
