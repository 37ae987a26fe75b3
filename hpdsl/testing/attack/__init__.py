"""Attacks on the claims (`assert`) of a space: random configurations, boundaries, and descent into narrow places."""

from hpdsl.testing.attack.attack import attack, attacks, claim_name

__all__ = ["attack", "attacks", "claim_name"]
