"""The same storage over S3, spoken to a real HTTP server."""

from collections.abc import AsyncIterator, Iterator

import boto3
import pytest
from moto.server import ThreadedMotoServer

from app.gateways.object_storage import MIB
from app.gateways.storage import Storage, StorageUnavailable, open_storage

KEY = "tenant/attachment"


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def storage(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> Storage:
    for name, value in {
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_REGION": "us-east-1",
        "AWS_ENDPOINT": endpoint,
        "AWS_ALLOW_HTTP": "true",
    }.items():
        monkeypatch.setenv(name, value)
    boto3.client("s3", endpoint_url=endpoint).create_bucket(Bucket="files")
    return open_storage("s3://files")


async def test_a_file_of_several_parts_is_kept_read_in_part_and_deleted(storage: Storage) -> None:
    async def stream() -> AsyncIterator[bytes]:
        for number in range(12):
            yield bytes([number]) * MIB

    await storage.check()
    assert await storage.put(KEY, stream()) == 12 * MIB
    part = [piece async for piece in await storage.get(KEY, start=5 * MIB - 1, end=5 * MIB + 1)]
    assert b"".join(part) == b"\x04\x05"
    await storage.delete(KEY)
    await storage.delete(KEY)
    with pytest.raises(StorageUnavailable):
        await storage.get(KEY)


async def test_an_upload_that_breaks_off_leaves_no_object_and_no_parts(
    storage: Storage, endpoint: str
) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield bytes(12 * MIB)
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await storage.put(KEY, broken())
    client = boto3.client("s3", endpoint_url=endpoint)
    assert client.list_objects_v2(Bucket="files")["KeyCount"] == 0
    assert not client.list_multipart_uploads(Bucket="files").get("Uploads")


@pytest.mark.usefixtures("storage")
async def test_a_bucket_that_is_not_there_is_said_by_the_check() -> None:
    with pytest.raises(StorageUnavailable):
        await open_storage("s3://elsewhere").check()
