"""Values as text and back, bit for bit: numbers with NaN and infinities, configurations, outcomes, options.

JSON proper, so that any program can read a store: what JSON has no word for becomes `{"$float": "inf"}`.
Names cannot hold a `$`, so nothing a user writes looks like that.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Mapping
from typing import Any

_ODD = "$float"
_PLAIN_NAN = struct.pack(">d", math.nan)


def number_text(number: float) -> str:
    """A float as text: the shortest that reads back the same; a NaN of other bits than usual carries them along."""
    bits = struct.pack(">d", number)
    if number != number and bits != _PLAIN_NAN:
        return f"nan:{bits.hex()}"
    return repr(float(number))


def number_of(text: str) -> float:
    """The float of `number_text`."""
    if text.startswith("nan:"):
        number: float = struct.unpack(">d", bytes.fromhex(text[4:]))[0]
        if number == number:
            raise ValueError(f"{text} is a number")
        return number
    return float(text)


def dump(value: object) -> str:
    """A value as JSON text; raises TypeError for what has no JSON form."""
    return json.dumps(_plain(value), separators=(",", ":"), allow_nan=False)


def parse(text: str) -> Any:
    """The value of `dump`; raises ValueError for what is no JSON."""
    try:
        return json.loads(text, object_hook=_revive, parse_constant=_refuse)
    except (RecursionError, TypeError) as error:
        raise ValueError(str(error)) from None


def parse_dict(text: str) -> dict[str, Any]:
    """The dict of `dump`; raises ValueError for anything else."""
    value = parse(text)
    if not isinstance(value, dict):
        raise ValueError(f"{text[:40]!r} is no JSON object")
    return value


def _plain(value: object) -> object:
    if value is None or isinstance(value, (bool, str, int)):
        return value
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else {_ODD: number_text(value)}
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    # A scalar of numpy or the like.
    if getattr(value, "shape", None) == () and hasattr(value, "item"):
        return _plain(value.item())
    raise TypeError(f"{value!r} can't be stored; use numbers, strings, true, false, none, lists and dicts of these")


def _revive(found: dict[str, Any]) -> Any:
    if found.keys() == {_ODD}:
        return number_of(str(found[_ODD]))
    return found


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")
