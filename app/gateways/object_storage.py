"""The storages that `app/gateways/storage.py` opens: object stores, and a folder of our own."""

import asyncio
import os
import re
from collections.abc import AsyncIterator
from pathlib import Path

import obstore
from obstore.store import LocalStore, ObjectStore

from app.gateways.storage_problems import FAILURES, StorageMisconfigured, unavailable

MIB = 1024 * 1024
PART_BYTES = 5 * MIB  # the smallest part S3 takes
PARTS_AT_ONCE = 2
PIECE_BYTES = 2 * MIB
_LEAST_FREE_BYTES = 64 * MIB


class ObjectStorage:
    """`Storage` over an object store that confirms only what it keeps (S3, Azure, GCS, memory).

    A process killed in the middle of an upload leaves an unfinished multipart upload in S3: give
    the bucket a life-cycle rule that aborts those."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    async def put(self, key: str, stream: AsyncIterator[bytes]) -> int:
        """See `Storage.put`."""
        source = _Source(stream)
        try:
            await obstore.put_async(
                self._store,
                key,
                source.in_larger_pieces(),
                chunk_size=PART_BYTES,
                max_concurrency=PARTS_AT_ONCE,
            )
        except Exception as error:
            if source.error is not None:
                raise source.error from None
            raise unavailable("put", error) from error
        return source.size

    async def get(
        self, key: str, *, start: int = 0, end: int | None = None
    ) -> AsyncIterator[bytes]:
        """See `Storage.get`. Read range by range: a slow reader holds no connection open."""
        if end is None:
            try:
                end = (await obstore.head_async(self._store, key))["size"]
            except FAILURES as error:
                raise unavailable("get", error) from error
        first = await self._piece(key, start, end)
        return self._pieces(key, first, start + len(first), end)

    async def _pieces(self, key: str, first: bytes, at: int, end: int) -> AsyncIterator[bytes]:
        piece = first
        while piece:
            yield piece
            piece = await self._piece(key, at, end)
            at += len(piece)

    async def _piece(self, key: str, at: int, end: int) -> bytes:
        if at >= end:
            return b""
        try:
            data = await obstore.get_range_async(
                self._store, key, start=at, end=min(at + PIECE_BYTES, end)
            )
        except FAILURES as error:
            raise unavailable("get", error) from error
        return bytes(data)

    async def delete(self, key: str) -> None:
        """See `Storage.delete`."""
        try:
            await obstore.delete_async(self._store, key)
        except FileNotFoundError:
            return
        except FAILURES as error:
            raise unavailable("delete", error) from error

    async def check(self) -> None:
        """See `Storage.check`: lists an empty place (HEAD does not miss a bucket)."""
        try:
            await obstore.list_with_delimiter_async(self._store, "check")
        except FAILURES as error:
            raise unavailable("check", error) from error


class FolderStorage(ObjectStorage):
    """`Storage` in a folder of this machine.

    The store writes beside the key and renames, but leaves the bytes in the page cache; so that
    what was acknowledged survives a power cut, file and folders are synced before `put` returns.
    """

    def __init__(self, root: Path) -> None:
        try:
            root.mkdir(mode=0o700, parents=True, exist_ok=True)
            store = LocalStore(root)
        except FAILURES as error:
            raise StorageMisconfigured(
                f"The folder for attachments, {root}, cannot be used: {error}"
            ) from error
        super().__init__(store)
        self._root = root

    async def put(self, key: str, stream: AsyncIterator[bytes]) -> int:
        """See `Storage.put`."""
        size = await super().put(key, stream)
        try:
            await asyncio.to_thread(self._sync, key)
        except OSError as error:
            await self.delete(key)
            raise unavailable("sync", error) from error
        return size

    def _sync(self, key: str) -> None:
        file = self._root / key
        for path in (file, *file.parents):
            descriptor = os.open(path, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
            if path == self._root:
                break

    async def delete(self, key: str) -> None:
        """See `Storage.delete`."""
        await super().delete(key)
        try:
            await asyncio.to_thread(self._delete_leftovers, key)
        except OSError as error:
            raise unavailable("delete", error) from error

    def _delete_leftovers(self, key: str) -> None:
        """Unlink `<key>#1`, `#2` …: what a process killed while writing `key` left."""
        file = self._root / key
        for leftover in file.parent.glob(f"{file.name}#*"):
            if re.fullmatch(r".*#\d+", leftover.name):
                leftover.unlink(missing_ok=True)

    async def check(self) -> None:
        """See `Storage.check`: the folder is there, may be written and is not full."""
        try:
            free = os.statvfs(self._root)
            if not os.access(self._root, os.W_OK | os.X_OK):
                raise PermissionError("the folder may not be written")
            if free.f_bavail * free.f_frsize < _LEAST_FREE_BYTES:
                raise OSError("the disk is full")  # noqa: TRY301
        except OSError as error:
            raise unavailable("check", error) from error


class _Source:
    """A stream on its way into the store: counted, gathered, its error remembered.

    Bodies arrive in pieces of a few KiB; gathering them spares a crossing into the store's own
    threads for each. The store may wrap an error of the stream, so the original is kept."""

    def __init__(self, stream: AsyncIterator[bytes]) -> None:
        self._stream = stream
        self.size = 0
        self.error: Exception | None = None

    async def in_larger_pieces(self) -> AsyncIterator[bytes]:
        gathered = bytearray()
        try:
            async for piece in self._stream:
                self.size += len(piece)
                gathered += piece
                if len(gathered) >= MIB:
                    yield bytes(gathered)
                    gathered.clear()
        except Exception as error:
            self.error = error
            raise
        if gathered or not self.size:
            yield bytes(gathered)
