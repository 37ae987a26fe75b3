"""Verdicts on the claims of a space: proved, refuted by the smallest configuration found, or held in so many tries."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property

import numpy as np

from hpdsl.diagnostics import counted
from hpdsl.errors import SamplingError
from hpdsl.semantics.claims import how_it_fails, made_to_hold
from hpdsl.semantics.model import Claim
from hpdsl.semantics.report import ASSERTION, Report
from hpdsl.source import Span
from hpdsl.space import Space
from hpdsl.testing.attack.arena import Arena
from hpdsl.testing.attack.hunt import Hunt, Tally
from hpdsl.testing.attack.shown import Shown, shown
from hpdsl.testing.builder import Matrix
from hpdsl.testing.landmarks import Landmarks
from hpdsl.testing.verdict import Verdict

# Nothing seen in n tries leaves a share below -log(0.05) / n, at 95 %.
RULE_OF_THREE = 2.9957


def claims_of(space: Space) -> dict[str, tuple[Claim, ...]]:
    """The `assert` sentences of a space by name, in the order of the text.

    A sentence within a template or an array of groups makes several claims. Its name is `assert@` and its line, in an
    imported file `assert@FILE:LINE`, with the column where a line holds several.
    """
    by_span: dict[Span, list[Claim]] = {}
    for claim in space._model.claims:
        by_span.setdefault(claim.span, []).append(claim)
    places = {}
    for span in sorted(by_span, key=lambda s: s.start):
        source, local = space.source.local(span)
        line, column = source.position(local.start)
        home = "" if source.name == space.source.name else f"{source.name}:"
        places[span] = f"{home}{line}", column
    lines = [line for line, _ in places.values()]
    return {
        f"assert@{line}" if lines.count(line) == 1 else f"assert@{line}:{column}": tuple(by_span[span])
        for span, (line, column) in places.items()
    }


def attacks(space: Space, tries: int = 2000, seed: int = 0) -> Iterator[Verdict]:
    """A verdict on each `assert`, in the order of the file."""
    attacker = Attacker(space, tries, seed)
    return (attacker.verdict(name) for name in attacker.claims)


class Attacker:
    """Attacks the claims of one space with `tries` random configurations and a directed search in proportion."""

    def __init__(self, space: Space, tries: int = 2000, seed: int = 0) -> None:
        self.space = space
        self.tries = max(tries, 1)
        self.seed = seed
        self.claims = claims_of(space)

    @cached_property
    def marks(self) -> Landmarks:
        """Where something happens in the space."""
        return Landmarks(self.space)

    @cached_property
    def sample(self) -> Matrix:
        """The random configurations; none where sampling finds nothing feasible: known places may be, all the same."""
        try:
            return self.space.sample(self.tries, seed=self.seed).matrix
        except SamplingError:
            return np.empty((self.space._model.n_columns, 0))

    def verdict(self, name: str) -> Verdict:
        """The verdict on one `assert` by its name."""
        claims = self.claims[name]
        open_claims = [c for c in claims if c.verdict != "proved"]
        if not open_claims:
            return Verdict(name, "assert", "proved", "proved by interval analysis: it holds everywhere")
        try:
            return self._attacked(name, open_claims)
        except SamplingError as error:
            return Verdict(name, "assert", "skipped", f"no feasible configuration is at hand: {error}")

    def _attacked(self, name: str, claims: Sequence[Claim]) -> Verdict:
        tallies = []
        for number, claim in enumerate(claims):
            arena = Arena(self.marks, claim)
            rng = np.random.default_rng([self.seed % 2**64, claim.span.start, number])
            hunt = Hunt(arena, self.sample, self.tries / len(claims), rng)
            row = hunt.counterexample()
            if row is not None:
                found = shown(arena, row)
                where = found.text or "every configuration"
                detail = f"refuted: {where}, where {found.undefined}" if found.undefined else f"refuted: {where}"
                return Verdict(name, "assert", "refuted", detail, _report(self.space, claim, found))
            tallies.append(hunt.tally)
        spoken = [t for t in tallies if t.known]
        if not spoken:
            return Verdict(name, "assert", "skipped", _never(tallies))
        return Verdict(name, "assert", "held", _bound(min(spoken, key=lambda t: t.reached), len(claims)))


def _bound(tally: Tally, claims: int) -> str:
    """How often a claim held, and what that says."""
    each = f", for each of {claims} such claims" if claims > 1 else ""
    directed, random = f"{counted(tally.looked, 'directed try')}{each}", counted(tally.rows, "random configuration")
    if not tally.reached:
        return f"held in {directed}; no random configuration of {tally.rows:,} reached it"
    share = 100.0 * min(RULE_OF_THREE / tally.reached, 1.0)
    if tally.reached < tally.rows:
        where = f"held in {tally.reached:,} of {random}, which it speaks about"
        return f"{where} (of such it fails in less than {share:.2g} %, at 95 %) and in {directed}"
    return f"held in {random} (it fails in less than {share:.2g} %, at 95 %) and in {directed}"


def _never(tallies: Sequence[Tally]) -> str:
    looked = sum(t.looked for t in tallies)
    random = counted(tallies[0].rows, "random configuration")
    every = f"{random} and {counted(looked, 'directed try')}"
    return f"it speaks about none of {every}: what it names was never active together"


def _report(space: Space, claim: Claim, found: Shown) -> str:
    from hpdsl.diagnostics import render

    report = Report(space.source)
    report.error(
        ASSERTION,
        f"this does not always hold: {claim.message}",
        claim.span,
        note=how_it_fails(found.claimed or found.text, found.undefined),
        labels=found.labels,
        help=made_to_hold(report, claim),
    )
    return render(report.found)
