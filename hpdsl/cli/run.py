"""`hpdsl run`: tune a Python function or a shell command from a .hp file."""

from __future__ import annotations

import contextlib
import shlex
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import click

from hpdsl.cli import exits
from hpdsl.cli.options import opened, space_options
from hpdsl.cli.progress import Progress
from hpdsl.cli.studies import best_line, front_lines
from hpdsl.cli.tables import shown
from hpdsl.diagnostics import counted
from hpdsl.errors import UnknownNameError, UsageError
from hpdsl.space import Space
from hpdsl.study.study import Study


@click.command(context_settings={"ignore_unknown_options": False})
@click.argument("file")
@click.argument("command", nargs=-1)
@click.option("--objective", metavar="FILE.py:FUNCTION", help="A Python function of one configuration (a dict).")
@click.option(
    "--backend", default="auto", show_default=True, help="auto, bayes, tpe, random, grid, or a third party's."
)
@click.option("--trials", type=click.IntRange(min=1), default=50, show_default=True, help="In total, over all runs.")
@click.option("--seed", type=int, default=0, show_default=True)
@click.option("--store", metavar="PATH", help="Where trials are kept.  [default: NAME.study.db]")
@click.option("--option", "pairs", multiple=True, metavar="NAME=VALUE", help="An option of the backend.")
@space_options
def run(
    file: str,
    command: tuple[str, ...],
    objective: str | None,
    backend: str,
    trials: int,
    seed: int,
    store: str | None,
    pairs: tuple[str, ...],
    given: tuple[str, ...],
    fix: tuple[str, ...],
) -> None:
    """Tune the space in FILE: a Python function, or the shell command after `--`.

    In a command, {name} stands for a value, and {args} for --name=value of all; the last line it prints is a
    number, or a JSON object of outcomes. Repeating the same command continues up to --trials.
    """
    from hpdsl.study.loop import tune

    if store == "":
        raise UsageError("--store needs a path")
    if bool(objective) == bool(command):
        raise UsageError("give either --objective FILE.py:FUNCTION, or a command after `--`")
    space = opened(file, given, fix)
    options = _options(pairs)
    path = Path(store) if store else Path(f"{Path(file).stem}.study.db")
    progress = Progress(trials)
    try:
        with _polite_end(), progress:
            function = _evaluator(objective, command, space)
            click.echo(f"seed {seed}, backend {backend}, store {path}", err=True)
            _warm_in_background(backend)
            study = tune(
                function,
                space,
                backend=backend,
                trials=trials,
                seed=seed,
                store=path,
                on_trial=progress.show,
                **options,
            )
    except KeyboardInterrupt:
        click.echo("interrupted; everything is stored, and the same command continues", err=True)
        sys.exit(exits.INTERRUPTED)
    words = ["hpdsl", "run", file, "--backend", backend, "--trials", str(trials), "--seed", str(seed)]
    words += ["--store", str(path), *(word for pair in pairs for word in ("--option", pair))]
    words += [word for pair in given for word in ("--given", pair)] + [word for pair in fix for word in ("--fix", pair)]
    words += ["--objective", objective] if objective else ["--", *command]
    _conclude(study, progress, function, shlex.join(words))


@contextlib.contextmanager
def _polite_end() -> Iterator[None]:
    """A polite kill or a closed terminal ends like Ctrl-C: the trial's processes too, and the store consistent."""
    numbers = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    # What is ignored, as under nohup, stays so.
    before = {n: signal.signal(n, _interrupt) for n in numbers if signal.getsignal(n) == signal.SIG_DFL}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _evaluator(objective: str | None, command: tuple[str, ...], space: Space) -> Callable[[dict[str, Any]], Any]:
    """What is evaluated."""
    if objective:
        from hpdsl.study.objectives import load_function

        return load_function(objective)
    from hpdsl.study.command import Command

    return Command(command, space)


def _options(pairs: tuple[str, ...]) -> dict[str, Any]:
    options: dict[str, Any] = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if not equals or not name.isidentifier():
            raise UsageError(f"--option takes NAME=VALUE, not {pair!r}")
        if name in ("objective", "space", "backend", "trials", "seed", "store", "on_trial", "self"):
            raise UsageError(f"`{name}` is no option of a backend; see `hpdsl run --help`")
        options[name] = _value(text)
    return options


def _value(text: str) -> Any:
    words = {"true": True, "false": False, "none": None}
    if text in words:
        return words[text]
    for kind in (int, float):
        with contextlib.suppress(ValueError):
            return kind(text)
    return text


def _warm_in_background(backend: str) -> None:
    """Compile beside the first trials; they don't wait for it."""
    if backend in ("auto", "bayes"):
        from hpdsl.kernels import engine

        # Nothing depends on it but time.
        with contextlib.suppress(Exception):
            if not engine.warm():
                engine.start_warmup()


def _conclude(study: Study, progress: Progress, function: Callable[..., Any], again: str) -> None:
    """Say how it ended, what is best, and how to come back to it."""
    done = sum(t.finished for t in study.trials)
    failed = sum(t.state == "failed" for t in study.trials)
    store = shlex.quote(str(study.path))
    if study.ended == "exhausted":
        click.echo(f"nothing new is left to try after {counted(done, 'trial')}: {study.remark}")
    elif progress.count == 0:
        click.echo(f"nothing left to do: the study has its {counted(done, 'trial')}; raise --trials to go on")
    if failed:
        click.echo(f"{failed} of {counted(done, 'trial')} failed; see `hpdsl trials {store}`")
    if len(study.objectives) > 1:
        _conclude_front(study)
    else:
        _conclude_best(study, function, done)
    click.echo(f"stored in {study.path}; show it again: hpdsl best {store}")
    click.echo(f"a larger --trials continues the search, another --store repeats it: {again}")


def _conclude_front(study: Study) -> None:
    front = study.front
    if not front:
        click.echo(f"error: {study.nothing()}", err=True)
        sys.exit(exits.NOTHING_FOUND)
    for line in front_lines(study, front):
        click.echo(line)


def _conclude_best(study: Study, function: Callable[..., Any], done: int) -> None:
    try:
        trial = study.best_trial
    except UnknownNameError as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(exits.NOTHING_FOUND)
    click.echo(f"best {best_line(study, trial, done)}")
    for name, value in trial.config.items():
        click.echo(f"  {name} = {shown(value)}")
    replay = _replay(function, trial.config)
    if replay:
        click.echo(f"evaluate it again: {replay}")


def _replay(function: Callable[..., Any], config: dict[str, Any]) -> str:
    """The command line that evaluates a configuration; "" for a Python function."""
    from hpdsl.study.codec import dump
    from hpdsl.study.command import Command

    if not isinstance(function, Command):
        return ""
    line = shlex.join(function.argv(config))
    # A template without placeholders leaves the program only the environment to read.
    return (
        line if any("{" in word for word in function.template) else f"HPDSL_CONFIG={shlex.quote(dump(config))} {line}"
    )
