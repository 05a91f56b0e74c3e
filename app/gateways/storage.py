"""Storage of the bytes of attachments: a folder, S3, Azure Blob or Google Cloud Storage.

Callers know keys and streams, never paths or buckets. A key is written once and never changed;
`object_key` is the only way to make one. Names, types and sizes live in the database.
"""

import os
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit
from uuid import UUID

from obstore.store import MemoryStore, from_url

from app.gateways.object_storage import FolderStorage, ObjectStorage
from app.gateways.storage_problems import (
    FAILURES,
    StorageMisconfigured,
    StorageUnavailable,
    in_short,
)

__all__ = [
    "Storage",
    "StorageMisconfigured",
    "StorageUnavailable",
    "object_key",
    "open_storage",
]


class Storage(Protocol):
    """A storage for files. Its failures are raised as `StorageUnavailable`."""

    async def put(self, key: str, stream: AsyncIterator[bytes]) -> int:
        """Store `stream` under `key`; returns its size once it is on stable storage.

        An error of `stream` itself passes through, and nothing is stored."""

    async def get(
        self, key: str, *, start: int = 0, end: int | None = None
    ) -> AsyncIterator[bytes]:
        """The bytes `[start, end)` of `key` in pieces; the first is read before this returns."""

    async def delete(self, key: str) -> None:
        """Delete `key` and what an interrupted upload of it left. Unknown keys are no error."""

    async def check(self) -> None:
        """Raise where no file could be stored now; for the readiness route."""


def object_key(tenant_id: UUID, attachment_id: UUID, part: str | None = None) -> str:
    """The key of an attachment's bytes, or of a `part` made from them (`thumbnail`)."""
    return f"{tenant_id}/{attachment_id}" + (f".{part}" if part else "")


def open_storage(url: str) -> Storage:
    """The storage at `url`: `file:///folder`, `s3://bucket`, `az://container`, `gs://bucket`.

    Credentials come from the providers' usual environment variables (`AWS_…`, `AZURE_…`,
    `GOOGLE_…`). `memory://` keeps files until the process ends, for tests. Raises
    `StorageMisconfigured`."""
    parts = urlsplit(url)
    if parts.scheme == "file":
        return FolderStorage(Path(unquote(parts.path)))
    if parts.scheme == "memory":
        return ObjectStorage(MemoryStore())
    if parts.scheme not in {"s3", "az", "gs"}:
        raise StorageMisconfigured(
            f"SKRANKE_STORAGE_URL begins with {parts.scheme or 'nothing'}://;"
            " it must be file://, s3://, az:// or gs://."
        )
    try:
        store = from_url(
            url,
            client_options={
                "timeout": "60s",
                "connect_timeout": "5s",
                "allow_http": _without_tls(parts.scheme),
            },
            retry_config={"max_retries": 4, "retry_timeout": timedelta(seconds=30)},
        )
    except FAILURES as error:
        raise StorageMisconfigured(
            f"SKRANKE_STORAGE_URL cannot be used: {in_short(error)}"
        ) from error
    return ObjectStorage(store)


def _without_tls(scheme: str) -> bool:
    provider = {"s3": "AWS", "az": "AZURE", "gs": "GOOGLE"}[scheme]
    return os.environ.get(f"{provider}_ALLOW_HTTP", "").lower() in {"true", "1"}
