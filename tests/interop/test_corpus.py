"""Real spaces of other tools, beside the repository: they convert, and mean what ConfigSpace says they mean."""

from __future__ import annotations

import math
import os
import warnings
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import hpdsl
from hpdsl.interop.formats import to_text
from hpdsl.source import Source
from hpdsl.syntax.formatter import format_source

FOLDER = Path(__file__).parents[2] / ".." / "shared" / "spaces"
FILES = sorted(p for pattern in ("*.pcs", "yahpo_*.json") for p in FOLDER.glob(pattern))
# Samples either way; HPDSL_SAMPLES=10000 takes minutes.
ROWS = int(os.environ.get("HPDSL_SAMPLES", "1000"))
# The syntax is not told by the extension, which ConfigSpace wants to know.
NEW_SYNTAX = ("examples", "lkh-3.0.7_tuned", "paramnet_2017_06_22")

pytestmark = pytest.mark.skipif(not FILES, reason="the corpus of spaces is not beside the repository")
each_file = pytest.mark.parametrize("path", FILES, ids=lambda p: p.name)


@cache
def converted(path: Path) -> tuple[str, tuple[str, ...]]:
    """The .hp text and the notes."""
    text, notes = to_text(path.read_text(encoding="utf-8"), None, path)
    return text, tuple(notes)


def reference(path: Path) -> Any:
    """What ConfigSpace itself reads from the file."""
    space = pytest.importorskip("ConfigSpace", reason="ConfigSpace is not installed")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if path.suffix == ".json":
            return space.ConfigurationSpace.from_json(path)
        pytest.importorskip("pyparsing", reason="ConfigSpace reads .pcs files with pyparsing")
        from ConfigSpace.read_and_write import pcs, pcs_new

        module = pcs_new if path.stem in NEW_SYNTAX else pcs
        return module.read(path.read_text(encoding="utf-8").splitlines())


@each_file
def test_it_loads_in_canonical_style_and_samples_valid_configurations(path: Path) -> None:
    text, _ = converted(path)
    assert format_source(Source("x.hp", text)) == text
    space = hpdsl.loads(text)
    assert all(map(space.is_valid, space.sample(300, seed=3)))


@each_file
def test_configspace_accepts_our_samples(path: Path) -> None:
    theirs = reference(path)
    from ConfigSpace import Configuration

    text, _ = converted(path)
    for config in hpdsl.loads(text).sample(ROWS, seed=1):
        Configuration(theirs, values=dict(config)).check_valid_configuration()


@each_file
def test_we_accept_the_samples_of_configspace(path: Path) -> None:
    theirs = reference(path)
    theirs.seed(2)
    text, _ = converted(path)
    space = hpdsl.loads(text)
    refused = [c for c in map(plain, theirs.sample_configuration(ROWS)) if not space.is_valid(c)]
    assert refused == []


@each_file
def test_defaults_are_the_same(path: Path) -> None:
    theirs = plain(reference(path).get_default_configuration())
    text, _ = converted(path)
    ours = hpdsl.loads(text).default
    assert ours is not None
    assert ours.keys() == theirs.keys()
    for name, value in theirs.items():
        same = math.isclose(ours[name], value, rel_tol=1e-9) if isinstance(value, float) else ours[name] == value
        assert same, name


def plain(configuration: Any) -> dict[str, Any]:
    """The values as Python's own."""
    return {k: v.item() if hasattr(v, "item") else v for k, v in dict(configuration).items()}
