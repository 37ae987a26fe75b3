"""Texts from strangers: every bound has a diagnostic of its own, and nothing but diagnostics comes out."""

import os

import pytest

import hpdsl
from hpdsl.compiler import check_text
from hpdsl.source import Source

MANY = 100_000
# Texts, and the code of the first finding; none where they are legal.
CASES = {
    "operands": ("x ~ uniform(0, 1)\ny = " + " + ".join(["x"] * MANY) + "\n", "HP018"),
    "exponents": ("x ~ uniform(0, 9**9**9)\n", "HP027"),
    "huge power": ("y = 2 ** (10 ** 9)\n", "HP027"),
    "huge integers": ("z ~ int uniform(1, 10**400)\n", "HP027"),
    "huge literal": ("z ~ uniform(0, 1e999)\n", "HP005"),
    "integers beyond 2**53": ("z ~ int uniform(0, 2**60)\n", "HP026"),
    "brackets": ("x = " + "(" * 5000 + "1" + ")" * 5000 + "\n", "HP017"),
    "signs": ("x = " + "-" * 20_000 + "1\n", "HP017"),
    "blocks": ("a ~ bool()\n" + "when a { " * 500 + "x ~ bool()" + " }" * 500 + "\n", "HP017"),
    "groups": ("g { " * 500 + "x ~ bool()" + " }" * 500 + "\n", "HP017"),
    "choices": ("x ~ choice(" + ", ".join(f"a{i}" for i in range(12_000)) + ")\n", "HP045"),
    "a million choices": ("x ~ choice(" + "a, " * 300_000 + "b)\n", "HP018"),
    "branches": ("x ~ choice {\n" + "\n".join(f"a{i} {{ y ~ bool() }}" for i in range(15_000)) + "\n}\n", "HP018"),
    "array length": ("x[1000000000] ~ uniform(0, 1)\n", "HP045"),
    "arrays of arrays": ("a[100] { b[100] { c[100] { x ~ uniform(0, 1) } } }\n", "HP045"),
    "parameters": ("".join(f"x{i} ~ bool()\n" for i in range(6_000)), "HP045"),
    "sentences": ("x = 1\n" * 30_000, "HP018"),
    "characters": ("# " + "x" * (1 << 20) + "\n", "HP018"),
    "subset": ("p ~ subset(" + ", ".join(f"a{i}" for i in range(500)) + ")\n", "HP045"),
    "permutation": ("p ~ permutation(" + ", ".join(f"a{i}" for i in range(100)) + ")\n", "HP045"),
    "weights": ("p[500] ~ dirichlet(1)\n", "HP045"),
    "pairs": ("x[200] ~ int uniform(1, 300)\nrequire distinct(x)\n", "HP045"),
    "chains": ("x ~ uniform(0, 1)\nrequire " + " < ".join(["x"] * 5_000) + "\n", "HP045"),
    "computed indices": ("x[1000] ~ uniform(0, 1)\nk ~ int uniform(0, 999)\ny[100] = x[k] + index\n", "HP045"),
    "doubling templates": (
        "space a0 { x ~ bool() }\n"
        + "".join(f"space a{i + 1} {{ l {{ use a{i} }}; r {{ use a{i} }} }}\n" for i in range(40))
        + "use a40\n",
        "HP050",
    ),
    "NUL": ("x ~ uniform(0, 1)\0\n", "HP002"),
    "BOM, CRLF and tabs": ("\ufeffx ~ uniform(0, 1)\r\n\ty ~ bool()\r\n", None),
    "many guarded sentences": (
        "a ~ bool()\n" + "".join(f"when a {{ x{i} ~ uniform(0, 1); require x{i} < 0.9 }}\n" for i in range(300)),
        "HP047",
    ),
    "a long subset that is constrained": (
        "p ~ subset(" + ", ".join(f"a{i}" for i in range(200)) + ", size = 2 .. 150)\nrequire len(p) > 3\n",
        None,
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_every_bound_is_named(name):
    text, code = CASES[name]
    found = check_text(Source("t.hp", text))
    assert [d.code for d in found[:1]] == ([code] if code else [])
    assert all(d.help for d in found)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "tree").mkdir()
    (tmp_path / "outside.hp").write_text("x ~ bool()\n")
    return tmp_path / "tree"


IMPORTS = {
    "outside the tree": '"../outside.hp"',
    "absolute": '"/etc/passwd"',
    "missing": '"missing.hp"',
    "a folder": '"."',
    "itself": '"main.hp"',
    "through a link": '"link.hp"',
    "bytes that are no text": '"bytes.hp"',
    "a network address": '"http://example.org/x.hp"',
    "a NUL": '"a\\0b.hp"',
    "too long": '"' + "d/" * 5000 + 'x.hp"',
}


@pytest.mark.parametrize("name", IMPORTS)
def test_imports_stay_inside_and_are_named(name, folder):
    (folder / "bytes.hp").write_bytes(b"x ~ \xff\xfe\n")
    os.symlink("../outside.hp", folder / "link.hp")
    main = folder / "main.hp"
    main.write_text(f"import {IMPORTS[name]} as other\nuse other\n")
    with pytest.raises(hpdsl.SpecError) as caught:
        hpdsl.load(main)
    assert {d.code for d in caught.value.diagnostics if d.severity == "error"} <= {"HP051", "HP050", "HP003"}


def test_import_chains_end(folder):
    for k in range(100):
        (folder / f"f{k}.hp").write_text(f'import "f{k + 1}.hp" as n\nuse n\n')
    (folder / "f100.hp").write_text("x ~ bool()\n")
    with pytest.raises(hpdsl.SpecError, match="HP051"):
        hpdsl.load(folder / "f0.hp")


def test_circles_of_imports_are_named(folder):
    (folder / "a.hp").write_text('import "b.hp" as b\nuse b\nx ~ bool()\n')
    (folder / "b.hp").write_text('import "a.hp" as a\nuse a\n')
    with pytest.raises(hpdsl.SpecError, match="HP051"):
        hpdsl.load(folder / "a.hp")
