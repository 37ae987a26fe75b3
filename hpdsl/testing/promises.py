"""`Promises`: what a space promises, by name: every law, then every `assert`; each is examined on its own."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from hpdsl.diagnostics import suggest
from hpdsl.errors import UnknownNameError, UsageError
from hpdsl.source import Source, Span
from hpdsl.space import Space
from hpdsl.testing.arguments import TRIES
from hpdsl.testing.attack import Attacker, claims_of
from hpdsl.testing.laws import LAWS, Law, Subject
from hpdsl.testing.verdict import Verdict

# All asserts of a file, where promises are chosen by name.
ASSERTS = "assert"


class Promises:
    """The laws and the `assert`s of one space."""

    def __init__(self, space: Space, tries: int = TRIES, seed: int = 0) -> None:
        self.space = space
        self.tries = tries
        self.seed = seed
        self.claims = claims_of(space)
        self._laws: dict[str, Law] = {law.name: law for law in LAWS}

    @property
    def names(self) -> tuple[str, ...]:
        """Every name, in the order of examination."""
        return (*self._laws, *self.claims)

    def chosen(self, wanted: Iterable[str]) -> tuple[str, ...]:
        """The names among the wanted ones, `assert` for every assert; all of them where none is wanted."""
        names = set(wanted)
        return tuple(n for n in self.names if not names or n in names or (n in self.claims and ASSERTS in names))

    def says(self, name: str) -> str:
        """What a law or an `assert` says, on one line."""
        return self._laws[name].says if name in self._laws else self.claims[name][0].message

    def place(self, name: str) -> tuple[Source, Span] | None:
        """The text and the range in it of an `assert`; None for a law."""
        return None if name in self._laws else self.space.source.local(self.claims[name][0].span)

    @cached_property
    def _subject(self) -> Subject:
        return Subject(self.space, self.tries, self.seed)

    @cached_property
    def _attacker(self) -> Attacker:
        return Attacker(self.space, self.tries, self.seed)

    def verdict(self, name: str) -> Verdict:
        """What examining one of them comes to."""
        if name in self._laws:
            return self._laws[name].check(self._subject)
        return self._attacker.verdict(name)


def check_names(wanted: Iterable[str], known: Iterable[str]) -> None:
    """Raise `UnknownNameError` for a wanted name that none of several spaces promises; `assert` is all asserts.

    Where nothing but asserts is wanted and there is none, it is a `UsageError`: nothing would be examined.
    """
    wanted = tuple(wanted)
    names = [*dict.fromkeys(known), ASSERTS]
    for name in wanted:
        if name in names:
            continue
        near = suggest(name, names)
        if name.startswith(f"{ASSERTS}@"):
            lines = [n for n in names if n.startswith(f"{ASSERTS}@")]
            hint = f"there are {', '.join(lines)}" if lines else "no file has an `assert`"
        else:
            hint = f"did you mean `{near}`?" if near else f"there are {', '.join(names)}"
        raise UnknownNameError(f"no law or `assert` is called `{name}`; {hint}")
    if set(wanted) == {ASSERTS} and not any(n.startswith(f"{ASSERTS}@") for n in names):
        raise UsageError("there is nothing to examine: no file has an `assert`")
