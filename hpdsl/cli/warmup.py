"""`hpdsl warmup`: compile the kernels ahead of time."""

from __future__ import annotations

import time

import click


@click.command()
def warmup() -> None:
    """Compile the kernels now, once for this machine and version."""
    from hpdsl.kernels import cache, engine

    if engine.warm():
        click.echo(f"kernels are compiled already, in {cache.folder()}")
        return
    click.echo("compiling the kernels, once for this machine …")
    start = time.perf_counter()
    engine.warmup()
    place = cache.folder()
    kept = (
        f"kept in {place}" if place is not None else "not kept: no private folder can be written; set HPDSL_CACHE_DIR"
    )
    click.echo(f"compiled in {time.perf_counter() - start:.1f} s, {kept}")
