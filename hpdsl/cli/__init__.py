"""The command line. Commands load when they are called, so that `hpdsl check` and `--help` stay light."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

import click

from hpdsl import __version__
from hpdsl.cli import exits, streams

# Name, module:attribute, and the line `hpdsl --help` shows.
COMMANDS: dict[str, tuple[str, str]] = {
    "check": ("hpdsl.cli.check:check", "Find errors in .hp files."),
    "fmt": ("hpdsl.cli.fmt:fmt", "Rewrite .hp files in one style."),
    "diff": ("hpdsl.cli.diff:diff", "Show what changed between two spaces."),
    "convert": ("hpdsl.cli.convert:convert", "Read and write the formats of other tools."),
    "explain": ("hpdsl.cli.spaces:explain", "Show what the compiler made of a space, or explain an error code."),
    "sample": ("hpdsl.cli.spaces:sample", "Draw configurations from the prior."),
    "grid": ("hpdsl.cli.spaces:grid", "List or count the points of a grid."),
    "test": ("hpdsl.cli.test:test", "Attack the laws and the asserts of a space."),
    "run": ("hpdsl.cli.run:run", "Tune a Python function or a shell command."),
    "best": ("hpdsl.cli.studies:best", "Show the best configuration of a study."),
    "trials": ("hpdsl.cli.studies:trials", "List the trials of a study."),
    "warmup": ("hpdsl.cli.warmup:warmup", "Compile the kernels ahead of time."),
}


class LazyGroup(click.Group):
    """A group that knows its commands by name and imports the one that is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, in the order of use."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a name, imported now."""
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find a command; a misspelt one gets a suggestion."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            from hpdsl.diagnostics import suggest

            near = suggest(args[0], COMMANDS)
            hint = f"did you mean `{near}`?" if near else f"the commands are {', '.join(COMMANDS)}"
            raise click.UsageError(f"no command `{args[0]}`; {hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; a reader that has seen enough is told apart from other errors of writing."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError as error:
            raise ReaderGoneError from error

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run, and turn every foreseen error into one message and an exit code."""
        from hpdsl.errors import HpdslError

        streams.prepare()
        kwargs["standalone_mode"] = False
        try:
            code = super().main(*args, **kwargs)
            sys.stdout.flush()
        except click.ClickException as error:
            error.show()
            code = error.exit_code
        except (click.Abort, KeyboardInterrupt):
            click.echo("interrupted", err=True)
            code = exits.INTERRUPTED
        except HpdslError as error:
            code = report(error)
        except (ReaderGoneError, BrokenPipeError):
            streams.silence(sys.stdout)
            code = exits.OK
        except OSError as error:
            where = f"{error.filename}: " if error.filename is not None else ""
            click.echo(f"error: {where}{error.strerror or error}", err=True)
            streams.silence(sys.stdout)
            code = exits.TROUBLE
        except Exception:
            code = _own_fault()
        sys.exit(code if isinstance(code, int) else exits.OK)


class ReaderGoneError(Exception):
    """Whoever read our output has closed it."""


def report(error: Exception) -> int:
    """Print an error for its reader; returns the exit code."""
    from hpdsl import errors

    if isinstance(error, errors.SpecError):
        from hpdsl.diagnostics import render

        click.echo(render(error.diagnostics, streams.colored(sys.stderr)), err=True)
        return exits.SPEC_ERRORS
    click.echo(f"error: {error}", err=True)
    return exits.TROUBLE if isinstance(error, (errors.StoreError, errors.SamplingError)) else exits.MISUSE


def _own_fault() -> int:
    """Own up to the exception being handled."""
    import traceback

    click.echo(f"error: this is a bug in hpdsl {__version__}; please report it with the lines below", err=True)
    click.echo(traceback.format_exc(), err=True, nl=False)
    return exits.BUG


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="hpdsl")
def main() -> None:
    """Check, sample, explain and tune hyperparameter spaces written in .hp files."""
