"""Templates, imported files and inputs."""

import math

import pytest

import hpdsl

DENSE = """
space dense(units, act = relu) {
  size ~ int uniform(1, units)
  kind ~ choice(relu, gelu)
  extra ~ uniform(0, 1) when kind == act
}
"""


def test_a_template_is_filled_in_where_it_is_used():
    space = hpdsl.loads(DENSE + "a { use dense(4) }\nb { use dense(units = 9, act = gelu) }\n")
    assert space.names == ("a.size", "a.kind", "a.extra", "b.size", "b.kind", "b.extra")
    for config in space.sample(100, seed=0):
        assert config["a.size"] <= 4
        assert ("a.extra" in config) == (config["a.kind"] == "relu")
        assert ("b.extra" in config) == (config["b.kind"] == "gelu")


def test_a_block_after_use_replaces_sentences():
    space = hpdsl.loads(DENSE + 'use dense(4) { size ~ int uniform(7, 8); kind = "relu" }\n')
    config = space.sample(seed=0)
    assert config["size"] in (7, 8)
    assert set(config) == {"size", "kind", "extra"}


def test_arguments_belong_to_the_scope_that_uses():
    text = "space t(n) { k ~ int uniform(0, n) }\nn ~ int uniform(1, 2)\ng { n ~ int uniform(5, 6); use t(n + 10) }\n"
    assert all(c["g.k"] <= 16 for c in hpdsl.loads(text).sample(50, seed=0))
    inner = "space t(x) { y = x.a * 2 }\ntile[a, b] ~ int uniform(1, 3)\nuse t(tile)\n"
    config = hpdsl.loads(inner).sample(seed=0)
    assert config["y"] == 2 * config["tile.a"]


def test_templates_within_templates_and_index():
    text = "space op { op ~ choice(a, b) }\nspace cell { node[3] { use op; place = index } }\nx { use cell }\n"
    config = hpdsl.loads(text).sample(seed=0)
    assert [n["place"] for n in config["x.node"]] == [0, 1, 2]


# ---- files --------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "layers.hp").write_text(
        "given width = 8\nlimit = width * 2\nspace dense { size ~ int uniform(1, limit) }\n"
        "x ~ uniform(0, limit)\nminimize other\n"
    )
    (tmp_path / "parts" / "more.hp").write_text(
        'import "layers.hp" as l\nspace two { a { use l.dense }; b { use l.dense } }\n'
    )
    return tmp_path


def load(folder, text, **given):
    path = folder / "main.hp"
    path.write_text(text)
    return hpdsl.load(path, **given)


def test_templates_and_constants_of_an_imported_file(folder):
    space = load(folder, 'import "parts/layers.hp" as lib\nuse lib.dense\ny ~ uniform(0, lib.limit)\n')
    assert space.names == ("size", "y")
    assert max(c["size"] for c in space.sample(200, seed=0)) == 16


def test_a_whole_file_is_used_with_its_inputs_as_arguments(folder):
    space = load(folder, 'import "parts/layers.hp" as lib\nuse lib(width = 2)\n')
    assert space.names == ("x",)
    assert all(c["x"] <= 4 and c["limit"] == 4 for c in space.sample(50, seed=0))
    assert space.objectives == ()


def test_an_import_without_a_name_is_part_of_the_file(folder):
    space = load(folder, 'import "parts/layers.hp"\nuse dense\n', width=3)
    assert space.names == ("x", "size")
    assert space.complete({})["limit"] == 6
    assert [o.name for o in space.objectives] == ["other"]


def test_paths_are_relative_to_the_importing_file(folder):
    assert load(folder, 'import "parts/more.hp" as m\nuse m.two\n').names == ("a.size", "b.size")


def test_names_of_a_file_that_is_not_used_are_no_parameters(folder):
    with pytest.raises(hpdsl.SpecError, match="not used here"):
        load(folder, 'import "parts/layers.hp" as lib\ny ~ uniform(0, lib.x)\n')
    with pytest.raises(hpdsl.SpecError, match="imported file, not a value"):
        load(folder, 'import "parts/layers.hp" as lib\ny ~ uniform(0, lib)\n')


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("../other.hp", "outside the folder"),
        ("parts/../../other.hp", "outside the folder"),
        ("link.hp", "outside the folder"),
        ("/etc/hosts", "no relative path"),
        ("nothing.hp", "there is no file"),
        ("parts", "there is no file"),
        ("main.hp", "can't import itself"),
        ("loop_a.hp", "imports what imports it"),
        ("latin.hp", "not valid UTF-8"),
        ("a\\\\b.hp", "no relative path"),
    ],
)
def test_imports_that_are_refused(folder, name, message):
    (folder.parent / "other.hp").write_text("x ~ bool()\n")
    (folder / "link.hp").symlink_to(folder.parent / "other.hp")
    (folder / "loop_a.hp").write_text('import "loop_b.hp"\n')
    (folder / "loop_b.hp").write_text('import "loop_a.hp"\n')
    (folder / "latin.hp").write_bytes(b"x ~ choice(caf\xe9)\n")
    with pytest.raises(hpdsl.SpecError, match=message) as caught:
        load(folder, f'import "{name}"\n')
    assert all(d.help for d in caught.value.diagnostics)


def test_deep_imports_are_refused(folder):
    for k in range(30):
        (folder / f"f{k}.hp").write_text(f'import "f{k + 1}.hp"\n')
    (folder / "f30.hp").write_text("x ~ bool()\n")
    with pytest.raises(hpdsl.SpecError, match="nested more than 16 deep"):
        load(folder, 'import "f0.hp"\n')


def test_errors_in_an_imported_file_are_shown_there(folder):
    (folder / "bad.hp").write_text("\n\nx ~ uniform(1, 0)\ny ~ unifrm(0, 1)\n")
    with pytest.raises(hpdsl.SpecError) as caught:
        load(folder, 'import "bad.hp"\n')
    found = caught.value.diagnostics
    assert [(d.source.name, d.line) for d in found] == [("bad.hp", 3), ("bad.hp", 4)]
    (folder / "torn.hp").write_text("x ~ \n")
    with pytest.raises(hpdsl.SpecError, match=r"torn.hp:1:"):
        load(folder, 'import "torn.hp"\n')


def test_a_finding_about_two_files_shows_both(folder):
    (folder / "one.hp").write_text("x ~ uniform(0, 1)\n")
    with pytest.raises(hpdsl.SpecError) as caught:
        load(folder, 'x ~ uniform(0, 1)\nimport "one.hp"\n')
    text = str(caught.value)
    assert "main.hp" in text
    assert "one.hp" in text


def test_identity_does_not_depend_on_files(folder):
    whole = hpdsl.loads("limit = 6\nx ~ uniform(0, limit)\nsize ~ int uniform(1, limit)\n")
    assert load(folder, 'import "parts/layers.hp"\nuse dense\n', width=3).id == whole.id


def unused(text):
    return [d.message for d in hpdsl.loads(text).warnings if d.code == "HP053"]


def test_what_nothing_uses_is_remarked():
    assert unused("given n = 3\nx ~ bool()\n") == ["the input `n` is never used"]
    assert unused("given n = 3\nx ~ int uniform(0, n)\n") == []
    assert unused("given n = 3\nx ~ bool() when n > 2\n") == []
    assert unused("given n = 3\ngiven m = n\nx ~ int uniform(0, m)\n") == []
    assert unused("space one { y ~ bool() }\nx ~ bool()\n") == ["the template `one` is never used"]
    assert unused("space one { y ~ bool() }\nuse one\n") == []


def test_so_is_an_import(folder):
    def remarks(text):
        return [
            d.message for d in load(folder, f'import "parts/layers.hp" as m\n{text}').warnings if "import" in d.message
        ]

    assert remarks("x ~ bool()\n") == ["the import `m` is never used"]
    assert remarks("x ~ uniform(0, m.limit)\n") == []
    assert remarks("use m.dense\n") == []
    assert remarks("use m\n") == []


# ---- inputs -------------------------------------------------------------------------------------------


def test_inputs_are_filled_when_a_spec_is_loaded():
    text = "given n in 1 .. 8 = 2\nx[n] ~ uniform(0, 1)\n"
    assert len(hpdsl.loads(text).sample(seed=0)["x"]) == 2
    assert len(hpdsl.loads(text, n=5).sample(seed=0)["x"]) == 5
    assert hpdsl.loads(text, n=5).id != hpdsl.loads(text).id
    with pytest.raises(hpdsl.SpecError, match="outside its range"):
        hpdsl.loads(text, n=9)
    with pytest.raises(hpdsl.UsageError, match="no input `m`; its inputs are: n"):
        hpdsl.loads(text, m=9)
    with pytest.raises(hpdsl.SpecError, match="has no value"):
        hpdsl.loads("given n\nx ~ uniform(0, n)\n")


def test_inputs_may_be_texts_and_truth():
    text = (
        'given mode = "fast"\ngiven deep = false\nx ~ uniform(0, 1) when deep\n'
        "kind ~ choice(fast, slow)\nrequire kind == mode\n"
    )
    space = hpdsl.loads(text, mode="slow", deep=True)
    assert {c["kind"] for c in space.sample(20, seed=0)} == {"slow"}
    assert "x" in space.sample(seed=0)


def test_what_holds_for_some_inputs_only_is_no_remark():
    text = "given m in 1 .. 100 = 50\nx ~ uniform(0, 10)\nrequire x <= m\n"
    assert not hpdsl.loads(text).warnings
    assert [
        d.code for d in hpdsl.loads("given m in 20 .. 100 = 50\nx ~ uniform(0, 10)\nrequire x <= m\n").warnings
    ] == ["HP031"]


def test_inputs_may_follow_inputs():
    assert hpdsl.loads("given a = 2\ngiven b = a * 3\nx ~ uniform(0, b)\n").sample(1)._model.given == (
        ("a", 2),
        ("b", 6),
    )


def test_defaults_may_be_arguments_and_inputs():
    text = DENSE.replace("choice(relu, gelu)", "choice(relu, gelu) default act")
    assert hpdsl.loads(text + "use dense(4, gelu)\n").default["kind"] == "gelu"
    space = hpdsl.loads('given mode = "fast"\nkind ~ choice(fast, slow) default mode\n', mode="slow")
    assert space.default == {"kind": "slow"}


@pytest.mark.parametrize(
    "text",
    [
        "given n in 1 .. 5 = 1\nx ~ bool()\nwhen n == 3 { y ~ bool() }\n",
        "given n = 3\nx ~ int uniform(0, 5)\nwhen n > 5 { y ~ bool() }\nrequire x <= n + 2\n",
        "given big = true\nwhen big { x ~ bool() } else { y ~ bool() }\n",
        'given mode = "fast"\nwhen mode == "fast" { x ~ bool() } else { y ~ bool() }\n',
        'given mode = "fast"\nx ~ bool() when mode == "fast"\ny ~ bool() when mode in ["slow", "careful"]\n',
        "given limit = none\nx ~ bool()\ny ~ bool() when limit != none\n",
    ],
)
def test_remarks_hold_for_every_value_of_an_input(text):
    assert hpdsl.loads(text).warnings == ()


def test_remarks_that_no_input_changes_are_made():
    text = "given n = 3\nx ~ int uniform(0, 5)\nw ~ int uniform(0, n)\nrequire x <= 5\n"
    assert [d.code for d in hpdsl.loads(text).warnings] == ["HP031"]
    text = "given n in 1 .. 9 = 3\nx ~ int uniform(0, n)\nrequire x <= 9\n"
    assert [d.code for d in hpdsl.loads(text).warnings] == ["HP031"]


@pytest.mark.parametrize(
    ("given", "remark"),
    [
        ("n in 5 .. = 7", True),
        ("n in 1 .. = 7", False),
        ("n in .. 2 = 1", False),
        ("n in 4 .. 9 = 7", True),
        ("n = 7", False),
    ],
)
def test_remarks_look_at_the_whole_range_of_an_input_that_is_open_at_one_end(given, remark):
    found = hpdsl.loads(f"given {given}\nx ~ int uniform(0, 3)\nrequire x < n\n").warnings
    assert ("HP031" in [d.code for d in found]) is remark


def test_a_number_that_is_not_whole_is_no_index():
    text = "given n = 2\nx[3] ~ uniform(0, 1)\ny = x[n]\n"
    assert hpdsl.loads(text, n=1.0).sample(seed=0)["y"] == hpdsl.loads(text, n=1).sample(seed=0)["y"]
    with pytest.raises(hpdsl.SpecError, match="an index must be an integer"):
        hpdsl.loads(text, n=1.5)


def test_texts_and_nothing_are_inputs():
    text = 'given mode = "fast"\nx ~ bool() when mode == "fast"\ny ~ bool() when mode != "fast"\n'
    assert hpdsl.loads(text).names == hpdsl.loads(text, mode="slow").names
    assert set(hpdsl.loads(text).sample(seed=0)) == {"x"}
    assert set(hpdsl.loads(text, mode="slow").sample(seed=0)) == {"y"}
    text = "given limit = none\nx ~ bool() when limit == none\ny ~ bool() when limit != none\n"
    assert set(hpdsl.loads(text).sample(seed=0)) == {"x"}
    assert set(hpdsl.loads(text, limit=3).sample(seed=0)) == {"y"}


def test_a_replacement_of_nothing_is_shown_where_it_stands():
    with pytest.raises(hpdsl.SpecError) as caught:
        hpdsl.loads("space t { b ~ bool(); c ~ bool() }\nuse t {\n  b ~ uniform(0, 2)\n  zzz ~ bool()\n}\n")
    assert " --> <string>:4:3\n" in str(caught.value)


def test_the_help_for_an_unknown_template_of_a_file_declares_its_last_name():
    with pytest.raises(hpdsl.SpecError, match=r"declare it: space tmpl \{"):
        hpdsl.loads("use m.tmpl\n")


def test_what_is_replaced_within_a_replacement_is_its_own():
    space = hpdsl.loads(
        "space inner { w ~ uniform(0, 1); z ~ uniform(0, 1); g { a ~ uniform(0, 1) } }\n"
        "space outer { use inner { w ~ uniform(5, 6); g { b ~ uniform(3, 4) } }; v ~ uniform(0, 1) }\n"
        "use outer { v ~ uniform(7, 8) }\n"
    )
    (config,) = space.sample(1)
    assert {k: math.floor(x) for k, x in config.items()} == {"w": 5, "g.b": 3, "z": 0, "v": 7}
