"""The ledger on disk: one SQLite file that several servers may write at once, bounded in age and size.

Its only texts are languages' names and the codes of fates and reasons. Every batch is one transaction. A file that is
damaged is moved aside, one of a newer schema is left as it is.
"""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict
from datetime import date
from pathlib import Path

from filelock import FileLock

from foretype.model import atomic
from foretype.model.errors import UserError
from foretype.server.ledger import Batch

_log = logging.getLogger(__name__)

SCHEMA_VERSION = 1
MOST_OUTCOMES = 200_000
OLDEST_DAYS = 400
"""A year can be compared with the one before."""

_MOST_PAGES = 32_768
"""128 MB at SQLite's usual page; four times what all outcomes take."""
_CACHE_KILOBYTES = 256
"""SQLite would keep 2 MB, which tokens, drawn at random, fill in some weeks: a batch touches a few pages."""
_PRUNE_EVERY = 1_000
"""So many outcomes later it is looked again for some to drop."""
_BUSY_SECONDS = 5.0
_DAY_SECONDS = 86_400
_DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)

_TABLES = """
CREATE TABLE IF NOT EXISTS outcomes (
    token INTEGER PRIMARY KEY, at INTEGER NOT NULL, language TEXT NOT NULL, shown INTEGER NOT NULL,
    accepted INTEGER NOT NULL, keys_saved INTEGER NOT NULL, fate TEXT NOT NULL, confidence REAL NOT NULL,
    was_right INTEGER NOT NULL, asked INTEGER NOT NULL, shift REAL NOT NULL, retained_30 REAL, retained_300 REAL
);
CREATE INDEX IF NOT EXISTS outcomes_at ON outcomes (at);
CREATE INDEX IF NOT EXISTS outcomes_of_language ON outcomes (language, at);
CREATE TABLE IF NOT EXISTS silences (
    day INTEGER, language TEXT, reason TEXT, count INTEGER NOT NULL, PRIMARY KEY (day, language, reason)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS latencies (
    day INTEGER, language TEXT, bucket INTEGER, count INTEGER NOT NULL, PRIMARY KEY (day, language, bucket)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS typed (
    day INTEGER, language TEXT, characters INTEGER NOT NULL, PRIMARY KEY (day, language)
) WITHOUT ROWID
"""

_RETAIN = {
    30: "UPDATE outcomes SET retained_30 = ? WHERE token = ?",
    300: "UPDATE outcomes SET retained_300 = ? WHERE token = ?",
}
_ADD_OUTCOME = """
    INSERT OR IGNORE INTO outcomes VALUES (
        :token, :when, :language, :shown, :accepted, :keys_saved, :how, :confidence, :right, :asked, :shift, NULL, NULL
    )
"""
_ADD_SILENCE = "INSERT INTO silences VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET count = count + excluded.count"
_ADD_LATENCY = "INSERT INTO latencies VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET count = count + excluded.count"
_ADD_TYPED = """
    INSERT INTO typed VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET characters = characters + excluded.characters
"""
_DROP_SURPLUS = "DELETE FROM outcomes WHERE token IN (SELECT token FROM outcomes ORDER BY at DESC LIMIT -1 OFFSET ?)"


class NewerSchemaError(UserError):
    """Raised when a later version of Foretype has written the file."""


class LedgerFile:
    """Own the connection of one writing thread."""

    def __init__(self, path: Path, now: Callable[[], float] = time.time) -> None:
        self._path = path
        self._now = now
        self._connection: sqlite3.Connection | None = None
        self._opened: tuple[int, int] | None = None
        self._until_pruning = 0
        self._mended = False

    def write(self, batch: Batch) -> None:
        """Write all of a batch or nothing; OSError says that it may go another time.

        A newer schema raises NewerSchemaError, a file that is damaged again sqlite3.DatabaseError.
        """
        try:
            try:
                self._write(batch)
            except sqlite3.DatabaseError as error:
                if self._mended or not is_damage(error):
                    raise
                self._mend()
                self._write(batch)
        except sqlite3.OperationalError as error:  # full, locked, read-only, cannot be opened
            self.close()
            raise OSError(str(error)) from error

    def close(self) -> None:
        """Let go of the file."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _write(self, batch: Batch) -> None:
        connection = self._current()
        with connection:
            connection.execute("BEGIN IMMEDIATE")
            check_version(connection)
            _insert(connection, batch)
            self._until_pruning -= len(batch.outcomes)
            if self._until_pruning <= 0:
                _prune(connection, self._now())
                self._until_pruning = _PRUNE_EVERY

    def _current(self) -> sqlite3.Connection:
        """Return a connection to what the path names by now, be it removed or moved since the last time."""
        if self._connection is not None and self._opened != _identity(self._path):
            self.close()
        if self._connection is None:
            atomic.make_folder(self._path.parent)
            with _one_at_a_time(self._path):
                self._connection = _open(self._path)
            self._opened = _identity(self._path)
        return self._connection

    def _mend(self) -> None:
        self.close()
        with _one_at_a_time(self._path):
            if not _is_whole(self._path):  # another server may have been here first
                _move_aside(self._path)
        self._mended = True  # not before: while another server has it open, Windows moves nothing


def connect(path: Path) -> sqlite3.Connection:
    """Return a connection that waits for other writers and begins no transaction by itself."""
    return sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None)


def check_version(connection: sqlite3.Connection) -> int:
    """Return the schema's version, 0 in a new file; a newer one than is known raises NewerSchemaError."""
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if version > SCHEMA_VERSION:
        raise NewerSchemaError(
            f"the ledger has schema {version}, this Foretype knows {SCHEMA_VERSION}; update Foretype to use it"
        )
    return version


def reset(path: Path) -> None:
    """Delete all that was ever recorded, also while servers write; what is in the way of that raises UserError."""
    try:
        for aside in (_aside(path), _beside(_aside(path), "-wal")):
            aside.unlink(missing_ok=True)
        if path.exists():
            _empty_or_remove(path)
    except (OSError, sqlite3.DatabaseError) as error:
        raise UserError(f"{path} could not be emptied: {error}; end the servers that use it and try again") from error


def _open(path: Path) -> sqlite3.Connection:
    if not path.exists():
        path.touch(mode=0o600)  # SQLite gives its own files beside it the same mode
    connection = connect(path)
    try:
        check_version(connection)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute(f"PRAGMA max_page_count = {_MOST_PAGES}")
        connection.execute(f"PRAGMA cache_size = -{_CACHE_KILOBYTES}")
        with connection:
            connection.execute("BEGIN IMMEDIATE")
            for statement in _TABLES.split(";"):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
    except BaseException:
        connection.close()
        raise
    return connection


def _insert(connection: sqlite3.Connection, batch: Batch) -> None:
    connection.executemany(_ADD_OUTCOME, ({"token": token, **asdict(outcome)} for token, outcome in batch.outcomes))
    for token, after_seconds, share in batch.retained:
        connection.execute(_RETAIN[after_seconds], (share, token))
    for statement, counter in (
        (_ADD_SILENCE, batch.silences),
        (_ADD_LATENCY, batch.latencies),
        (_ADD_TYPED, batch.typed),
    ):
        connection.executemany(statement, ((*key, count) for key, count in counter.items()))


def _prune(connection: sqlite3.Connection, now: float) -> None:
    oldest = now - OLDEST_DAYS * _DAY_SECONDS
    connection.execute("DELETE FROM outcomes WHERE at < ?", (int(oldest),))
    connection.execute(_DROP_SURPLUS, (MOST_OUTCOMES,))
    day = (date.fromtimestamp(oldest).toordinal(),)
    connection.execute("DELETE FROM silences WHERE day < ?", day)
    connection.execute("DELETE FROM latencies WHERE day < ?", day)
    connection.execute("DELETE FROM typed WHERE day < ?", day)


def _empty_or_remove(path: Path) -> None:
    try:
        with closing(connect(path)) as connection:
            _empty(connection)
    except sqlite3.DatabaseError as error:
        if not is_damage(error):
            raise
        with _one_at_a_time(path):
            for damaged in (path, _beside(path, "-wal"), _beside(path, "-shm")):
                damaged.unlink(missing_ok=True)


def _empty(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA secure_delete = ON")
    with connection:
        connection.execute("BEGIN IMMEDIATE")
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        for (name,) in tables:  # of whatever schema
            connection.execute(f'DELETE FROM "{name}"')  # noqa: S608  # the file's own name of its own table
    connection.execute("VACUUM")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def is_damage(error: sqlite3.Error) -> bool:
    """Tell a file that is no good from one that cannot be had now."""
    return (getattr(error, "sqlite_errorcode", 0) & 0xFF) in _DAMAGE  # the low byte names the kind


def _is_whole(path: Path) -> bool:
    try:
        with closing(connect(path)) as connection:
            return bool(connection.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok")
    except sqlite3.DatabaseError as error:
        if is_damage(error):
            return False
        raise


def _move_aside(path: Path) -> None:
    # the log of what was not yet in the file goes with it, for whoever tries to rescue something
    if _beside(path, "-wal").exists():
        _beside(path, "-wal").replace(_beside(_aside(path), "-wal"))
    _beside(path, "-shm").unlink(missing_ok=True)
    path.replace(_aside(path))
    _log.warning("the ledger was damaged; it is kept as %s, and a new one begins", _aside(path))


def _aside(path: Path) -> Path:
    return _beside(path, ".damaged")


def _beside(path: Path, ending: str) -> Path:
    return path.with_name(path.name + ending)


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


def _one_at_a_time(path: Path) -> FileLock:
    """Return the lock under which a file is begun or moved: SQLite's own do not cover that."""
    return FileLock(_beside(path, ".lock"), timeout=_BUSY_SECONDS)
