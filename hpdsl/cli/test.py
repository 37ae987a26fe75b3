"""`hpdsl test`: the laws of spaces and their `assert`s, attacked one by one."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import click

from hpdsl.cli import exits, streams
from hpdsl.cli.options import opened, space_options
from hpdsl.cli.tables import plain_json, visible
from hpdsl.diagnostics import counted
from hpdsl.errors import SpecError, UsageError
from hpdsl.testing.arguments import MOST, TRIES

if TYPE_CHECKING:
    from hpdsl.testing.promises import Promises
    from hpdsl.testing.verdict import Verdict

OUTCOMES = ("refuted", "held", "proved", "skipped")


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE…")
@click.option(
    "--examples",
    type=click.IntRange(min=1, max=MOST),
    default=TRIES,
    show_default=True,
    help="Random configurations for each.",
)
@click.option("--seed", type=int, default=0, show_default=True)
@click.option(
    "-k", "--only", "only", multiple=True, metavar="NAME", help="A law or an assert by name; `assert`: all of them."
)
@click.option(
    "--format", "form", type=click.Choice(["table", "json"]), default="table", help="json: one object a line."
)
@space_options
def test(
    files: tuple[str, ...],
    examples: int,
    seed: int,
    only: tuple[str, ...],
    form: str,
    given: tuple[str, ...],
    fix: tuple[str, ...],
) -> None:
    """Attack what the spaces in FILE… promise: the laws that hold for every space, and their `assert`s.

    An `assert` is proved, refuted with the smallest configuration found, or held in so many tries.
    """
    worst = exits.OK
    spaces: list[tuple[str, Promises]] = []
    for name in files:
        try:
            spaces.append((name, _promises(name, given, fix, examples, seed)))
        except SpecError as error:
            worst = max(worst, exits.SPEC_ERRORS)
            _wrong(name, error, form)
        except UsageError as error:
            click.echo(f"error: {error}", err=True)
            worst = exits.MISUSE
    if spaces:
        from hpdsl.testing.promises import check_names

        check_names(only, (n for _, promises in spaces for n in promises.names))
    for k, (name, promises) in enumerate(spaces):
        if k and form == "table":
            click.echo()
        show: _Table | _Lines = _Table(name, promises, only) if form == "table" else _Lines(name)
        found = _examined(promises, only, show.row)
        show.end(found)
        if any(v.failed for v in found):
            worst = max(worst, exits.SPEC_ERRORS)
    sys.exit(worst)


def _promises(name: str, given: tuple[str, ...], fix: tuple[str, ...], examples: int, seed: int) -> Promises:
    space = opened(name, given, fix, defer=True)
    # Loaded here, so that a file with errors is told at once.
    from hpdsl.testing.promises import Promises

    return Promises(space, examples, seed)


def _wrong(name: str, error: SpecError, form: str) -> None:
    """Say that a file has errors."""
    from hpdsl.diagnostics import render, summary

    if form == "json":
        row = {"file": name, "name": "check", "kind": "file", "outcome": "refuted"}
        click.echo(plain_json({**row, "detail": summary(error.diagnostics), "report": render(error.diagnostics)}))
    else:
        click.echo(render(error.diagnostics, streams.colored(sys.stderr)), err=True)


def _examined(promises: Promises, only: Sequence[str], show: Callable[[Verdict], None]) -> list[Verdict]:
    """The verdicts, each shown as it is found, with a line of progress."""
    names = promises.chosen(only)
    found = []
    line = _Progress()
    try:
        for k, name in enumerate(names):
            line.draw(f"{promises.space.source.name}: {name} ({k + 1}/{len(names)}) …")
            found.append(promises.verdict(name))
            line.clear()
            show(found[-1])
    finally:
        line.clear()
    return found


class _Progress:
    """One line on standard error that is rewritten; nothing where that is no terminal."""

    def __init__(self) -> None:
        self._out: Any = streams.Forgiving(sys.stderr)
        self._terminal = bool(sys.stderr.isatty())
        self._width = 0

    def draw(self, text: str) -> None:
        """Say what is at work."""
        self.clear()
        if self._terminal:
            shown = visible(text)[: shutil.get_terminal_size().columns - 1]
            self._width = len(shown)
            self._out.write(shown)
            self._out.flush()

    def clear(self) -> None:
        """Make way for other output."""
        if self._width:
            self._out.write(f"\r{' ' * self._width}\r")
            self._out.flush()
            self._width = 0


class _Table:
    """A row for each verdict as it comes, then the reports, then how many there are of each outcome."""

    def __init__(self, name: str, promises: Promises, only: Sequence[str]) -> None:
        self._name = name
        self._promises = promises
        self._width = max([len(n) for n in promises.chosen(only)], default=0)
        click.echo(visible(f"{name}: seed {promises.seed}, {counted(promises.tries, 'example')}"))

    def row(self, verdict: Verdict) -> None:
        """Print one verdict."""
        click.echo(f"  {verdict.name:<{self._width}}  {verdict.outcome:<7}  {visible(_brief(verdict))}".rstrip())

    def end(self, found: Sequence[Verdict]) -> None:
        """Print what follows the table."""
        for verdict in found:
            if verdict.failed:
                click.echo(f"\n{visible(verdict.report or verdict.detail, chr(10))}")
        counts = [(sum(v.outcome == o for v in found), o) for o in OUTCOMES]
        said = ", ".join(f"{n} {o}" for n, o in counts if n) or "nothing to examine"
        gap = "\n" if any(v.failed for v in found) else ""
        click.echo(visible(f"{gap}{self._name}: {said}", chr(10)))


class _Lines:
    """One JSON object for each verdict as it comes."""

    def __init__(self, name: str) -> None:
        self._name = name

    def row(self, verdict: Verdict) -> None:
        """Print one verdict."""
        parts = {"name": verdict.name, "kind": verdict.kind, "outcome": verdict.outcome, "detail": verdict.detail}
        click.echo(plain_json({"file": self._name, **parts, "report": verdict.report}))

    def end(self, found: Sequence[Verdict]) -> None:
        """Nothing is left to say."""


def _brief(verdict: Verdict) -> str:
    """The detail without its outcome, which stands beside it."""
    for start in (f"{verdict.outcome} ", f"{verdict.outcome}: "):
        if verdict.detail.startswith(start):
            return verdict.detail[len(start) :]
    return verdict.detail
