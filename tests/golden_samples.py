"""Frozen samples: spaces in `program/golden_samples`, the hash of their rows, and the hashes they must have.

The hash is of what a configuration holds, not of how it is stored: values by path, whatever NaN says "inactive".
"""

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path

import numpy as np

import hpdsl
from hpdsl.semantics.model import Parameter

FOLDER = Path(__file__).parent / "program" / "golden_samples"
HASHES = FOLDER / "hashes.json"
NAMES = tuple(sorted(p.stem for p in FOLDER.glob("*.hp")))
SEED = 2025
FEW, MANY = 2_000, 1_000_000


def space_of(name: str) -> hpdsl.Space:
    """A golden space."""
    return hpdsl.load(FOLDER / f"{name}.hp")


def frozen() -> dict[str, dict[str, str]]:
    """The stored hashes: by space, then by the number of rows."""
    return json.loads(HASHES.read_text("utf-8"))


def columns(space: hpdsl.Space) -> dict[str, int]:
    """The rows of `Configs.matrix` by what they hold."""
    found = {}
    for symbol in space.compilation.model.symbols:
        if not isinstance(symbol, Parameter):
            found[f"{symbol.path} ="] = symbol.column
            continue
        if symbol.value is not None:
            found[f"{symbol.path} ~"] = symbol.value
        if symbol.code is not None:
            found[f"{symbol.path} #"] = symbol.code
    return dict(sorted(found.items()))


def digest(space: hpdsl.Space, parts: Iterable[np.ndarray]) -> str:
    """SHA-256 of a sample given as matrices of consecutive rows."""
    places = columns(space)
    hashes = {name: hashlib.sha256(name.encode()) for name in places}
    for matrix in parts:
        for name, place in places.items():
            row = matrix[place]
            hashes[name].update(np.where(np.isnan(row), np.nan, row).astype("<f8").tobytes())
    return hashlib.sha256(b"".join(h.digest() for h in hashes.values())).hexdigest()
