"""Attacks on the claims (`assert`) of a space: random configurations, boundaries, and descent into narrow places."""

from hpdsl.testing.attack.attack import Attacker, attacks, claims_of

__all__ = ["Attacker", "attacks", "claims_of"]
