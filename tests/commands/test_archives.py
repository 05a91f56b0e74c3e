"""Backups as files: what is unpacked, whatever Python unpacks it (Debian 12's knows no filters)."""

import io
import tarfile
from pathlib import Path

import pytest

from app.commands import archives
from app.commands.failures import CommandFailed


@pytest.fixture(params=["filters", "no filters"])
def python(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """A Python that knows filters, and one as old as Debian 12's."""
    if request.param == "no filters":
        monkeypatch.delattr(tarfile, "data_filter", raising=False)
    return str(request.param)


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """A data directory with a file in a folder."""
    folder = tmp_path / "var"
    (folder / "files" / "ab").mkdir(parents=True)
    (folder / "files" / "ab" / "cd").write_bytes(b"A file.")
    return folder


def _dump(file: Path) -> None:
    file.write_bytes(b"A dump.")


@pytest.fixture
def backup(tmp_path: Path, data_dir: Path) -> Path:
    file = tmp_path / "backup"
    archives.write(file, data_dir, _dump)
    return file


def test_what_was_put_in_comes_out(python: str, backup: Path, data_dir: Path) -> None:
    with archives.opened(backup, data_dir) as (place, _):
        assert (place / archives.DUMP).read_bytes() == b"A dump."
        assert (place / archives.FILES / "files" / "ab" / "cd").read_bytes() == b"A file."
        assert (place / archives.FILES / "files").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("../outside", tarfile.REGTYPE),
        ("files/../../outside", tarfile.REGTYPE),
        ("files/link", tarfile.SYMTYPE),
        ("files/link", tarfile.LNKTYPE),
    ],
    ids=["above", "above by a way round", "link", "hard link"],
)
def test_nothing_is_written_elsewhere(
    python: str, backup: Path, data_dir: Path, name: str, kind: bytes
) -> None:
    entry = tarfile.TarInfo(name)
    entry.type = kind
    entry.linkname = "" if kind == tarfile.REGTYPE else "../../../outside"
    with tarfile.open(backup, "a") as archive:
        archive.addfile(entry, io.BytesIO(b""))
    with pytest.raises(CommandFailed, match="no whole backup"):
        archives.opened(backup, data_dir).__enter__()
    assert sorted(entry.name for entry in data_dir.iterdir()) == ["files"]


def test_a_manifest_of_another_shape_is_no_backup(
    python: str, tmp_path: Path, data_dir: Path
) -> None:
    file = tmp_path / "other"
    with tarfile.open(file, "w") as archive:
        said = tarfile.TarInfo(archives.MANIFEST)
        said.size = 2
        archive.addfile(said, io.BytesIO(b"[]"))
    with pytest.raises(CommandFailed, match="no whole backup"):
        archives.opened(file, data_dir).__enter__()
