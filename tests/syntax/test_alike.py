"""Names and labels that look like others are told apart in words."""

import pytest

from hpdsl.compiler import check_text
from hpdsl.source import Source

PAIRS = {
    "names": "`\u0430` ~ uniform(0, 1)\na ~ uniform(0, 1)\n",
    "quoted names": "`svm:\u0430` ~ bool()\n`svm:a` ~ bool()\n",
    "labels": 'b ~ choice("x", "\u0445")\n',
    "a label and a quoted one": 'b ~ choice(adam, "\u0430dam")\n',
    "a zero-width space": 'b ~ choice("adam", "ad\u200bam")\n',
    "accents": "`\u00e9` ~ bool()\n`e\u0301` ~ bool()\n",
    "full-width letters": "`\uff58` ~ bool()\nx ~ bool()\n",
    "none of them plain": 'b ~ choice("\u03bb\u0430", "\u03bba")\n',
}


@pytest.mark.parametrize("name", PAIRS)
def test_what_looks_alike_is_a_warning(name):
    (found,) = check_text(Source("t.hp", PAIRS[name]))
    assert (found.code, found.severity) == ("HP002", "warning")
    assert "looks like" in found.message
    assert len(found.labels) == 1
    assert found.help


def test_the_character_is_named_and_the_plain_spelling_is_what_was_meant():
    (found,) = check_text(Source("t.hp", PAIRS["names"]))
    assert found.message == "`\u0430` looks like `a` and is another name"
    assert found.note == "with cyrillic small letter a (U+0430)"
    assert found.span.start == 0


@pytest.mark.parametrize(
    "text",
    [
        "`\u03bb` ~ uniform(0, 1)\n`\u03bb2` = `\u03bb` * 2\n",
        "`\u03b1` ~ uniform(0, 1)\na ~ uniform(0, 1)\n",
        'k ~ choice("\u0430\u0431\u0432", "\u0433")\n',
        "# \u0430 and a\na ~ bool()\n",
    ],
)
def test_other_letters_alone_are_welcome(text):
    assert check_text(Source("t.hp", text)) == ()
