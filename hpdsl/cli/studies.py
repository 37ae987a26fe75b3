"""`hpdsl best` and `hpdsl trials`: what a store holds."""

from __future__ import annotations

import sys
from typing import Any

import click

from hpdsl.cli import exits
from hpdsl.cli.spaces import keys
from hpdsl.cli.tables import FORMATS, cell, lines, plain_json
from hpdsl.errors import UnknownNameError, UsageError
from hpdsl.study.study import Study, open_study
from hpdsl.study.trial import Trial


@click.command()
@click.argument("store")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
def best(store: str, form: str) -> None:
    """Show the best configuration of the study in STORE."""
    study = open_study(store)
    try:
        trial = study.best_trial
    except UnknownNameError as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(exits.NOTHING_FOUND)
    if form == "json":
        click.echo(plain_json({"number": trial.number, "value": trial.value, "config": trial.config}))
        return
    click.echo(f"{study.objective.name} = {cell(trial.value)}   (trial {trial.number}, of {len(study.trials)})")
    for name, value in trial.config.items():
        click.echo(f"  {name} = {cell(value)}")


@click.command()
@click.argument("store")
@click.option("--format", "form", type=click.Choice(FORMATS), default="table", help="json: one object a line.")
@click.option("--number", type=click.IntRange(min=0), help="Show all of one trial, captured output included.")
def trials(store: str, form: str, number: int | None) -> None:
    """List the trials of the study in STORE."""
    study = open_study(store)
    if number is not None:
        if form == "csv":
            raise UsageError("--number shows one trial whole: as text, or with --format json")
        found = [t for t in study.trials if t.number == number]
        if not found:
            raise UnknownNameError(f"{store}: no trial {number}; it has {len(study.trials)}, counted from 0")
        _one(found[0], form)
        return
    columns = ["number", "state", study.objective.name, *keys(study.space), "reason"]
    rows = [_json(t) if form == "json" else _flat(t, study) for t in study.trials]
    for line in lines(rows, columns, form):
        sys.stdout.write(line + "\n")


def _flat(trial: Trial, study: Study) -> dict[str, Any]:
    row: dict[str, Any] = {"number": trial.number, "state": trial.state, **trial.config, "reason": trial.reason}
    if trial.value is not None:
        row[study.objective.name] = trial.value
    return row


def _json(trial: Trial) -> dict[str, Any]:
    return {
        "number": trial.number,
        "state": trial.state,
        "value": trial.value,
        "outcomes": trial.outcomes,
        "config": trial.config,
        "duration": trial.duration,
        "reason": trial.reason,
    }


def _one(trial: Trial, form: str) -> None:
    if form == "json":
        click.echo(plain_json({**_json(trial), "output": trial.output}))
        return
    value = "" if trial.value is None else f", value {cell(trial.value)}"
    click.echo(f"trial {trial.number}: {trial.state}{value}")
    for name, x in trial.config.items():
        click.echo(f"  {name} = {cell(x)}")
    if trial.reason:
        click.echo(f"reason: {trial.reason}")
    if trial.output:
        # Captured output may hold what a terminal would obey.
        shown = "".join(c if c.isprintable() or c in "\n\t" else f"\\x{ord(c):02x}" for c in trial.output)
        click.echo(f"output:\n{shown}")
