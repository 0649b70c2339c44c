"""The database as a file: where it is, who may read it, whether it was here before."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from adapters.store.errors import DatabaseExposed, DatabaseMissing, DatabaseOnNetwork

_OTHERS = 0o077
_STICKY = 0o1000
_NETWORK = frozenset(
    {"afs", "ceph", "cifs", "fuse.glusterfs", "fuse.sshfs", "lustre", "nfs", "nfs4", "smb3", "smbfs"}
)
_MOUNTS = Path("/proc/self/mounts")


def known_file(database: Path) -> Path:
    """The file beside the database that says that there is one, and the lock under which it is opened."""
    return database.with_name(database.name + ".known")


@contextmanager
def ready_file(database: Path) -> Iterator[None]:
    """The database's file exists, is closed to others, and ours alone to set up; afterwards it is known.

    Raises DatabaseMissing, DatabaseExposed, DatabaseOnNetwork, OSError.
    """
    _ready_folder(database.parent)
    known = known_file(database)
    lock = os.open(known, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(
            lock, fcntl.LOCK_EX
        )  # two processes at their first start: one makes the tables, the other waits
        _ready_database(database, is_known=os.fstat(lock).st_size > 0)
        yield
        if os.fstat(lock).st_size == 0:
            os.write(lock, b"1\n")
            os.fsync(lock)
            _sync_folder(database.parent)
    finally:
        os.close(lock)


def _ready_folder(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _check_local(folder)
    mode = folder.stat().st_mode
    if mode & _OTHERS and not _may_be_closed(folder, mode):
        raise DatabaseExposed(folder, mode="700")
    if mode & _OTHERS:
        folder.chmod(0o700)


def _may_be_closed(folder: Path, mode: int) -> bool:
    """A folder of ours in which nothing was open to others: closing it takes nothing from anybody."""
    if mode & _STICKY or folder.stat().st_uid != os.geteuid():
        return False
    return all(not inside.lstat().st_mode & _OTHERS for inside in folder.iterdir())


def _check_local(folder: Path) -> None:
    kind = _file_system(folder.resolve())
    if kind in _NETWORK:
        raise DatabaseOnNetwork(folder, kind=kind)


def _file_system(folder: Path) -> str | None:
    """The kind of file system that the longest mount point above this folder has; None where nobody says."""
    try:
        lines = _MOUNTS.read_text(errors="replace").splitlines()
    except OSError:
        return None
    kinds = {
        fields[1].replace(r"\040", " "): fields[2] for fields in map(str.split, lines) if len(fields) > 2
    }
    return next((kinds[str(above)] for above in (folder, *folder.parents) if str(above) in kinds), None)


def _ready_database(database: Path, is_known: bool) -> None:
    size = database.stat().st_size if database.exists() else 0
    # A log without its database tells the same story as the known file
    if size == 0 and (is_known or _log(database).exists()):
        raise DatabaseMissing(database, known=known_file(database))
    if not database.exists():
        os.close(os.open(database, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    for file in (database, _log(database)):
        if file.exists() and file.stat().st_mode & _OTHERS:
            raise DatabaseExposed(file, mode="600")


def _log(database: Path) -> Path:
    return database.with_name(database.name + "-wal")


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
