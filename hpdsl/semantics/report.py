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
WANTS_ORDINAL = "HP041"
CONTINUOUS_EQUALITY = "HP042"
BAD_CHOICE = "HP043"
OBJECTIVE = "HP044"
TOO_LARGE = "HP045"
INACTIVE_ARGUMENT = "HP046"
MARGINAL_MOVED = "HP047"
ARRAY = "HP048"
GROUP = "HP049"
TEMPLATE = "HP050"
IMPORT = "HP051"
GIVEN = "HP052"
UNUSED = "HP053"
CORRELATION = "HP054"
JOINT = "HP055"
FIDELITY = "HP056"
OUTCOME = "HP057"
ASSERTION = "HP058"


class AbandonedError(Exception):
    """The sentence at hand can't be checked further; what is wrong with it has been reported."""


class Report:
    """Findings about one source, in the order found, without repeats."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.found: list[Diagnostic] = []
        self._seen: set[Diagnostic] = set()

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
        self._add(code, "error", message, span, note, labels, help)
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
        self._add(code, "warning", message, span, note, labels, help)

    def _add(
        self, code: str, severity: str, message: str, span: Span, note: str, labels: tuple[Label, ...], help: str
    ) -> None:
        source, place = self.source.local(span)
        finding = Diagnostic(code, severity, message, source, place, note, self._local(labels, source), help)
        if finding not in self._seen:
            self._seen.add(finding)
            self.found.append(finding)

    def _local(self, labels: tuple[Label, ...], home: Source) -> tuple[Label, ...]:
        """Labels with the offsets of their own texts."""
        result = []
        for label in labels:
            source, place = self.source.local(label.span)
            result.append(Label(place, label.text, None if source is home else source))
        return tuple(result)

    @property
    def failed(self) -> bool:
        """True once an error was recorded."""
        return any(d.severity == "error" for d in self.found)

    def text(self, span: Span) -> str:
        """The text at a span, on one line."""
        source, place = self.source.local(span)
        return " ".join(source.text[place.start : place.end].split())
