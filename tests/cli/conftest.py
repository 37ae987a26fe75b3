"""A folder with a space, an objective and a program."""

import pytest
from cli.helpers import OBJECTIVE, SCRIPT, SPACE


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "space.hp").write_text(SPACE)
    (tmp_path / "objective.py").write_text(OBJECTIVE)
    (tmp_path / "script.py").write_text(SCRIPT)
    return tmp_path
