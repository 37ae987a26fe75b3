"""What a file is before a database opens it, and the one line a user reads when it is not a study."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from hpdsl.errors import StoreError

_HEADER = 100
_MAGIC = b"SQLite format 3\0"


def recognise(path: Path, application: int, schema: int) -> bool:
    """True where a file claims to be a store, False where it is absent or empty; `StoreError` where it is neither.

    Only the header is read, so that files of others are never touched.
    """
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise StoreError(f"{path} is a folder; name a file for the store")
        if not stat.S_ISREG(mode):
            raise StoreError(f"{path} is no ordinary file, so it can't hold a study")
        with path.open("rb") as file:
            header = file.read(_HEADER)
    except FileNotFoundError:
        return False
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise StoreError(f"{path} can't be read: {reason}") from None
    if not header:
        return False
    if not header.startswith(_MAGIC) or len(header) < _HEADER:
        raise StoreError(f"{path} is not a study: it is no SQLite file; name another file for the store")
    if int.from_bytes(header[68:72]) != application:
        raise StoreError(f"{path} is not a study: it is an SQLite database of another program; name another file")
    version_fits(path, int.from_bytes(header[60:64]), schema)
    return True


def version_fits(path: Path | None, found: int, schema: int) -> None:
    """Raise `StoreError` unless the tables of a store are of a version that can be read."""
    if found > schema:
        raise StoreError(
            f"{path} was written by a newer hpdsl (its tables are version {found}, this one reads up to {schema}); "
            "upgrade hpdsl to open it"
        )
    if found < 1:
        raise damaged(path, f"its tables have version {found}")


def writable(path: Path) -> None:
    """Raise `StoreError` where a store could be neither created nor written."""
    folder = path.absolute().parent
    if not folder.is_dir():
        raise StoreError(f"{path} can't be created: there is no folder {folder}")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise StoreError(f"{path} can't be written: the folder {folder} is read-only")
    if path.exists() and not os.access(path, os.W_OK):
        raise StoreError(f"{path} can't be written: the file is read-only")


def damaged(path: Path | None, what: str) -> StoreError:
    """The error for a store whose contents make no sense."""
    return StoreError(f"{path} is damaged: {' '.join(what.split())}; restore it from a copy, or start a new one")


def trouble(path: Path | None, error: Exception) -> StoreError:
    """The error for whatever the database complained about."""
    text = " ".join(str(error).split())
    for sign, meaning in (
        ("disk is full", "the disk is full; make room and run the same again"),
        ("locked", "another process keeps it locked; try again when that has ended"),
        ("readonly", "it is read-only"),
        ("unable to open", "it can't be opened; check the permissions of the file and its folder"),
        ("disk I/O error", "the disk is full or failing; when that is mended, run the same again"),
    ):
        if sign in text:
            return StoreError(f"{path}: {meaning}")
    if any(sign in text for sign in ("malformed", "not a database", "corrupt", "no such", "decode")):
        return damaged(path, text)
    return StoreError(f"{path}: {text}")
