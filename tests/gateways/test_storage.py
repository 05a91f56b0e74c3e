"""The storage keeps what it acknowledged, and nothing of what it did not."""

import asyncio
import os
import resource
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest

from app.gateways.object_storage import MIB, FolderStorage
from app.gateways.storage import (
    Storage,
    StorageMisconfigured,
    StorageUnavailable,
    object_key,
    open_storage,
)

KEY = object_key(uuid4(), uuid4())


async def pieces(*data: bytes) -> AsyncIterator[bytes]:
    for piece in data:
        yield piece


async def content(storage: Storage, key: str = KEY, **kept: int) -> bytes:
    return b"".join([piece async for piece in await storage.get(key, **kept)])


def everything_in(folder: Path) -> list[str]:
    return sorted(str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file())


@pytest.fixture(params=["folder", "memory"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    return open_storage("memory://" if request.param == "memory" else f"file://{tmp_path}/files")


async def test_what_was_put_comes_back_whole_and_in_part(storage: Storage) -> None:
    data = os.urandom(7 * MIB + 13)
    assert await storage.put(KEY, pieces(data[:10], data[10:MIB], data[MIB:])) == len(data)
    assert await content(storage) == data
    assert await content(storage, start=5, end=9) == data[5:9]
    assert await content(storage, start=len(data) - 3) == data[-3:]
    assert await content(storage, start=3 * MIB, end=6 * MIB) == data[3 * MIB : 6 * MIB]


async def test_an_empty_stream_is_kept_as_an_empty_file(storage: Storage) -> None:
    assert await storage.put(KEY, pieces()) == 0
    assert await content(storage) == b""


async def test_a_stream_that_breaks_off_leaves_nothing_and_its_own_error_passes(
    storage: Storage,
) -> None:
    class Gone(Exception):
        pass

    async def broken() -> AsyncIterator[bytes]:
        yield os.urandom(6 * MIB)
        raise Gone

    with pytest.raises(Gone):
        await storage.put(KEY, broken())
    with pytest.raises(StorageUnavailable):
        await storage.get(KEY)


async def test_a_cancelled_upload_leaves_no_file(tmp_path: Path) -> None:
    storage = open_storage(f"file://{tmp_path}")
    started = asyncio.Event()

    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield os.urandom(MIB)
            started.set()
            await asyncio.sleep(0)

    upload = asyncio.ensure_future(storage.put(KEY, endless()))
    await started.wait()
    upload.cancel()
    with pytest.raises(asyncio.CancelledError):
        await upload
    for _ in range(100):  # the store unlinks in a thread of its own
        if not everything_in(tmp_path):
            break
        await asyncio.sleep(0.02)
    assert everything_in(tmp_path) == []


async def test_deleting_forgets_the_file_and_what_a_killed_upload_left(tmp_path: Path) -> None:
    storage = open_storage(f"file://{tmp_path}")
    await storage.put(KEY, pieces(b"x"))
    other = object_key(uuid4(), uuid4())
    (tmp_path / f"{KEY}#1").write_bytes(b"half")
    (tmp_path / Path(KEY).parent / "keep").write_bytes(b"another's")
    await storage.delete(KEY)
    await storage.delete(KEY)
    await storage.delete(other)
    assert everything_in(tmp_path) == [f"{Path(KEY).parent}/keep"]


async def test_a_file_is_synced_with_its_folders_before_it_is_acknowledged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    sync = os.fsync

    def remember(descriptor: int) -> None:
        synced.append(str(Path(f"/proc/self/fd/{descriptor}").readlink()))
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", remember)
    await open_storage(f"file://{tmp_path}").put(KEY, pieces(b"x"))
    file = tmp_path / KEY
    assert synced == [str(file), str(file.parent), str(tmp_path)]


FULL = """
import asyncio, os, resource, sys
from app.gateways.storage import StorageUnavailable, open_storage
resource.setrlimit(resource.RLIMIT_FSIZE, (3_000_000, 3_000_000))
async def stream():
    for _ in range(20):
        yield bytes(1_000_000)
async def main():
    try:
        await open_storage("file://" + sys.argv[1]).put("tenant/full", stream())
    except StorageUnavailable as problem:
        print(problem.status, problem.code, problem.headers["Retry-After"], flush=True)
    # The library's threads may still be at work when the interpreter ends, which is not asked here.
    os._exit(0)
asyncio.run(main())
"""


def test_a_disk_that_fills_up_is_said_and_leaves_nothing(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert done.stdout.endswith("503 storage-unavailable 30\n")
    assert everything_in(tmp_path) == []


async def test_a_folder_that_went_away_is_said_by_the_check_and_by_an_upload(
    tmp_path: Path,
) -> None:
    storage = FolderStorage(tmp_path / "files")
    await storage.check()
    (tmp_path / "files").rmdir()
    (tmp_path / "files").write_text("not a folder")
    with pytest.raises(StorageUnavailable):
        await storage.check()
    with pytest.raises(StorageUnavailable):
        await storage.put(KEY, pieces(b"x"))


async def test_a_full_disk_is_said_by_the_check(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage = FolderStorage(tmp_path)
    told = list(os.statvfs(tmp_path))
    told[4] = 1
    monkeypatch.setattr(os, "statvfs", lambda _: os.statvfs_result(told))
    with pytest.raises(StorageUnavailable):
        await storage.check()


def test_only_the_owner_may_look_into_the_folder(tmp_path: Path) -> None:
    FolderStorage(tmp_path / "deep" / "files")
    assert (tmp_path / "deep" / "files").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("url", ["ftp://x", "files", "az://container", "s3://"])
def test_an_address_that_cannot_be_used_is_one_sentence(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AZURE_STORAGE_ACCOUNT_NAME", raising=False)
    with pytest.raises(StorageMisconfigured, match="SKRANKE_STORAGE_URL") as caught:
        open_storage(url)
    assert "\n" not in str(caught.value)


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageMisconfigured, match="folder for attachments"):
        open_storage(f"file://{tmp_path}/file/files")


async def test_a_large_stream_needs_little_memory(tmp_path: Path) -> None:
    storage = open_storage(f"file://{tmp_path}")
    chunk = bytes(64 * 1024)

    async def stream(mebibytes: int) -> AsyncIterator[bytes]:
        for _ in range(mebibytes * 16):
            yield chunk

    await storage.put(KEY, stream(16))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    await storage.put(KEY, stream(192))
    size = sum([len(piece) async for piece in await storage.get(KEY)])
    assert size == 192 * MIB
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 * 1024
