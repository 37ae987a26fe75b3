"""The saved parse tables are those of the grammar, and other tables are left aside."""

import json
import os
import subprocess
import sys

import pytest

from hpdsl.source import Source
from hpdsl.syntax import tables
from hpdsl.syntax.parser import parse

SAVED = tables._file("hpdsl.json")


def test_saved_tables_equal_those_of_the_grammar():
    assert json.loads(SAVED.read_text("utf-8")) == tables.dump(tables.build()), (
        "hpdsl.lark changed: run python -m hpdsl.syntax.tables"
    )


def test_tables_do_not_depend_on_the_hash_seed():
    code = "import json; from hpdsl.syntax import tables; print(json.dumps(tables.dump(tables.build())))"
    env = {**os.environ, "PYTHONHASHSEED": "77", "PYTHONPATH": os.pathsep.join(sys.path)}
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=env, check=True)
    assert json.loads(out.stdout) == json.loads(SAVED.read_text("utf-8"))


@pytest.fixture
def fresh():
    tables.language.cache_clear()
    yield
    tables.language.cache_clear()


@pytest.mark.parametrize("damage", [{"lark": "0.0.1"}, {"data": {}}, {"memo": {"x": 1}}])
@pytest.mark.usefixtures("fresh")
def test_tables_that_do_not_fit_are_replaced_by_the_grammar(damage, monkeypatch):
    saved = json.loads(SAVED.read_text("utf-8")) | damage
    with pytest.raises((ValueError, LookupError, TypeError, AttributeError)):
        tables.load(json.loads(json.dumps(saved)))
    monkeypatch.setattr(tables, "load", lambda _, load=tables.load: load(json.loads(json.dumps(saved))))
    file, found = parse(Source("t.hp", "x ~ int uniform(1, 3) default 2"))
    assert len(file.sentences) == 1
    assert not found


def test_loaded_tables_parse_as_built_ones():
    text = "x ~ choice(a: 2, int uniform(1, 3)) default a\nrequire x in [a, 1] => not y if z else 2 ** -1 < 3"
    loaded = parse(Source("t.hp", text))
    built = tables.build()
    assert loaded[1] == ()
    lexer = built.parser.lexer
    assert lexer.vocabulary.keywords == tables.language().parser.lexer.vocabulary.keywords
    assert lexer._pattern == tables.language().parser.lexer._pattern
