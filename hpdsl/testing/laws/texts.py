"""Laws about texts: what a file says does not depend on the order of its sentences, or on how it is laid out."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import numpy as np

from hpdsl.diagnostics import counted
from hpdsl.errors import SpecError
from hpdsl.semantics.model import Parameter, Symbol
from hpdsl.source import Source
from hpdsl.space import Space
from hpdsl.syntax.formatter import FormatError, format_source
from hpdsl.testing.laws.fault import Fault
from hpdsl.testing.laws.law import Held, Result, Skipped, law
from hpdsl.testing.laws.subject import Subject

ROWS, SHUFFLES = 64, 3
BYTE_ORDER_MARK = "\ufeff"


@law("order", "the order of sentences changes neither the identity nor any sample")
def order(subject: Subject) -> Result:
    """See `says`."""
    sentences = _sentences(subject)
    if len(sentences) < 2:
        return Skipped("the file has one sentence")
    rng = np.random.default_rng(subject.seed % 2**64)
    orders = [list(reversed(range(len(sentences))))]
    orders += [list(rng.permutation(len(sentences))) for _ in range(SHUFFLES if len(sentences) > 2 else 0)]
    for at in orders:
        fault = _same(subject, _joined(sentences[k] for k in at), "with its sentences in another order")
        if fault is not None:
            return fault
    return Held(f"{counted(len(orders), 'order')} of {counted(len(sentences), 'sentence')}, {ROWS} rows each")


@law("isolation", "one more parameter changes no sample of the others")
def isolation(subject: Subject) -> Result:
    """See `says`."""
    if not subject.model.parameters:
        return Skipped("there is no parameter")
    own = subject.space.compilation
    taken = {s.path for s in subject.model.symbols}
    name = next(n for k in range(len(taken) + 1) if (n := f"one_more_{k}") not in taken)
    text = f"{name} ~ uniform(0, 1);\n{own.source.text.removeprefix(BYTE_ORDER_MARK)}"
    try:
        space = subject.recompiled(text)
    except SpecError as error:
        return Fault("with one more parameter the file does not compile", help=f"{error}\n{_shown(text)}")
    fault = _changed(subject, space, "with one more parameter", text)
    if fault is not None:
        return fault
    return Held(f"{ROWS} rows")


@law("fmt", "`hpdsl fmt` keeps the meaning, and changes nothing when it is run again")
def fmt(subject: Subject) -> Result:
    """See `says`."""
    source = subject.space.compilation.source
    try:
        text = format_source(source)
    except FormatError as error:
        return Fault(str(error))
    fault = _same(subject, text, "formatted,", experiment=True)
    if fault is not None:
        return fault
    if format_source(Source(source.name, text)) != text:
        return Fault("formatting what is formatted changes it again", help=_shown(text))
    return Held("unchanged" if text == source.text else "what changes is layout")


def _sentences(subject: Subject) -> list[str]:
    """The text of every sentence at the outermost level, with what stands between it and the next."""
    text = subject.space.compilation.source.text
    starts = [s.span.start for s in subject.space.compilation.parsed[0].sentences]
    return [text[a:b].rstrip().removesuffix(";") for a, b in pairwise([*starts, len(text)])]


def _joined(sentences: Iterable[str]) -> str:
    """Sentences one after the other; some words would continue the line before, were it not ended."""
    return "\n; ".join(sentences) + "\n"


def _same(subject: Subject, text: str, when: str, experiment: bool = False) -> Fault | None:
    """How the space of another text is another one; None where it is the same."""
    try:
        space = subject.recompiled(text)
    except SpecError as error:
        return Fault(f"{when} the file does not compile", help=f"{error}\n{_shown(text)}")
    if space.id != subject.space.id:
        return Fault(f"{when} it is another space: its identity differs", help=_shown(text))
    if experiment and space.study_id != subject.space.study_id:
        return Fault(f"{when} it is another experiment: the identity of its studies differs", help=_shown(text))
    return _changed(subject, space, when, text)


def _changed(subject: Subject, other: Space, when: str, text: str) -> Fault | None:
    """Where the first rows of another space differ by what the subject has; None where they don't."""
    rows, others = (space.sample(ROWS, seed=subject.seed).matrix for space in (subject.space, other))
    places = {(s.path, k): c for s in other.compilation.model.symbols for k, c in enumerate(_columns(s))}
    for s in subject.model.symbols:
        for k, column in enumerate(_columns(s)):
            if not np.array_equal(rows[column], others[places[s.path, k]], equal_nan=True):
                parameter = s if isinstance(s, Parameter) else None
                return Fault(f"{when} samples of `{s.path}` change", s.span, parameter=parameter, help=_shown(text))
    return None


def _columns(symbol: Symbol) -> tuple[int, ...]:
    found = (symbol.value, symbol.code) if isinstance(symbol, Parameter) else (symbol.column,)
    return tuple(c for c in found if c is not None)


def _shown(text: str) -> str:
    return "the text was:\n" + text.rstrip()
