"""hpdsl's own backends."""

from __future__ import annotations

from typing import Any

import hpdsl


class Peer:
    """A backend of hpdsl with its defaults, or with options for an ablation."""

    def __init__(self, space: hpdsl.Space, seed: int, backend: str, **options: Any) -> None:
        self.opt = hpdsl.backend(backend, space, seed=seed, **options)

    def ask(self) -> dict[str, Any]:
        return self.opt.ask()

    def tell(self, config: dict[str, Any], value: float) -> None:
        self.opt.tell(config, value)

    def best(self) -> dict[str, Any]:
        return self.opt.best[0]
