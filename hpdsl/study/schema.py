"""The tables of a store, and engines that reach them."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Column, Connection, Engine, Float, Integer, MetaData, Table, Text, create_engine, event
from sqlalchemy.pool import NullPool, StaticPool

# Written into the file's header, where it can be read without opening the database.
APPLICATION = 0x48504453
# The version of the tables; a store with a higher one is refused.
SCHEMA = 1
# Seconds to wait for another process to finish its transaction.
PATIENCE = 30.0

metadata = MetaData()

meta = Table(
    "meta",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

trials = Table(
    "trials",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("state", Text, nullable=False),
    Column("config", Text, nullable=False),
    # Text, because databases read a NaN as NULL.
    Column("value", Text),
    Column("outcomes", Text, nullable=False),
    Column("started", Float),
    Column("ended", Float),
    Column("duration", Float),
    Column("reason", Text, nullable=False),
    Column("output", Text, nullable=False),
)


def connect(path: Path | None, mode: str) -> Engine:
    """An engine on a file, or in memory.

    Modes: "rwc" and "rw" write. "read", "ro" and "immutable" read, with less and less need for the files that
    SQLite puts beside a database while it is open: only the first removes them again, only the last does without.
    A connection to a file lasts one transaction, so that none is open while an objective runs: it may fork, be
    killed or take days.
    """
    writing = mode in ("rwc", "rw")
    if path is None:
        address = ":memory:"
    else:
        option = {"read": "mode=rw", "immutable": "mode=ro&immutable=1"}.get(mode, f"mode={mode}")
        address = f"file:{quote(str(path.absolute()))}?{option}"

    def create() -> sqlite3.Connection:
        return sqlite3.connect(address, uri=path is not None, timeout=PATIENCE, check_same_thread=False)

    engine = create_engine("sqlite://", creator=create, poolclass=StaticPool if path is None else NullPool)

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, record: object) -> None:
        connection.isolation_level = None  # transactions begin where `_begin` says so
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA cell_size_check = ON")
        connection.execute("PRAGMA synchronous = NORMAL" if writing else "PRAGMA query_only = ON")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # Taking the lock at once, instead of on the first write, is what lets the busy timeout work.
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

    return engine
