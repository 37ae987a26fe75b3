"""The exceptions hpdsl raises; `HpdslError` is the root of all of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hpdsl.diagnostics import Diagnostic


class HpdslError(Exception):
    """Root of every error hpdsl raises on purpose; its text is meant for the user as it stands."""


class SpecError(HpdslError, ValueError):
    """A space description is wrong; `diagnostics` holds everything found, not the first error only."""

    def __init__(self, diagnostics: Sequence[Diagnostic], text: str) -> None:
        super().__init__(text)
        self.diagnostics = tuple(diagnostics)


class InvalidConfiguration(HpdslError, ValueError):
    """A configuration does not belong to the space; `violations` lists every reason."""

    def __init__(self, violations: Sequence[str]) -> None:
        super().__init__("invalid configuration: " + "; ".join(violations))
        self.violations = tuple(violations)


class SamplingError(HpdslError):
    """No feasible configuration was found within the allowed attempts."""


class UsageError(HpdslError, ValueError):
    """The API or the command line was called with values that make no sense."""


class UnknownNameError(HpdslError, LookupError):
    """A backend, parameter or trial that does not exist was asked for."""


class StoreError(HpdslError):
    """A study's store can't be read, or belongs to another space, seed or backend."""


class SpaceExhausted(HpdslError):
    """Every configuration of a finite space (or grid) has been proposed."""
