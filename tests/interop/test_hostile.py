"""Texts made to send regular expressions back and forth are refused, or read; they used to take minutes or hours."""

import pytest

from hpdsl import interop
from hpdsl.errors import UsageError
from hpdsl.interop.formats import detect

N = 50_000
REFUSED = {
    "irace, blanks before a quote": ("irace", 'x "" c (a,' + "\t" * N + '")'),
    "irace, digits": ("irace", 'x "" r (' + "1" * N + "x, 2)"),
    "irace, values": ("irace", 'x "" c (' + "a," * N + ")"),
    "pcs, digits": ("pcs", "x [1, " + "1" * N + "x] [1]"),
    "pcs, blanks in a clause": ("pcs", "x [1, 9] [1]\n{x + 1 ==" + " " * N + "[ 2}"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_hostile_texts_are_refused(name):
    format, text = REFUSED[name]
    with pytest.raises(UsageError):
        interop.from_text(text + "\n", format)


@pytest.mark.parametrize("text", ["\n" * N + "!", "x" + " " * N + "!", "a\n" * N, "x {" * N, "1" * N])
def test_texts_of_no_format_are_told_apart_at_once(text):
    with pytest.raises(UsageError):
        detect(text)
