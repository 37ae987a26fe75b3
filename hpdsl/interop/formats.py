"""The formats that hpdsl reads and writes, and how a text's format is found."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hpdsl.errors import UsageError
from hpdsl.interop.draft import Draft

if TYPE_CHECKING:
    from hpdsl.interop.written import Written
    from hpdsl.space import Space


@dataclass(frozen=True)
class Format:
    """A format; `reader` and `writer` are `module:function` in this package, empty where there is none."""

    name: str
    title: str
    extensions: tuple[str, ...]
    reader: str
    writer: str
    looks: Callable[[str, Any], bool]
    """Whether a text, or what it holds as JSON (None where it is none), is of this format."""


def _keys(*names: str) -> Callable[[str, Any], bool]:
    return lambda text, data: isinstance(data, dict) and all(n in data for n in names)


def _looks_irace(text: str, data: Any) -> bool:
    row = re.compile(
        r'^[^\S\n]*[\w.@:-]+[^\S\n]+(?:"[^"\n]*"|\'[^\'\n]*\')[^\S\n]+[cirob](?:,log)?[^\S\n]+[("]', re.MULTILINE
    )
    return data is None and row.search(text) is not None


def _looks_pcs(text: str, data: Any) -> bool:
    row = re.compile(
        r"^[^\s\[\]{}|=,#~]+[^\S\n]*(?:(?:categorical|ordinal|integer|real)[^\S\n]*)?"
        r"[\[{][^\]}\n~]*[\]}][^\S\n]*\[",
        re.MULTILINE,
    )
    return data is None and row.search(text) is not None


def _looks_wandb(text: str, data: Any) -> bool:
    return data is None and re.search(r"^parameters\s*:", text, re.MULTILINE) is not None


def _looks_optuna(text: str, data: Any) -> bool:
    if not isinstance(data, dict):
        return False
    one = data["distributions"] if isinstance(data.get("distributions"), dict) else data
    try:
        found = [json.loads(v) if isinstance(v, str) and v.startswith("{") else v for v in one.values()]
    except (ValueError, RecursionError):
        return False
    return bool(found) and all(isinstance(v, dict) and str(v.get("name", "")).endswith("Distribution") for v in found)


def _looks_hp(text: str, data: Any) -> bool:
    return (
        data is None
        and re.search(r"^[^\S\n]*(?:`[^`\n]+`|\w+)(?:\[[^\]\n]*\])?\s*~\s*\w", text, re.MULTILINE) is not None
    )


# In the order in which a text is tried.
FORMATS: dict[str, Format] = {
    f.name: f
    for f in (
        Format("hp", "hpdsl", (".hp",), "", "", _looks_hp),
        Format(
            "configspace",
            "ConfigSpace JSON",
            (".json",),
            "configspace_json:read",
            "write_configspace:write",
            _keys("hyperparameters"),
        ),
        Format("t1", "T1 auto-tuning JSON", (".json",), "t1:read", "", _keys("ConfigurationSpace")),
        Format("optuna", "Optuna distributions", (".json",), "optuna:read_text", "write_optuna:write", _looks_optuna),
        Format("irace", "irace parameters", (".txt", ".irace"), "irace:read", "", _looks_irace),
        Format("pcs", "SMAC .pcs", (".pcs", ".pcs_new"), "pcs:read", "write_pcs:write", _looks_pcs),
        Format("wandb", "W&B sweep", (".yaml", ".yml"), "wandb:read", "", _looks_wandb),
    )
}


def named(name: str) -> Format:
    """The format of a name."""
    if name not in FORMATS:
        from hpdsl.diagnostics import suggest

        near = suggest(name, FORMATS)
        hint = f"did you mean `{near}`?" if near else f"the formats are {', '.join(FORMATS)}"
        raise UsageError(f"no format `{name}`; {hint}")
    return FORMATS[name]


def of_path(path: str | Path) -> list[Format]:
    """The formats that use the extension of a path."""
    suffix = Path(path).suffix.lower()
    return [f for f in FORMATS.values() if suffix in f.extensions]


def detect(text: str, path: str | Path | None = None) -> Format:
    """The format of a text: by the extension where that is clear, else by what the text looks like."""
    candidates = of_path(path) if path is not None else []
    if len(candidates) == 1 and candidates[0].name not in ("irace", "wandb"):
        return candidates[0]
    text = text.removeprefix("\ufeff")
    data = _json(text)
    for format in [*candidates, *(f for f in FORMATS.values() if f not in candidates)]:
        if format.looks(text, data):
            return format
    if len(candidates) == 1:
        return candidates[0]
    where = f"{path}: " if path is not None else ""
    raise UsageError(f"{where}the format can't be told from the text; name it: {', '.join(FORMATS)}")


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _function(place: str) -> Callable[..., Any]:
    module, _, attribute = place.partition(":")
    function: Callable[..., Any] = getattr(import_module(f"hpdsl.interop.{module}"), attribute)
    return function


def draft(text: str, format: str | None = None, path: str | Path | None = None) -> Draft:
    """A text of another format as a draft."""
    if not isinstance(text, str):
        raise UsageError(f"expected the text of a space, not {type(text).__name__}")
    source = named(format) if format is not None else detect(text, path)
    if not source.reader:
        raise UsageError(f"a text in the format `{source.name}` needs no conversion; use loads()")
    found: Draft = _function(source.reader)(text)
    return found


def to_text(text: str, format: str | None = None, path: str | Path | None = None) -> tuple[str, list[str]]:
    """The .hp text of a text in any format, and what could not be carried over."""
    source = named(format) if format is not None else detect(text, path)
    if source.name == "hp":
        return text, []
    from hpdsl.interop.print_hp import printed

    return printed(draft(text, source.name))


def checked(text: str, name: str) -> Space:
    """The space of a .hp text that was converted; raises `SpecError` with all findings where it has errors."""
    from hpdsl.compiler import Compilation
    from hpdsl.source import Source

    folder = Path(name).parent if name.endswith(".hp") else None
    return Compilation(Source(name, text), folder).space


def written(space: Space, format: str, lossy: bool = False) -> Written:
    """A space in another format; `lossy` leaves out, with a note, what that can't hold, which else is an error."""
    target = named(format)
    if target.name == "hp":
        from hpdsl.interop.written import Written

        return Written(space.compilation.source.text)
    if not target.writer:
        able = ", ".join(f.name for f in FORMATS.values() if f.writer or f.name == "hp")
        raise UsageError(f"the format `{format}` can only be read; those that can be written are {able}")
    found: Written = _function(target.writer)(space, lossy)
    return found


def convert(
    text: str, source_format: str | None, target_format: str, path: str | Path | None = None, lossy: bool = False
) -> Written:
    """A text of one format in another; `lossy` as in `written`."""
    from hpdsl.interop.written import Written

    source = named(source_format) if source_format is not None else detect(text, path)
    target = named(target_format)
    hp, notes = to_text(text, source.name)
    # What is wrong with the result is shown in its own text, where there is such a text to look at.
    shown = str(path) if path is not None and source.name == "hp" else f"<{path or source.name} as .hp>"
    space = checked(hp, shown)
    if target.name == "hp":
        return Written(hp, tuple(notes))
    result = written(space, target.name, lossy)
    return Written(result.text, (*notes, *result.notes))
