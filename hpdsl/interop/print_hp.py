"""`to_hp`: a draft as the .hp file that a person would write."""

from __future__ import annotations

from collections.abc import Iterator

from hpdsl.interop.blocks import Block, gather
from hpdsl.interop.domains import Domains
from hpdsl.interop.draft import Draft, Law, Parameter
from hpdsl.interop.tidy import tidied
from hpdsl.interop.words import Printer, amount, name, string


def to_hp(draft: Draft) -> str:
    """The text of a draft, in the style of `hpdsl fmt`; what could not be carried over stands in comments on top."""
    return printed(draft)[0]


def printed(draft: Draft) -> tuple[str, list[str]]:
    """The text of a draft, and its notes."""
    from hpdsl.source import Source
    from hpdsl.syntax.formatter import format_source

    tidy = tidied(draft)
    text = "\n".join(_Lines(tidy).all()) + "\n"
    return format_source(Source("<converted>", text)), tidy.notes


class _Lines:
    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.domains = Domains(draft)
        declared = {p.name for p in draft.parameters} | draft.constants.keys() | draft.derived.keys()
        self.printer = Printer(declared)

    def all(self) -> Iterator[str]:
        """The lines of the file."""
        draft, formula = self.draft, self.printer.formula
        yield from _commented(draft.doc, "##")
        if draft.notes:
            yield ""
            for note in draft.notes:
                yield from _commented(f"note: {note}", "#")
        if draft.doc or draft.notes:
            yield ""
        for key, value in draft.constants.items():
            yield f"{name(key)} = {self.printer.constant(value)}"
        yield from self.members(gather(draft.parameters, self.domains.opposite), "")
        if draft.derived:
            yield ""
        for key, text in draft.derived.items():
            yield f"{name(key)} = {text}"
        if draft.forbidden or draft.required:
            yield ""
        for part in draft.forbidden:
            yield f"forbid {formula(part)}"
        for part, message in draft.required:
            yield f"require {formula(part)}" + (f" : {string(message)}" if message else "")
        if draft.objectives:
            yield ""
        for key, maximised in draft.objectives:
            yield f"{'maximize' if maximised else 'minimize'} {name(key)}"

    def members(self, block: Block, indent: str) -> Iterator[str]:
        """What stands in a block."""
        for i, member in enumerate(block.members):
            if isinstance(member, Parameter):
                yield from self.sentence(member, indent, "")
                continue
            assert member.condition is not None
            condition = self.printer.formula(member.condition)
            only = member.members[0]
            if len(member.members) == 1 and member.otherwise is None and isinstance(only, Parameter):
                yield from self.sentence(only, indent, f" when {condition}")
                continue
            if not indent and i:
                yield ""
            yield f"{indent}when {condition} {{"
            yield from self.members(member, indent + "  ")
            if member.otherwise is not None:
                yield f"{indent}}} else {{"
                yield from self.members(member.otherwise, indent + "  ")
            yield f"{indent}}}"
            if not indent:
                yield ""

    def sentence(self, parameter: Parameter, indent: str, guard: str) -> Iterator[str]:
        """A parameter with its documentation."""
        for line in _commented(parameter.doc, "##"):
            yield indent + line
        value = self.domains.constant(parameter)
        if value is not None:
            text = f"{name(parameter.name)} = {self.printer.constant(value[0])}"
        else:
            text = f"{name(parameter.name)} ~ {self.printer.prior(parameter.prior)}"
            if parameter.has_default:
                text += f" default {self._default(parameter)}"
        if parameter.unit:
            text += f" unit {Printer(()).value(parameter.unit)}"
        yield indent + text + guard

    def _default(self, parameter: Parameter) -> str:
        value = parameter.default
        if isinstance(parameter.prior, Law) and isinstance(value, (int, float)):
            return amount(value)
        return self.printer.value(value)


def _commented(text: str, sign: str) -> Iterator[str]:
    for line in text.splitlines():
        clean = "".join(c if c.isprintable() else " " for c in line).rstrip()
        yield f"{sign} {clean}".rstrip()
