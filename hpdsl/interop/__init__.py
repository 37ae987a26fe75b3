"""Spaces in the formats of other tools, read into .hp text and written from a space.

hpdsl.interop.load("solver.pcs").sample(3)
print(hpdsl.interop.read("space.json"))
hpdsl.interop.write(space, "space.json", "configspace")
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hpdsl.errors import UsageError

if TYPE_CHECKING:
    from hpdsl.interop.written import Written
    from hpdsl.space import Space

__all__ = ["from_hyperopt", "from_optuna", "from_text", "load", "read", "to_configspace", "to_optuna", "write"]


def from_text(text: str, format: str | None = None) -> str:
    """The .hp text of a space in another format, which is told from the text where it is not named."""
    from hpdsl.interop.formats import to_text

    return to_text(text, format)[0]


def read(path: str | Path, format: str | None = None) -> str:
    """The .hp text of a space in a file; the format is told from extension and text where it is not named."""
    from hpdsl.compiler import read as read_source
    from hpdsl.interop.formats import to_text

    text = read_source(path).text
    try:
        return to_text(text, format, path)[0]
    except UsageError as error:
        raise UsageError(str(error) if str(path) in str(error) else f"{path}: {error}") from None


def load(path: str | Path, format: str | None = None) -> Space:
    """The space in a file of any format."""
    from hpdsl.interop.formats import checked

    return checked(read(path, format), str(path))


def write(space: Space, path: str | Path | None, format: str, lossy: bool = False) -> Written:
    """Write a space in another format, to a file unless `path` is None; the result holds text and notes.

    What the format can't hold is an error; with `lossy` it is left out, with a note.
    """
    from hpdsl.compiler import unnameable
    from hpdsl.interop.formats import written

    result = written(space, format, lossy)
    if path is not None:
        try:
            Path(path).write_text(result.text, encoding="utf-8")
        except OSError as error:
            raise UsageError(f"{path}: can't be written: {error.strerror}") from None
        except ValueError:
            raise unnameable(path) from None
    return result


def from_optuna(distributions: Mapping[str, Any]) -> str:
    """The .hp text of Optuna distributions by name."""
    from hpdsl.interop.optuna import read as read_optuna
    from hpdsl.interop.print_hp import to_hp

    return to_hp(read_optuna(distributions))


def from_hyperopt(space: Mapping[str, Any]) -> str:
    """The .hp text of a Hyperopt space."""
    from hpdsl.interop.hyperopt import read as read_hyperopt
    from hpdsl.interop.print_hp import to_hp

    return to_hp(read_hyperopt(space))


def to_optuna(space: Space, lossy: bool = False) -> dict[str, Any]:
    """Optuna distributions by name."""
    from hpdsl.interop import write_optuna

    result: dict[str, Any] = write_optuna.distributions(space, lossy)
    return result


def to_configspace(space: Space, lossy: bool = False) -> Any:
    """The space as a `ConfigSpace.ConfigurationSpace`."""
    from hpdsl.interop import write_configspace

    return write_configspace.space(space, lossy)
