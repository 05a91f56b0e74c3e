"""The scanner's client, against a server that speaks clamd's INSTREAM as its manual has it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.gateways.scanner import (
    Clamd,
    ScannerMisconfigured,
    ScannerUnavailable,
    Verdict,
    open_scanner,
)

VIRUS = b"a one-line signature of our own"
LIMIT = 3_000_000


class Server:
    """Takes chunks until one of length zero, then says what it found; hangs up over its limit."""

    def __init__(self, says: bytes | None = None) -> None:
        self.says = says
        self.got = b""

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.closing(writer), contextlib.suppress(ConnectionError):
            assert await reader.readexactly(10) == b"zINSTREAM\0"
            while size := int.from_bytes(await reader.readexactly(4), "big"):
                self.got += await reader.readexactly(size)
                if len(self.got) > LIMIT:
                    writer.write(b"INSTREAM size limit exceeded. ERROR\0")
                    await writer.drain()
                    return
            found = b"stream: Our.Test FOUND\0" if VIRUS in self.got else b"stream: OK\0"
            writer.write(found if self.says is None else self.says)
            await writer.drain()


@contextlib.asynccontextmanager
async def clamd(path: Path, server: Server) -> AsyncIterator[Clamd]:
    async with await asyncio.start_unix_server(server.answer, path / "clamd.ctl"):
        yield Clamd(path=str(path / "clamd.ctl"))


async def stream(*pieces: bytes) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


async def test_a_clean_file_arrives_whole_and_is_called_clean(tmp_path: Path) -> None:
    server = Server()
    async with clamd(tmp_path, server) as scanner:
        assert await scanner.scan(stream(b"a" * 700_000, b"", b"b")) is Verdict.CLEAN
    assert server.got == b"a" * 700_000 + b"b"


async def test_a_virus_cut_in_two_is_found(tmp_path: Path) -> None:
    async with clamd(tmp_path, Server()) as scanner:
        assert await scanner.scan(stream(VIRUS[:5], VIRUS[5:])) is Verdict.INFECTED


async def test_a_file_over_the_scanners_limit_is_called_too_large(tmp_path: Path) -> None:
    async with clamd(tmp_path, Server()) as scanner:
        verdict = await scanner.scan(stream(*[bytes(1_000_000)] * 4))
    assert verdict is Verdict.TOO_LARGE


@pytest.mark.parametrize("says", [b"", b"INSTREAM: Can't allocate memory ERROR\0", b"stream: "])
async def test_no_answer_is_never_taken_for_clean(tmp_path: Path, says: bytes) -> None:
    async with clamd(tmp_path, Server(says)) as scanner:
        with pytest.raises(ScannerUnavailable):
            await scanner.scan(stream(b"x"))


async def test_a_scanner_that_is_not_there_is_unavailable(tmp_path: Path) -> None:
    for url in (f"unix://{tmp_path}/none.ctl", "tcp://127.0.0.1:1"):
        with pytest.raises(ScannerUnavailable):
            await open_scanner(url).scan(stream(b"x"))


@pytest.mark.parametrize("url", ["clamd", "tcp://", "tcp://host", "tcp://host:port", "unix://"])
def test_an_address_that_is_none_is_one_sentence(url: str) -> None:
    with pytest.raises(ScannerMisconfigured, match="SKRANKE_SCANNER_URL"):
        open_scanner(url)
