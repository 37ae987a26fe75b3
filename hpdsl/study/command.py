"""`Command`: an objective that runs a program; its last line of output is the value."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from hpdsl.configs import keys, parameter_keys
from hpdsl.study import codec
from hpdsl.study.outcome import read_outcome
from hpdsl.study.process import KEPT, Finished, run, signal_name
from hpdsl.study.template import fill, read_template
from hpdsl.study.trial import OUTPUT_LIMIT, TrialFailure, one_line, tail

if TYPE_CHECKING:
    from hpdsl.space import Space


class Command:
    """A function of a configuration that fills a template and runs it, without a shell.

    `{name}` becomes the text of a value within its one argument, `{args}` the list of all of them as --name=value.
    The last line printed that is not empty must be a number or a JSON object of outcomes. The program finds the
    configuration as JSON in the variable HPDSL_CONFIG too. Raises `TrialFailure` for every way to fail.
    """

    def __init__(self, template: Sequence[str], space: Space) -> None:
        model = space.compilation.model
        names = [*keys(model), *([space.fidelity.name] if space.fidelity is not None else [])]
        self._parameters = tuple(parameter_keys(model))
        self._elements = read_template(template, tuple(names))
        self._space = space
        self.template = tuple(template)

    def argv(self, config: dict[str, Any]) -> list[str]:
        """The arguments for a configuration."""
        if any(key not in config for key in self._elements[0].names):
            raise TrialFailure(one_line(f"no program: {self.template[0]} has an inactive name"))
        return fill(self._elements, config, self._parameters)

    def __call__(self, config: dict[str, Any]) -> float | dict[str, Any]:
        """Run the program; its value, or outcomes by name."""
        argv = self.argv(config)
        environment = {**os.environ, "HPDSL_CONFIG": codec.dump(config)}
        try:
            finished = run(argv, environment)
        except FileNotFoundError:
            raise TrialFailure(one_line(f"no program {argv[0]!r} is found")) from None
        except (OSError, ValueError) as error:
            why = (error.strerror if isinstance(error, OSError) else None) or error
            raise TrialFailure(one_line(f"the program {argv[0]!r} can't be started: {why}")) from None
        output = _captured(finished)
        if finished.status > 0:
            raise TrialFailure(f"exit status {finished.status}", output)
        if finished.status < 0:
            raise TrialFailure(f"killed by {signal_name(-finished.status)}", output)
        result = _result(finished, output)
        found = read_outcome(result, self._space)
        if found.reason:
            raise TrialFailure(found.reason, output, result)
        return result

    def __repr__(self) -> str:
        return f"Command({list(self.template)!r})"


def _result(finished: Finished, output: str) -> float | dict[str, Any]:
    """The value in the last line that is not empty."""
    text = finished.stdout.rstrip().decode(errors="replace")
    head, _, line = text.rpartition("\n")
    line = line.strip()
    if not line:
        raise TrialFailure("printed nothing; its last line must be the value", output)
    if finished.cut and not head:
        raise TrialFailure(f"its last line is longer than {KEPT // 1024} KiB", output)
    try:
        return float(line)
    except ValueError:
        pass
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        found = None
    if isinstance(found, dict):
        return found
    shown = line if len(line) <= 80 else line[:79] + "…"
    raise TrialFailure(one_line(f"its last line is neither a number nor a JSON object: {shown!r}"), output)


def _captured(finished: Finished) -> str:
    """Both streams, named, each with its end."""
    share = OUTPUT_LIMIT // 2 - 32
    parts = []
    for name, data in (("stdout", finished.stdout), ("stderr", finished.stderr)):
        text = tail(data.decode(errors="replace").rstrip(), share)
        if text:
            parts.append(f"--- {name} ---\n{text}")
    return "\n".join(parts)
