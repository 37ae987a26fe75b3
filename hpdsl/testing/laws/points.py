"""The law about written configurations: the default and the `try` points belong to the space."""

from __future__ import annotations

from hpdsl.diagnostics import counted
from hpdsl.errors import SamplingError
from hpdsl.semantics.entry import violations
from hpdsl.semantics.rules import has_default
from hpdsl.testing.laws.fault import Fault
from hpdsl.testing.laws.law import Held, Result, Skipped, law
from hpdsl.testing.laws.subject import Subject


@law("written", "the default configuration and the `try` points belong to the space")
def written(subject: Subject) -> Result:
    """See `says`."""
    space, model = subject.space, subject.model
    if not has_default(model) and not model.tries:
        return Skipped("neither defaults nor `try` points are written")
    default = space.default
    if default is None and not model.tries:
        return Skipped("the written defaults are infeasible together, of which `hpdsl check` warns")
    try:
        points = ([("the default configuration", default, None)] if default is not None else []) + [
            ("a `try` point", config, point.span) for config, point in zip(space.tries, model.tries, strict=True)
        ]
    except SamplingError as error:
        return Fault(str(error), model.tries[0].span, help="change the `try` point, or leave more of it open")
    for what, config, span in points:
        found = violations(model, config)
        if found:
            return Fault(f"{what} is refused: {'; '.join(found)}", span)
    return Held(counted(len(points), "configuration"))
