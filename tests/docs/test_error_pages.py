"""Every diagnostic code has a page that shows how it comes about and how it goes away."""

import ast
import re
from pathlib import Path

import pytest
from cli.helpers import run
from docs.pairs import FOLDER, PAGES, findings, named, sections

from hpdsl import pages
from hpdsl.errors import UsageError

SOURCES = Path(pages.__file__).parent
# HP018: a file that shows it would hold a million characters.
UNSHOWN = {"HP018"}
# HP019 stands at the end of a list of other errors by its nature.
ACCOMPANIED = {"HP019": {"HP011"}}


def declared():
    """Every code that stands in the sources."""
    found = set()
    for path in SOURCES.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and re.fullmatch(r"HP\d{3}", node.value):
                found.add(node.value)
    return found


def test_every_code_has_a_page_and_every_page_a_code():
    assert {p.stem for p in PAGES} == declared() == set(pages.codes())


@pytest.mark.parametrize("path", PAGES, ids=lambda p: p.stem)
def test_page_has_its_parts(path):
    lines = path.read_text(encoding="utf-8").splitlines()
    assert re.fullmatch(rf"# {path.stem}: \S.*[^.]", lines[0])
    assert max(map(len, lines)) <= 120 or path.stem == "HP017"  # its line can't be short
    headings = [heading for heading, _, _ in sections(path)]
    assert headings == ["Wrong", "Right"] * (len(headings) // 2)
    assert bool(headings) != (path.stem in UNSHOWN)


@pytest.mark.parametrize(("name", "spec", "others"), list(named("Wrong")))
def test_wrong_block_shows_its_code_and_no_other(name, spec, others, tmp_path):
    assert not others
    code = name[:5]
    assert {d.code for d in findings(spec, tmp_path)} == {code} | ACCOMPANIED.get(code, set())


@pytest.mark.parametrize(("name", "spec", "others"), list(named("Right")))
def test_right_block_shows_nothing(name, spec, others, tmp_path):
    for file, text in others.items():
        (tmp_path / file).write_text(text)
    assert [str(d.message) for d in findings(spec, tmp_path)] == []


def table():
    rows = [f"| [{code}]({code}.md) | {pages.title(code)} |" for code in pages.codes()]
    return "\n".join(["| code | meaning |", "|---|---|", *rows])


def test_table_lists_every_page():
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert text[text.index("| code") :].strip() == table()


@pytest.mark.parametrize("code", ["HP021", "hp021"])
def test_explain_prints_a_page(code):
    result = run("explain", code)
    assert result.exit_code == 0
    assert result.stdout.startswith("HP021: the upper bound can fall below the lower bound\n\n")
    assert "\nWrong\n\n    first ~ int uniform(0, 32)\n    last ~ int uniform(first, 31)\n" in result.stdout
    assert "```" not in result.stdout


def test_explain_offers_the_nearest_codes():
    result = run("explain", "HP040")
    assert result.exit_code == 2
    assert "no diagnostic has the code HP040; the nearest are HP038, HP039, HP041" in result.stderr
    assert "Traceback" not in result.output


@pytest.mark.parametrize("code", ["", "HP21", "uniform", "HP0211"])
def test_what_is_no_code_is_refused(code):
    with pytest.raises(UsageError, match="is no diagnostic code; codes run from HP001 to HP"):
        pages.page(code)


@pytest.mark.parametrize("path", PAGES, ids=lambda p: p.stem)
@pytest.mark.parametrize("width", [40, 100])
def test_rendered_page_keeps_words_and_code(path, width):
    text = path.read_text(encoding="utf-8")
    shown = pages.render(text, width)
    blocks = [
        line for _, spec, others in sections(path) for part in (spec, *others.values()) for line in part.split("\n")
    ]
    code = [("    " + line).rstrip() for line in blocks]
    rows = shown.split("\n")
    assert all(line in rows for line in code)
    prose = [row for row in rows if not row.startswith("    ")]
    # Only what can't be broken, such as a quotation in backticks, may stick out.
    assert all(len(row) <= width or " " not in re.sub(r"`[^`]*`", "", row).strip() for row in prose)
    assert re.sub(r"```.*|[#\s]", "", text) == re.sub(r"\s", "", shown)


def test_links_lists_and_tables_are_laid_out():
    text = "# T\n\nsee [the\nguide](guide.md) now\n- one item that is longer than a line\n- `a b`\n\n| a | b |\n"
    assert pages.render(text, 20).split("\n") == [
        "T",
        "",
        "see the guide now",
        "- one item that is",
        "  longer than a line",
        "- `a b`",
        "",
        "| a | b |",
    ]


def test_narrow_terminals_are_refused():
    with pytest.raises(UsageError, match="at least 20 columns, got 5"):
        pages.render("# T", 5)
