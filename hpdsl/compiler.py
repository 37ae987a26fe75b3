"""The driver: text -> AST -> checked model -> program, each product open to inspection."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hpdsl.diagnostics import Diagnostic, render
from hpdsl.errors import SpecError, UsageError
from hpdsl.semantics.checker import check
from hpdsl.semantics.edits import Edits
from hpdsl.semantics.model import Model
from hpdsl.semantics.report import ALWAYS_TRUE, CONTRADICTION, MARGINAL_MOVED, NEVER_ACTIVE, Report
from hpdsl.semantics.scopes import Table
from hpdsl.source import Source
from hpdsl.syntax import nodes
from hpdsl.syntax.files import Files
from hpdsl.syntax.parser import parse

if TYPE_CHECKING:
    from hpdsl.constraints.lowering import Lowering
    from hpdsl.program.program import Program
    from hpdsl.space import Space


# Warnings about sentences that change nothing.
_REMARKS = (ALWAYS_TRUE, NEVER_ACTIVE, CONTRADICTION, MARGINAL_MOVED)

# Of these, what may hold for some inputs only.
_BY_INPUT = (ALWAYS_TRUE, NEVER_ACTIVE, CONTRADICTION)


# Beyond as many names only the ends of inputs are tried, not all that their values are compared with.
_MANY = 200


class Compilation:
    """One source on its way through the stages; every stage runs once, when first asked for."""

    def __init__(
        self,
        source: Source,
        folder: Path | None = None,
        given: Mapping[str, object] | None = None,
        edits: Edits | None = None,
        texts: Mapping[str, str] | None = None,
        defer: bool = False,
    ) -> None:
        self.source = source
        self.defer = defer  # claims that fail are no errors
        self.texts = texts
        self.folder = folder
        self.given = dict(given or {})
        self.edits = edits or Edits()
        self.lowering: Lowering | None = None

    @cached_property
    def parsed(self) -> tuple[nodes.File, tuple[Diagnostic, ...]]:
        """The syntax tree, and what is wrong with the text."""
        return parse(self.source)

    @cached_property
    def checked(self) -> tuple[Model | None, tuple[Diagnostic, ...]]:
        """The checked model (None where there are errors), and every finding in the order of the file."""
        file, syntax = self.parsed
        model, found = self._check(file, self.given)
        if any(d.severity == "error" for d in syntax):
            model = None
        ordered = sorted([*syntax, *found], key=lambda d: (d.source is not self.source, d.span.start, d.code))
        return model, tuple(ordered)

    def _check(self, file: nodes.File, given: Mapping[str, object]) -> tuple[Model | None, list[Diagnostic]]:
        files = Files(self.source, self.folder, self.texts)
        report = Report(files.bundle)
        model, table = check(file, report, files, given, self.edits, self.defer)
        unknown = sorted(given.keys() - table.root.aliases.keys())
        if unknown:
            known = ", ".join(sorted(table.root.aliases)) or "none"
            raise UsageError(f"{self.source.name} has no input `{unknown[0]}`; its inputs are: {known}")
        self.imported = files.read
        if model is not None and model.requirements:
            # Arrays are needed from here on, which spaces without requirements do without.
            from hpdsl.constraints.lowering import lower
            from hpdsl.constraints.report import findings

            self.lowering = lower(model)
            findings(model, self.lowering, report)
            model = None if report.failed else model
        found = [*files.found, *self._lasting(file, table, report.found)]
        if any(d.severity == "error" for d in files.found):
            model = None
        return model, found

    def _lasting(self, file: nodes.File, table: Table, found: list[Diagnostic]) -> list[Diagnostic]:
        """The findings without remarks that hold for the present inputs only: these are judged over whole ranges."""
        if self.edits:
            # What a smaller space makes superfluous is no mistake of the file.
            return [d for d in found if d.severity == "error" or d.code not in _REMARKS]
        judged = [d for d in found if d.severity == "warning" and d.code in _BY_INPUT]
        tried: list[dict[str, object]] = [
            {name: both[side] for name, both in table.ends.items() if both[side] is not None} for side in (0, 1)
        ]
        if len(table.declarations) <= _MANY:
            tried += [{name: value} for name, values in table.others.items() for value in values]
        for values in tried:
            if not judged:
                break
            files = Files(self.source, self.folder, self.texts)
            report = Report(files.bundle)
            check(file, report, files, {**self.given, **values}, self.edits, self.defer)
            # With a value that breaks the file nothing is said of the rest of it.
            if values and not report.failed:
                kept = {(d.code, d.source.name, d.span) for d in report.found}
                judged = [d for d in judged if (d.code, d.source.name, d.span) in kept]
        return [d for d in found if d.severity == "error" or d.code not in _BY_INPUT or d in judged]

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """Every error and warning."""
        return self.checked[1]

    @cached_property
    def model(self) -> Model:
        """The checked model; raises `SpecError` with all findings where there are errors."""
        model, found = self.checked
        if model is None:
            raise SpecError(found, render(found))
        return model

    def edited(self, fixed: Mapping[str, object], limits: Mapping[str, object]) -> Compilation:
        """The same source with parameters fixed or restricted."""
        return Compilation(
            self.source, self.folder, self.given, self.edits.merged(fixed, limits), self.texts, self.defer
        )

    def inputs(self) -> dict[str, Any]:
        """What was compiled besides the text, as JSON data: inputs, edits and imported files."""
        self.checked  # noqa: B018 - imports are known once it has run
        limits = {k: list(v) if isinstance(v, tuple) else v for k, v in self.edits.limits.items()}
        pairs = [k for k, v in self.edits.limits.items() if isinstance(v, tuple)]
        parts = {
            "given": self.given,
            "fixed": self.edits.fixed,
            "limits": limits,
            "pairs": pairs,
            "files": self.imported,
        }
        return {name: part for name, part in parts.items() if part}

    @classmethod
    def again(cls, source: Source, inputs: Mapping[str, Any]) -> Compilation:
        """The compilation whose `inputs` these are."""
        pairs = inputs.get("pairs", ())
        limits = {k: tuple(v) if k in pairs else v for k, v in inputs.get("limits", {}).items()}
        edits = Edits(dict(inputs.get("fixed", {})), limits)
        return cls(source, None, inputs.get("given", {}), edits, inputs.get("files"))

    @cached_property
    def program(self) -> Program:
        """The compiled entry points."""
        from hpdsl.program.program import Program

        model = self.model
        return Program(model, self.lowering)

    @cached_property
    def space(self) -> Space:
        """What a user holds."""
        from hpdsl.space import Space

        return Space(self)


def check_text(
    source: Source, folder: Path | None = None, given: Mapping[str, object] | None = None
) -> tuple[Diagnostic, ...]:
    """Every error and warning of a source; `folder` is what its imports are relative to."""
    return Compilation(source, folder, given).diagnostics


def read(path: str | Path) -> Source:
    """The source in a file; raises `UsageError` where it can't be read as text."""
    path = Path(path)
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise UsageError(f"{path}: no such file") from None
    except IsADirectoryError:
        raise UsageError(f"{path}: this is a folder; name a .hp file in it") from None
    except OSError as error:
        raise UsageError(f"{path}: can't be read: {error.strerror}") from None
    except ValueError:
        raise unnameable(path) from None
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise UsageError(
            f"{path}: not valid UTF-8 (line {line}, byte 0x{data[error.start]:02x}); save it as UTF-8"
        ) from None
    return Source(str(path), text)


def unnameable(path: str | Path) -> UsageError:
    """What to raise for a path that the system refuses: it holds a NUL, or half of a character."""
    return UsageError(f"{str(path)!r} can't be the name of a file; leave out what stands there with a \\")


def standard_input() -> Source:
    """The source that is piped in."""
    try:
        return Source("<stdin>", sys.stdin.buffer.read().decode("utf-8"))
    except UnicodeDecodeError:
        raise UsageError("<stdin>: not valid UTF-8") from None


def load(path: str | Path, /, **given: object) -> Space:
    """The space in a .hp file; keyword arguments fill its `given` inputs."""
    return Compilation(read(path), Path(path).parent, given).space


def loads(text: str, /, **given: object) -> Space:
    """The space in a string; keyword arguments fill its `given` inputs."""
    if not isinstance(text, str):
        raise UsageError(f"loads() takes the text of a spec, not {type(text).__name__}; use load() for a path")
    return Compilation(Source("<string>", text), None, given).space
