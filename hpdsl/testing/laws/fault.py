"""`Fault`: how a law was broken, and the report on it in the manner of a diagnostic."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hpdsl.diagnostics import Diagnostic, render
from hpdsl.priors.custom import Custom
from hpdsl.priors.items import Items, Range
from hpdsl.priors.numeric import Numeric
from hpdsl.priors.ranked import Ranked
from hpdsl.semantics.model import Dist, Parameter
from hpdsl.semantics.values import value_text
from hpdsl.source import Span
from hpdsl.testing.laws.subject import Subject

# Longest configuration in a report, in characters.
LONGEST = 400


@dataclass(frozen=True)
class Fault:
    """What is wrong, in one line; where, and at which configuration (a column of the matrix), where these are known."""

    brief: str
    span: Span | None = None
    note: str = ""
    row: NDArray[np.float64] | None = None
    parameter: Parameter | None = None
    help: str = ""


def reported(subject: Subject, name: str, fault: Fault) -> str:
    """The whole fault as text: the law, the place, the values, the configuration, and what to do."""
    source = subject.model.source
    span = fault.span
    if span is None and fault.parameter is not None:
        span = fault.parameter.span
    home, place = source.local(span) if span is not None else (source, Span(0, 0))
    helps = [fault.help or _advice(fault.parameter)]
    if fault.row is not None:
        helps.append(f"seen at {_configuration(subject, fault.row)}")
    return render([Diagnostic(name, "error", fault.brief, home, place, note=fault.note, help="\n".join(helps))])


def _configuration(subject: Subject, row: NDArray[np.float64]) -> str:
    """A configuration on one line."""
    try:
        parts = [f"{key} = {value_text(value)}" for key, value in subject.configs(row[:, None])[0].items()]
    except (IndexError, ValueError, TypeError, OverflowError):
        # What a broken law delivers need not be a configuration at all.
        owners = subject.model.by_column()
        parts = [f"{owners[c].path} = {x:.17g}" for c, x in enumerate(row) if not np.isnan(x) and c in owners]
    text = ", ".join(parts) or "the configuration without parameters"
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _advice(parameter: Parameter | None) -> str:
    names = sorted({n for piece in parameter.pieces for n in _registered(piece.dist)}) if parameter else []
    if names:
        return f"look at the functions that `{names[0]}` was registered with: cdf, ppf, log_density and support"
    return "nothing in a file can cause this: it is a bug in hpdsl, please report it with the file"


def _registered(dist: Dist) -> list[str]:
    """The names of the registered priors that a prior is made of."""
    if isinstance(dist, Items):
        return [n for item in dist.items if isinstance(item, Range) for n in _registered(item.dist)]
    law = dist.law if isinstance(dist, Ranked) else dist
    if isinstance(law, Numeric) and isinstance(law.base, Custom):
        return [law.base.law.name]
    return []
