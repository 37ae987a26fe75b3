"""`Identity`: what makes two runs the same study, and how to say where they differ."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any

from hpdsl.errors import UsageError
from hpdsl.semantics.model import Objective
from hpdsl.study import codec
from hpdsl.study.trial import one_line


@dataclass(frozen=True)
class Identity:
    """What a study was started with. The text of the spec is there to be shown and compiled again, not compared."""

    space_id: str
    study_id: str
    seed: int
    backend: str
    options: dict[str, Any]
    objectives: tuple[Objective, ...]
    spec_name: str
    spec_text: str
    inputs: dict[str, Any] = field(default_factory=dict, compare=False)
    """What was compiled besides the text: inputs, fixed and restricted parameters, imported files."""
    created: float = field(default=0.0, compare=False)

    def options_text(self) -> str:
        """The options as JSON, in the order of their names."""
        try:
            return codec.dump(dict(sorted(self.options.items())))
        except TypeError as error:
            raise UsageError(f"an option of the backend `{self.backend}`: {error}") from None


def differences(stored: Identity, now: Identity) -> list[str]:
    """What differs between a stored study and a run that wants to continue it, both values named."""
    found = []
    if stored.study_id != now.study_id:
        what = "its space" if stored.space_id != now.space_id else "the objective or the `try` points of its space"
        found.append(f"{what}: {_texts(stored.spec_text, now.spec_text)}")
    if stored.seed != now.seed:
        found.append(f"its seed is {stored.seed}, not {now.seed}")
    if stored.backend != now.backend:
        found.append(f"its backend is {stored.backend}, not {now.backend}")
    elif stored.options_text() != now.options_text():
        found.extend(_options(stored.options, now.options))
    return found


def _options(stored: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    found = []
    for name in sorted({*stored, *now}):
        before = f"is {codec.dump(stored[name])}" if name in stored else "is absent"
        after = codec.dump(now[name]) if name in now else "absent"
        if before != f"is {after}":
            found.append(f"its backend option {name} {before}, not {after}")
    return found


def _texts(stored: str, now: str) -> str:
    """The first place where two specs differ, in words."""
    before, after = _sentences(stored), _sentences(now)
    changes = [c for c in SequenceMatcher(None, before, after, autojunk=False).get_opcodes() if c[0] != "equal"]
    if not changes:
        return "the text is the same but its meaning has changed, so another version of hpdsl wrote it"
    _, i, i_end, j, j_end = changes[0]
    old, new = _quoted(before[i:i_end]), _quoted(after[j:j_end])
    more = f" (and {len(changes) - 1} more)" if len(changes) > 1 else ""
    if not old:
        return f"{new} is new, stored is nothing like it{more}"
    if not new:
        return f"stored is {old}, now missing{more}"
    return f"stored is {old}, now {new}{more}"


def _sentences(text: str) -> list[str]:
    """The lines of a spec without comments and blank ones."""
    lines = (" ".join(line.split("#")[0].split()) for line in text.splitlines())
    return [line for line in lines if line]


def _quoted(lines: list[str]) -> str:
    return f"`{one_line('; '.join(lines))}`" if lines else ""
