"""A backend whose every proposal depends on all it was told, so that a replay that differs anywhere shows."""

from hpdsl.backends.base import Backend


class Climber(Backend):
    """Draws near the best so far, by a hash of everything told."""

    name = "climber"
    OPTIONS = {"reach": 0.5}  # noqa: RUF012 - as the base class declares it

    def _propose(self, index):
        history = repr([(o.config, repr(o.value)) for o in self.told])
        self.state = hash_of(history)
        config = self.space.sample(1, seed=self.seed + self.state, start=index)[0]
        if self.best is None:
            return config
        x = self.best[0]["x"] + self.options["reach"] * (config["x"] - self.best[0]["x"])
        return {**config, "x": x, "twice": 2 * x}


def hash_of(text):
    import zlib

    return zlib.crc32(text.encode())
