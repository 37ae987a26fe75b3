"""`hpdsl run`: tune a Python function or a shell command from a .hp file."""

from __future__ import annotations

import contextlib
import shlex
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import click

from hpdsl.cli import exits
from hpdsl.cli.progress import Forgiving, Progress
from hpdsl.cli.spaces import opened
from hpdsl.cli.tables import cell
from hpdsl.errors import UnknownNameError, UsageError
from hpdsl.study.study import Study


@click.command(context_settings={"ignore_unknown_options": False})
@click.argument("file")
@click.argument("command", nargs=-1)
@click.option("--objective", metavar="FILE.py:FUNCTION", help="A Python function of one configuration (a dict).")
@click.option("--backend", default="bayes", show_default=True, help="bayes, random, grid, or a third party's.")
@click.option("--trials", type=click.IntRange(min=1), default=50, show_default=True, help="In total, over all runs.")
@click.option("--seed", type=int, default=0, show_default=True)
@click.option("--store", metavar="PATH", help="Where trials are kept.  [default: NAME.study.db]")
@click.option("--option", "pairs", multiple=True, metavar="NAME=VALUE", help="An option of the backend.")
def run(
    file: str,
    command: tuple[str, ...],
    objective: str | None,
    backend: str,
    trials: int,
    seed: int,
    store: str | None,
    pairs: tuple[str, ...],
) -> None:
    """Tune the space in FILE: a Python function, or the shell command after `--`.

    In a command, {name} stands for a value, and {args} for --name=value of all; the last line it prints is a
    number, or a JSON object of outcomes. Repeating the same command continues up to --trials.
    """
    from hpdsl.study.loop import tune

    # A reader that leaves (`… | head`) must neither end the study nor fail the trials that print.
    sys.stdout, sys.stderr = Forgiving(sys.stdout), Forgiving(sys.stderr)
    if store == "":
        raise UsageError("--store needs a path")
    if bool(objective) == bool(command):
        raise UsageError("give either --objective FILE.py:FUNCTION, or a command after `--`")
    space = opened(file)
    options = _options(pairs)
    function, replay = _evaluator(objective, command, space)
    path = Path(store) if store else Path(f"{Path(file).stem}.study.db")
    click.echo(f"seed {seed}, backend {backend}, store {path}", err=True)
    _warm_in_background(backend)
    progress = Progress(trials)
    # A polite kill ends like Ctrl-C: the trial's own processes too, and the store consistent.
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        study = tune(
            function, space, backend=backend, trials=trials, seed=seed, store=path, on_trial=progress.show, **options
        )
    except KeyboardInterrupt:
        progress.close()
        click.echo("interrupted; everything is stored, and the same command continues", err=True)
        sys.exit(exits.INTERRUPTED)
    progress.close()
    _conclude(study, path, progress, replay)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _evaluator(
    objective: str | None, command: tuple[str, ...], space: Any
) -> tuple[Callable[..., Any], Callable[[dict[str, Any]], str] | None]:
    """What is evaluated, and how its command line reads for a configuration."""
    if objective:
        from hpdsl.study.objectives import load_function

        return load_function(objective), None
    from hpdsl.study.command import Command

    template = Command(command, space)
    return template, lambda config: shlex.join(template.argv(config))


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
    if backend == "bayes":
        from hpdsl.kernels import engine

        if not engine.warm():
            engine.start_warmup()


def _conclude(study: Study, path: Path, progress: Progress, replay: Callable[[dict[str, Any]], str] | None) -> None:
    done = sum(t.finished for t in study.trials)
    failed = sum(t.state == "failed" for t in study.trials)
    if study.ended == "exhausted":
        click.echo(f"nothing new is left to try after {done} trials: {study.remark}")
    elif progress.count == 0:
        click.echo(f"nothing left to do: the study has its {done} trials; raise --trials to go on")
    if failed:
        click.echo(f"{failed} of {done} trials failed; see `hpdsl trials {shlex.quote(str(path))}`")
    try:
        trial = study.best_trial
    except UnknownNameError as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(exits.NOTHING_FOUND)
    click.echo(f"best {study.objective.name} = {cell(trial.value)}   (trial {trial.number}, of {done})")
    for name, value in trial.config.items():
        click.echo(f"  {name} = {cell(value)}")
    if replay is not None:
        click.echo(f"evaluate it again: {replay(trial.config)}")
    click.echo(f"stored in {path}; show it again with `hpdsl best {shlex.quote(str(path))}`,")
    click.echo(f"repeat the search with the same command and seed ({study.seed}) on a new store")
