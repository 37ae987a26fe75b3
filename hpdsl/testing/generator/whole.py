"""`specs()`: whole random specs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from hypothesis import reject
from hypothesis import strategies as st

from hpdsl.compiler import Compilation
from hpdsl.errors import SpecError
from hpdsl.source import Source
from hpdsl.space import Space
from hpdsl.testing.generator import blocks, collections, experiment, parameters, sentences, templates
from hpdsl.testing.generator.names import pick, rarely
from hpdsl.testing.generator.scope import Scope, World


@dataclass(frozen=True)
class Draft:
    """The text of a spec and of the files it imports, not compiled yet."""

    text: str
    files: Mapping[str, str] = field(default_factory=dict)

    def compilation(self) -> Compilation:
        """The spec on its way to a space."""
        return Compilation(Source("<spec>", self.text), None, {}, None, dict(self.files) or None)


@dataclass(frozen=True)
class Spec:
    """A text that compiles, its space, and the files it imports by name."""

    text: str
    space: Space = field(repr=False)
    files: Mapping[str, str] = field(default_factory=dict)


Writer = Callable[[st.DrawFn, Scope], str | None]
# What may stand anywhere; the earlier, the simpler. Repeated ones come more often.
_LEAVES: tuple[Writer, ...] = (
    parameters.numeric, parameters.numeric, parameters.numeric, parameters.choice, parameters.flag, parameters.ordinal,
    sentences.derived, sentences.require, collections.array, collections.vector, collections.subset,
    collections.permutation, sentences.claim, sentences.correlate,
)  # fmt: skip
_NEST = (blocks.group, blocks.union, blocks.when)


@st.composite
def _steps(draw: st.DrawFn, scope: Scope, first: bool) -> tuple[bool, str | None]:
    """Whether there is one more sentence, and it; its own strategy, so that shrinking can leave one out."""
    # Drawn for the first one too: so shrinking can leave it out like any other.
    if draw(st.integers(0, 5)) == 0 and not first:
        return False, None
    text = draw(_sentences(scope))
    return True, None if text is None else _annotated(draw, text)


def _annotated(draw: st.DrawFn, text: str) -> str:
    how = draw(st.integers(0, 40))
    if how == 37:
        return f"## {text.split()[0]} is documented.\n{text}"
    if how == 38:
        return f"# a comment\n{text}"
    if how == 39:
        return f"\n{text}"
    if how == 40:
        return f"{text}  # why"
    return text


@st.composite
def _sentences(draw: st.DrawFn, scope: Scope) -> str | None:
    """One sentence."""
    how = draw(st.integers(0, 39))
    if how >= 20 and scope.depth < 2 and scope.room(2):
        if how < 29:
            return pick(draw, _NEST)(draw, scope, _block)
        if scope.top:
            return _top(draw, scope)
    options = [w for w in _LEAVES if _allowed(w, scope)] or [collections.simple_flag]
    return pick(draw, options)(draw, scope)


def _allowed(writer: Writer, scope: Scope) -> bool:
    if writer is sentences.require:
        return scope.world.requirements < 3 and any(True for _ in scope.visible())
    if writer in (sentences.derived, sentences.claim, sentences.correlate):
        return any(True for _ in scope.visible())
    return scope.room()


def _top(draw: st.DrawFn, scope: Scope) -> str | None:
    how = draw(st.integers(0, 7))
    if how == 0:
        return sentences.given(draw, scope)
    if how == 1:
        return experiment.outcome(draw, scope)
    if how == 2:
        return experiment.fidelity(draw, scope)
    if how == 3:
        return experiment.attempt(draw, scope)
    if how == 4 and scope.world.requirements < 3 and scope.room(3):
        return sentences.simplex(draw, scope)
    if how == 5:
        return templates.imported(draw, scope, _block)
    if how == 6:
        return templates.template(draw, scope, _block)
    return templates.use(draw, scope)


@st.composite
def _block(draw: st.DrawFn, scope: Scope) -> list[str]:
    """The sentences of an inner block."""
    found = []
    for k in range(3):
        more, text = draw(_steps(scope, k == 0))
        if not more:
            break
        if text is not None:
            found.append(text)
    return found


@st.composite
def drafts(draw: st.DrawFn, max_sentences: int = 8, max_parameters: int = 12) -> Draft:
    """Specs as written, a few of which don't compile."""
    world = World(max_parameters)
    scope = Scope(world)
    found: list[str] = []
    for k in range(max_sentences):
        more, text = draw(_steps(scope, k == 0))
        if not more:
            break
        if text is not None:
            found.append(text)
    while world.templates and rarely(draw, 2) and scope.room():
        text = templates.use(draw, scope)
        if text is None:
            break
        found.append(text)
    ends = [";" if rarely(draw, 20) and not _open(a, b) else "\n" for a, b in pairwise(found)]
    return Draft("".join(a + b for a, b in zip(found, [*ends, "\n"], strict=False)), world.files)


def _open(a: str, b: str) -> bool:
    """Whether two sentences can't share a line."""
    return "#" in a or "\n" in a or b.startswith(("#", "\n"))


@st.composite
def specs(draw: st.DrawFn, max_sentences: int = 8, max_parameters: int = 12) -> Spec:
    """Random specs of the whole language that compile, small when shrunk.

    At most `max_sentences` at the outermost level and about `max_parameters` parameters, elements of arrays each.
    """
    draft = draw(drafts(max_sentences, max_parameters))
    try:
        space = draft.compilation().space
        space.compilation.program  # noqa: B018 - errors of requirements come with it
    except SpecError:
        reject()
    return Spec(draft.text, space, draft.files)
