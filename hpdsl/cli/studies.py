"""`hpdsl best` and `hpdsl trials`: what a store holds."""

from __future__ import annotations

import sys
from typing import Any

import click

from hpdsl.cli import exits
from hpdsl.cli.tables import FORMATS, cell, lines, plain_json, shown, visible
from hpdsl.configs import keys
from hpdsl.diagnostics import counted
from hpdsl.errors import StoreError, UnknownNameError, UsageError
from hpdsl.study.study import Study, open_study
from hpdsl.study.trial import Trial


@click.command()
@click.argument("store")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
def best(store: str, form: str) -> None:
    """Show the best configuration of the study in STORE; of several objectives the front."""
    study = open_study(store)
    if len(study.objectives) > 1:
        _front(study, form)
        return
    try:
        trial = study.best_trial
    except UnknownNameError as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(exits.NOTHING_FOUND)
    if form == "json":
        expected = {} if study.recommendation is None else {"expected": study.recommendation.value}
        click.echo(plain_json({"objective": study.objective.name, **expected, **_json(trial)}))
        return
    click.echo(best_line(study, trial, len(study.trials)))
    for name, value in trial.config.items():
        click.echo(f"  {name} = {shown(value)}")
    others = {name: x for name, x in trial.outcomes.items() if name != study.objective.name}
    if others:
        click.echo("other outcomes: " + _listed(others))


def best_line(study: Study, trial: Trial, of: int) -> str:
    """What the best trial has come to; under noise also that a model chose it."""
    name, told = study.objective.name, cell(trial.value)
    if study.recommendation is None:
        return f"{name} = {told}   (trial {trial.number}, of {of})"
    return (
        f"{name} = {cell(study.recommendation.value)} expected   (trial {trial.number}, of {of}, "
        f"which measured {told}; values are noisy, so the best is the one that the model expects most of)"
    )


def _front(study: Study, form: str) -> None:
    """Print the trials of the front."""
    found = study.front
    names = [o.name for o in study.objectives]
    if form == "json":
        for trial in found:
            click.echo(plain_json({"objectives": names, **_json(trial)}))
    else:
        for line in front_lines(study, found):
            click.echo(line)
    if not found:
        click.echo(f"error: {study.nothing()}", err=True)
        sys.exit(exits.NOTHING_FOUND)


def front_lines(study: Study, front: list[Trial]) -> list[str]:
    """A front for people: what is optimised, and a table."""
    if not front:
        return []
    goals = ", ".join(f"{'maximize' if o.maximize else 'minimize'} {o.name}" for o in study.objectives)
    head = f"{goals}: {len(front)} of {counted(len(study.trials), 'trial')} are the best compromises"
    columns = {n: c for n, c in _columns(study).items() if n not in ("state", "duration", "reason")}
    return [head, *lines([_flat(t, columns) for t in front], list(columns), "table")]


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
    columns = _columns(study)
    rows = [_json(t) if form == "json" else _flat(t, columns) for t in study.trials]
    for line in lines(rows, list(columns), form):
        sys.stdout.write(line + "\n")


def _columns(study: Study) -> dict[str, tuple[str, str]]:
    """The columns of a listing: where in a trial each is found, as (part, key)."""
    targets = [o.name for o in study.objectives]
    columns = {"number": ("", "number"), "state": ("", "state")}
    after = {"duration": ("", "duration"), "reason": ("", "reason")}
    if len(targets) == 1:
        columns[targets[0]] = ("", "value")
    else:
        columns.update({(f"outcomes.{n}" if n in columns or n in after else n): ("outcomes", n) for n in targets})
    try:
        names = keys(study.space.compilation.model)
    except StoreError:  # its trials can be read all the same
        names = list(dict.fromkeys(key for t in study.trials for key in t.config))
    outcomes = dict.fromkeys(name for t in study.trials for name in t.outcomes if name not in targets)
    for part, found in (("config", names), ("outcomes", list(outcomes))):
        for key in found:
            columns[f"{part}.{key}" if key in columns or key in after else key] = (part, key)
    return {**columns, **after}


def _flat(trial: Trial, columns: dict[str, tuple[str, str]]) -> dict[str, Any]:
    """A trial's cells; what it doesn't have is left out."""
    row = {}
    for name, (part, key) in columns.items():
        values = getattr(trial, part) if part else vars(trial)
        if values.get(key) is not None or (part and key in values):
            row[name] = values[key]
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


def _listed(outcomes: dict[str, float]) -> str:
    return ", ".join(f"{visible(name)} = {cell(x)}" for name, x in outcomes.items())


def _one(trial: Trial, form: str) -> None:
    if form == "json":
        click.echo(plain_json({**_json(trial), "output": trial.output}))
        return
    value = "" if trial.value is None else f", value {cell(trial.value)}"
    click.echo(f"trial {trial.number}: {trial.state}{value}")
    for name, x in trial.config.items():
        click.echo(f"  {name} = {shown(x)}")
    if trial.outcomes:
        click.echo("outcomes: " + _listed(trial.outcomes))
    if trial.reason:
        click.echo(f"reason: {trial.reason}")
    if trial.output:
        click.echo("output:\n" + visible(trial.output, kept="\n\t"))
