"""A backup: one file with the database, the attachments, the mails and the keys."""

import json
import os
import shutil
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from app.commands.failures import CommandFailed, Exit
from app.kernel import clock

MANIFEST, DUMP, FILES = "manifest.json", "database.dump", "files"
_FORMAT = 1
# What lies in the data directory and is no part of a backup: the database is dumped, who may sign
# in as a demo person is written anew, the rest is left by this and by earlier commands.
_LEFT_OUT = (
    "postgres",
    "postgres.*",
    "demo.json",
    "started.json",
    ".*",
    "before-*",
    "*.unfinished",
    "*.tar",
)


def is_kept(path: Path) -> bool:
    """Whether an entry of the data directory belongs into a backup."""
    return not any(fnmatch(path.name, pattern) for pattern in _LEFT_OUT)


def write(file: Path, data_dir: Path, write_dump: Callable[[Path], None]) -> None:
    """Write the backup `file`, readable by its owner alone, whole or not at all.

    The database first: an attachment it names was there before."""
    unfinished = file.with_name(file.name + ".unfinished")
    try:
        descriptor = os.open(unfinished, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
        with (
            os.fdopen(descriptor, "wb") as handle,
            tempfile.TemporaryDirectory(dir=file.parent, prefix=".skranke-") as place,
            tarfile.open(fileobj=handle, mode="w") as archive,
        ):
            manifest = Path(place) / MANIFEST
            manifest.write_text(json.dumps(_manifest()))
            archive.add(manifest, MANIFEST)
            dumped = Path(place) / DUMP
            write_dump(dumped)
            archive.add(dumped, DUMP)
            dumped.unlink()
            for entry in _kept_in(data_dir):
                archive.add(entry, f"{FILES}/{entry.name}")
            archive.close()
            handle.flush()
            os.fsync(handle.fileno())
        unfinished.replace(file)
    finally:
        unfinished.unlink(missing_ok=True)


def _manifest() -> dict[str, Any]:
    return {"format": _FORMAT, "made_at": clock.now().isoformat()}


def _kept_in(data_dir: Path) -> list[Path]:
    return sorted(filter(is_kept, data_dir.iterdir())) if data_dir.exists() else []


@contextmanager
def opened(file: Path, data_dir: Path) -> Iterator[tuple[Path, datetime]]:
    """A backup unpacked into a hidden folder of the data directory, and when it was made.

    Raises `CommandFailed` for a file that is no whole backup of ours."""
    place = Path(tempfile.mkdtemp(dir=data_dir, prefix=".skranke-"))
    try:
        try:
            with tarfile.open(file) as archive:
                _unpack(archive, place)
            _close_to_others(place)
            kind, made_at = _read_manifest(place)
            if kind != _FORMAT or not (place / DUMP).exists():
                raise CommandFailed(
                    f"{file} is a backup of a newer Skranke than this one.", Exit.ARCHIVE
                )
        except (tarfile.TarError, EOFError, ValueError) as error:
            raise CommandFailed(f"{file} is no whole backup of ours.", Exit.ARCHIVE) from error
        except FileNotFoundError as error:
            raise CommandFailed(
                f"{file} is not there, or is no backup of ours.", Exit.ARCHIVE
            ) from error
        yield place, made_at
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _unpack(archive: tarfile.TarFile, place: Path) -> None:
    """Files and folders, and nothing that would lie elsewhere. Raises `tarfile.TarError`."""
    if hasattr(tarfile, "data_filter"):
        archive.extractall(place, filter="data")
        return
    # Python before 3.11.4, as Debian 12 has it, knows no filters.
    for member in archive:
        inside = (place / member.name).resolve().is_relative_to(place.resolve())
        if not inside or not (member.isreg() or member.isdir()):
            raise tarfile.TarError(f"{member.name} is no file of a backup")
        archive.extract(member, place)


def _read_manifest(place: Path) -> tuple[Any, datetime]:
    """Which format a backup has, and when it was made. Raises `ValueError`."""
    try:
        manifest = json.loads((place / MANIFEST).read_text())
        return manifest["format"], datetime.fromisoformat(manifest["made_at"])
    except (KeyError, TypeError) as error:
        raise ValueError(MANIFEST) from error


def _close_to_others(place: Path) -> None:
    """Folders come out of an archive as open as the umask says; ours are their owner's alone."""
    for folder in place.rglob("*/"):
        folder.chmod(0o700)


def put_back(place: Path, data_dir: Path, aside: Path) -> None:
    """Move the unpacked files into the data directory; what was there goes to `aside`."""
    present = _kept_in(data_dir)
    if present:
        aside.mkdir(mode=0o700)
    for entry in present:
        entry.rename(aside / entry.name)
    for entry in _kept_in(place / FILES):
        entry.rename(data_dir / entry.name)
