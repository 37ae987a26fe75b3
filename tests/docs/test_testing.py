"""docs/testing.md does what it says: its files are written, its edits made, its commands print what it shows.

Run with HPDSL_GOLDEN=1 to write the table of laws anew.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from docs.console import Shell, blocks, commands, edited, matches

from hpdsl.testing.laws import LAWS

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "testing.md"


def test_the_page_runs(tmp_path):
    shell = Shell(tmp_path)
    entered = 0
    for language, name, body in blocks(PAGE.read_text()):
        if language == "diff":
            (tmp_path / name).write_text(edited((tmp_path / name).read_text(), body))
        elif name:
            (tmp_path / name).write_text(body)
        elif language == "console":
            for command in commands(body):
                printed = shell.enter(command.line)
                assert matches(command.shown, printed), f"$ {command.line}\n{printed}"
                entered += 1
    assert entered > 8


def test_what_is_shown_is_compared():
    assert matches(["a", "…", "b … d"], "a\nx\ny\nb c d\n")
    assert matches(["a", "…", "b"], "a\nb\n")
    assert not matches(["a", "…", "b"], "a\nx\n")
    assert not matches(["a"], "a\nb\n")
    with pytest.raises(AssertionError):
        edited("x\n", "-y\n+z\n")


def test_every_law_is_listed():
    page = PAGE.read_text()
    rows = "".join(f"| `{law.name}` | {law.says} |\n" for law in LAWS)
    found = re.search(r"<!-- laws -->\n\| law .*?\n\|---\|---\|\n(.*?)<!-- end -->", page, flags=re.DOTALL)
    assert found is not None
    if os.environ.get("HPDSL_GOLDEN"):
        PAGE.write_text(page[: found.start(1)] + rows + page[found.end(1) :])
    else:
        assert found.group(1) == rows


def test_links_lead_somewhere():
    page = PAGE.read_text()
    headings = {h.lower().replace(" ", "-") for h in re.findall(r"^#+ (.*)$", page, re.MULTILINE)}
    for target in re.findall(r"\]\(#([^)]*)\)", page):
        assert target in headings, target


# ---- the hooks ---------------------------------------------------------------------------------------

HOOKS = {hook["id"]: hook for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())}


def hook(name, *files):
    """The entry of a hook, run as pre-commit does: its words, then the files."""
    words = HOOKS[name]["entry"].split()
    assert words[0] == "hpdsl"
    command = [sys.executable, "-m", "hpdsl", *words[1:], *map(str, files)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_page_and_the_definition_name_the_same_hooks():
    (config,) = [yaml.safe_load(body) for language, name, body in blocks(PAGE.read_text()) if language == "yaml"]
    assert [h["id"] for repo in config["repos"] for h in repo["hooks"]] == list(HOOKS)
    for definition in HOOKS.values():
        assert {"id", "name", "entry", "language", "files"} <= definition.keys()
        assert re.search(definition["files"], "spaces/tokens.hp")
        assert not re.search(definition["files"], "spaces/tokens.hpp")


def test_the_check_hook(tmp_path):
    good, bad = tmp_path / "good.hp", tmp_path / "bad.hp"
    good.write_text("x ~ uniform(0, 1)\n")
    bad.write_text("x ~ unifrom(0, 1)\n")
    assert hook("hpdsl-check", good).returncode == 0
    result = hook("hpdsl-check", good, bad)
    assert result.returncode == 1
    assert "HP024" in result.stdout


def test_the_fmt_hook_rewrites(tmp_path):
    path = tmp_path / "space.hp"
    path.write_text("x~uniform( 0,1 )\n")
    assert hook("hpdsl-fmt", path).returncode == 0
    assert path.read_text() == "x ~ uniform(0, 1)\n"


def test_the_tool_itself_takes_the_definition():
    manifest = pytest.importorskip("pre_commit.clientlib", reason="pre-commit is not installed")
    assert len(manifest.load_manifest(str(ROOT / ".pre-commit-hooks.yaml"))) == len(HOOKS)
