"""A file is looked at while it streams past, and refused at the first moment it can be."""

import hashlib
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest

from app.domain.attachments.inspection import Inspection
from app.domain.attachments.media_types import HEAD_BYTES
from app.domain.attachments.problems import (
    AttachmentEmpty,
    AttachmentTooLarge,
    AttachmentTypeRefused,
)

PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)
PROGRAM = b"MZ\x90\x00\x03\x00\x00\x00"


class Source:
    """A stream that counts how much of it was asked for."""

    def __init__(self, *pieces: bytes) -> None:
        self.pieces = pieces
        self.read = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self.pieces:
            self.read += 1
            yield piece


async def passed(inspection: Inspection, source: Source) -> bytes:
    return b"".join([piece async for piece in inspection.through(aiter(source))])


async def test_a_file_passes_unchanged_and_is_known_afterwards() -> None:
    inspection = Inspection("../Skjerm\u202e.png", limit=1000)
    assert await passed(inspection, Source(PNG[:3], PNG[3:])) == PNG
    file_id = uuid4()
    received = inspection.received(file_id, "tenant/key")
    assert (received.id, received.object_key) == (file_id, "tenant/key")
    assert (received.name, received.media_type) == ("Skjerm.png", "image/png")
    assert (received.size, received.sha256) == (len(PNG), hashlib.sha256(PNG).hexdigest())


async def test_a_file_of_exactly_the_limit_passes() -> None:
    assert await passed(Inspection("a.txt", limit=4), Source(b"abcd")) == b"abcd"


async def test_the_first_byte_too_many_ends_it() -> None:
    source = Source(b"ab", b"cd", b"e", b"never asked for")
    with pytest.raises(AttachmentTooLarge) as caught:
        await passed(Inspection("a.txt", limit=4), source)
    assert caught.value.values == {"limit": 4}
    assert source.read == 3


async def test_a_large_program_is_refused_by_its_first_bytes() -> None:
    source = Source(PROGRAM + bytes(HEAD_BYTES), b"never asked for")
    with pytest.raises(AttachmentTypeRefused):
        await passed(Inspection("a.png", limit=10**9), source)
    assert source.read == 1


async def test_a_small_program_is_refused_at_its_end() -> None:
    with pytest.raises(AttachmentTypeRefused) as caught:
        await passed(Inspection("a.png", limit=100), Source(PROGRAM))
    assert caught.value.values == {"media_type": "application/octet-stream"}


async def test_a_picture_that_is_svg_is_refused_by_its_real_kind() -> None:
    with pytest.raises(AttachmentTypeRefused) as caught:
        await passed(Inspection("a.png", limit=100), Source(b"<svg onload='x'/>"))
    assert caught.value.values == {"media_type": "image/svg+xml"}


async def test_a_tenant_may_take_pictures_alone() -> None:
    pictures = ("image/png",)
    assert await passed(Inspection("a", limit=1000, types=pictures), Source(PNG)) == PNG
    with pytest.raises(AttachmentTypeRefused):
        await passed(Inspection("a.txt", limit=1000, types=pictures), Source(b"text"))


async def test_an_empty_file_is_refused() -> None:
    with pytest.raises(AttachmentEmpty):
        await passed(Inspection("a.txt", limit=100), Source())
