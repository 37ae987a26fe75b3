"""`Report`: collects findings, and the codes they carry."""

from __future__ import annotations

from hpdsl.diagnostics import Diagnostic, Label
from hpdsl.source import Source, Span

# Stable codes of the checker (the parser's are HP001 to HP019).
UNKNOWN_NAME = "HP020"
EMPTY_RANGE = "HP021"
DUPLICATE = "HP022"
CYCLE = "HP023"
UNKNOWN_PRIOR = "HP024"
PRIOR_ARGUMENTS = "HP025"
ARGUMENT_VALUE = "HP026"
NON_POSITIVE = "HP027"
NO_SUCH_LABEL = "HP028"
AMBIGUOUS_LABEL = "HP029"
CONTRADICTION = "HP030"
ALWAYS_TRUE = "HP031"
NEVER_ACTIVE = "HP032"
MAYBE_UNDEFINED = "HP033"
STEP = "HP034"
WRONG_KIND = "HP035"
UNKNOWN_FUNCTION = "HP036"
BAD_DEFAULT = "HP037"
INFEASIBLE_DEFAULT = "HP038"
BAD_TRY = "HP039"
NOT_YET = "HP040"
WANTS_ORDINAL = "HP041"
CONTINUOUS_EQUALITY = "HP042"
BAD_CHOICE = "HP043"
OBJECTIVE = "HP044"
TOO_LARGE = "HP045"
INACTIVE_ARGUMENT = "HP046"


class AbandonedError(Exception):
    """The sentence at hand can't be checked further; what is wrong with it has been reported."""


class Report:
    """Findings about one source, in the order found, without repeats."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.found: list[Diagnostic] = []

    def error(
        self,
        code: str,
        message: str,
        span: Span,
        *,
        note: str = "",
        labels: tuple[Label, ...] = (),
        help: str = "",
    ) -> AbandonedError:
        """Record an error; raise what this returns to give the sentence up."""
        self._add(Diagnostic(code, "error", message, self.source, span, note, labels, help))
        return AbandonedError(message)

    def warning(
        self,
        code: str,
        message: str,
        span: Span,
        *,
        note: str = "",
        labels: tuple[Label, ...] = (),
        help: str = "",
    ) -> None:
        """Record a warning."""
        self._add(Diagnostic(code, "warning", message, self.source, span, note, labels, help))

    def _add(self, finding: Diagnostic) -> None:
        if finding not in self.found:
            self.found.append(finding)

    @property
    def failed(self) -> bool:
        """True once an error was recorded."""
        return any(d.severity == "error" for d in self.found)

    def text(self, span: Span) -> str:
        """The text at a span, on one line."""
        return " ".join(self.source.text[span.start : span.end].split())
