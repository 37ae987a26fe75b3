"""`Store`: the journal of a study in an SQLite file, or in memory. Every change is one transaction."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, insert, select, text, update
from sqlalchemy.exc import SQLAlchemyError

from hpdsl.errors import HpdslError, StoreError
from hpdsl.semantics.model import Objective
from hpdsl.study import codec, owner
from hpdsl.study.faults import damaged, recognise, trouble, version_fits, writable
from hpdsl.study.identity import Identity, differences
from hpdsl.study.recommendation import Recommendation, parse
from hpdsl.study.rows import from_row, to_row
from hpdsl.study.schema import APPLICATION, PATIENCE, SCHEMA, connect, meta, metadata, trials
from hpdsl.study.trial import RUNNING, WAITING, Trial

_RUNNER, _RECOMMENDED = "runner", "recommended"


class Store:
    """Where a study's trials are kept. Made by `create_or_open` to run, by `open` to read."""

    def __init__(self, engine: Engine, path: Path | None, identity: Identity, running: bool) -> None:
        self._engine = engine
        self._running = running
        self.path = path
        self.identity = identity

    @classmethod
    def create_or_open(cls, path: Path | None, identity: Identity) -> Store:
        """The store of a study, made where there is none; `None` keeps it in memory.

        Raises `StoreError` where the file is something else, belongs to another study, or is being run elsewhere.
        """
        exists = False
        if path is not None:
            exists = recognise(path, APPLICATION, SCHEMA)
            writable(path)
        engine = connect(path, "rw" if exists else "rwc")
        with _errors(path):
            if not exists:
                _create(engine, path, identity)
            with engine.begin() as connection:
                stored = _check(connection, path)
                found = differences(stored, identity)
                if found:
                    raise StoreError(
                        f"{path} holds another study: {'; '.join(found)}; continue it with what it was started "
                        "with, or name another store"
                    )
                _take(connection, path)
            store = cls(engine, path, stored, running=True)
            if path is not None:
                try:
                    _log_ahead(engine, path)
                except BaseException:
                    store.close()
                    raise
        return store

    @classmethod
    def open(cls, path: str | Path) -> Store:
        """An existing store, to read from; nothing is written."""
        path = Path(path)
        if not recognise(path, APPLICATION, SCHEMA):
            raise StoreError(f"{path}: {'the file is empty' if path.exists() else 'no such file'}; no study is there")
        first: StoreError | None = None
        log = Path(f"{path}-wal")
        for mode in ("read", "ro", "immutable"):
            if mode == "immutable" and log.exists() and log.stat().st_size:
                break  # what was written last is in the log, which this mode does not see
            engine = connect(path, mode)
            try:
                with _errors(path), engine.begin() as connection:
                    return cls(engine, path, _check(connection, path), running=False)
            except StoreError as error:
                first = first or error
        assert first is not None
        raise first

    # ---- trials ----------------------------------------------------------------------------------

    def trials(self) -> list[Trial]:
        """Every trial, by number."""
        with _errors(self.path):
            with self._engine.begin() as connection:
                rows = connection.execute(select(trials).order_by(trials.c.number)).mappings().all()
            found = [from_row(dict(row), self.path) for row in rows]
        if [t.number for t in found] != list(range(len(found))):
            raise damaged(self.path, "trials are missing from it")
        return found

    def start(self, trial: Trial) -> None:
        """Note that a trial is running: a new one, or one left waiting or running by a process that is gone."""
        with _errors(self.path), self._engine.begin() as connection:
            row = to_row(trial)
            here = (trials.c.number == trial.number) & trials.c.state.in_((WAITING, RUNNING))
            if not connection.execute(update(trials).where(here).values(row)).rowcount:
                connection.execute(insert(trials).values(row))

    def finish(self, trial: Trial) -> None:
        """Note the end of a trial that is running."""
        with _errors(self.path), self._engine.begin() as connection:
            here = (trials.c.number == trial.number) & (trials.c.state == RUNNING)
            if not connection.execute(update(trials).where(here).values(to_row(trial))).rowcount:
                raise StoreError(
                    f"{self.path}: trial {trial.number} is no longer running here, so another process has taken over; "
                    "run a study from one place at a time"
                )

    def requeue(self, number: int) -> None:
        """Let a running trial wait to be run again; any other is left alone."""
        with _errors(self.path), self._engine.begin() as connection:
            here = (trials.c.number == number) & (trials.c.state == RUNNING)
            connection.execute(update(trials).where(here).values(state=WAITING, started=None))

    def recommend(self, recommendation: Recommendation | None) -> None:
        """Keep what a backend recommends, or that it recommends nothing besides the best value told."""
        with _errors(self.path), self._engine.begin() as connection:
            connection.execute(meta.delete().where(meta.c.key == _RECOMMENDED))
            if recommendation is not None:
                connection.execute(insert(meta).values(key=_RECOMMENDED, value=recommendation.text()))

    def recommended(self, among: list[Trial]) -> Recommendation | None:
        """What was kept, where no trial has been finished since."""
        with _errors(self.path), self._engine.begin() as connection:
            found = connection.scalar(select(meta.c.value).where(meta.c.key == _RECOMMENDED))
        return None if found is None else parse(found, among)

    # ---- closing ---------------------------------------------------------------------------------

    def close(self) -> None:
        """Let others run the study."""
        if self._running and self.path is not None:
            self._running = False
            owner.release(str(self.path.resolve()))
            mark = (meta.c.key == _RUNNER) & (meta.c.value == codec.dump(owner.mine()))
            # A mark that stays does no harm: it is seen to be of a process that is gone.
            with suppress(StoreError), _errors(self.path), self._engine.begin() as connection:
                connection.execute(meta.delete().where(mark))
        self._engine.dispose()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *unused: object) -> None:
        self.close()


@contextmanager
def _errors(path: Path | None) -> Iterator[None]:
    """Turn what the database raises into `StoreError`."""
    try:
        yield
    except SQLAlchemyError as error:
        raise trouble(path, getattr(error, "orig", None) or error) from None
    except HpdslError:
        raise
    except (ValueError, OverflowError) as error:  # text that is no UTF-8, and the like
        raise damaged(path, str(error)) from None


def _create(engine: Engine, path: Path | None, identity: Identity) -> None:
    """Make the tables, unless another process has been faster."""
    rows = {
        "schema": str(SCHEMA),
        "space_id": identity.space_id,
        "study_id": identity.study_id,
        "seed": str(identity.seed),
        "backend": identity.backend,
        "options": identity.options_text(),
        "objective": _objectives_text(identity.objectives),
        "spec_name": identity.spec_name,
        "spec_text": identity.spec_text,
        "inputs": codec.dump(identity.inputs),
        "created": codec.number_text(time.time()),
    }
    with engine.begin() as connection:
        # What was absent a moment ago may be there now, from a process like this one or any other.
        if connection.scalar(text("SELECT count(*) FROM sqlite_master")):
            if connection.scalar(text("PRAGMA application_id")) != APPLICATION:
                raise StoreError(f"{path} is not a study: another program has just written it; name another file")
            return
        connection.execute(text(f"PRAGMA application_id = {APPLICATION}"))
        connection.execute(text(f"PRAGMA user_version = {SCHEMA}"))
        metadata.create_all(connection)
        connection.execute(insert(meta), [{"key": k, "value": v} for k, v in rows.items()])


def _log_ahead(engine: Engine, path: Path) -> None:
    """Write ahead from now on, so that readers never wait. Kept in the file; needs it for a moment all alone."""
    deadline = time.monotonic() + PATIENCE
    with engine.connect() as connection:
        raw: Any = connection.connection.driver_connection
        while True:
            try:
                raw.execute("PRAGMA journal_mode = WAL")
                return
            except sqlite3.Error as error:  # the busy timeout does not apply to this
                if "locked" not in str(error) or time.monotonic() > deadline:
                    raise trouble(path, error) from None
                time.sleep(0.02)


def _check(connection: Connection, path: Path | None) -> Identity:
    """The identity in a store whose tables are sound."""
    version_fits(path, int(connection.scalar(text("PRAGMA user_version")) or 0), SCHEMA)
    verdict = connection.scalar(text("PRAGMA quick_check(1)"))
    if verdict != "ok":
        raise damaged(path, str(verdict))
    parts = connection.execute(text("SELECT type, name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'")).all()
    if {tuple(p) for p in parts} != {("table", meta.name), ("table", trials.name)}:
        raise damaged(path, "its tables are not those of a study")
    found = {row.key: row.value for row in connection.execute(select(meta))}
    try:
        version_fits(path, int(found["schema"]), SCHEMA)
        return Identity(
            space_id=found["space_id"],
            study_id=found["study_id"],
            seed=int(found["seed"]),
            backend=found["backend"],
            options=codec.parse_dict(found["options"]),
            objectives=_objectives(found["objective"]),
            spec_name=found["spec_name"],
            spec_text=found["spec_text"],
            inputs=codec.parse_dict(found.get("inputs", "{}")),
            created=codec.number_of(found["created"]),
        )
    except (LookupError, ValueError, TypeError, AttributeError) as error:
        raise damaged(path, f"what it was started with can't be read ({error})") from None


def _objectives_text(objectives: tuple[Objective, ...]) -> str:
    """Objectives as JSON: [name, maximize], or a list of these where there are several."""
    pairs = [[o.name, o.maximize] for o in objectives]
    return codec.dump(pairs[0] if len(pairs) == 1 else pairs)


def _objectives(text: str) -> tuple[Objective, ...]:
    """The objectives of such a text; raises ValueError or TypeError for anything else."""
    found = codec.parse(text)
    pairs = found if isinstance(found[0], list) else [found]
    return tuple(Objective(str(name), bool(maximize)) for name, maximize in pairs)


def _take(connection: Connection, path: Path | None) -> None:
    """Mark the study as run by this process."""
    if path is None:
        return
    here = str(path.resolve())
    mark = connection.scalar(select(meta.c.value).where(meta.c.key == _RUNNER))
    if mark is not None:
        try:
            holder = codec.parse_dict(mark)
        except ValueError:
            holder = {}
        if owner.lives(holder, here):
            raise StoreError(f"{path} is being run by process {holder['pid']}; wait for it, or name another store")
        connection.execute(meta.delete().where(meta.c.key == _RUNNER))
    connection.execute(insert(meta).values(key=_RUNNER, value=codec.dump(owner.mine())))
    owner.hold(here)
