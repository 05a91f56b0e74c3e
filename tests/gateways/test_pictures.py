"""A thumbnail shows the picture and carries nothing else of the file over."""

import io
import struct
import subprocess
import sys
import zlib
from collections.abc import AsyncIterator

import pytest
from PIL import Image

from app.gateways import picture_process
from app.gateways.pictures import thumbnail


def encoded(picture: Image.Image, kind: str, **how: object) -> bytes:
    target = io.BytesIO()
    picture.save(target, kind, **how)
    return target.getvalue()


def picture_of(width: int, height: int, mode: str = "RGB") -> Image.Image:
    return Image.new(mode, (width, height), "#c00")


def png_that_claims(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        checksum = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + checksum

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(bytes(1000))
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    )


async def made_of(data: bytes) -> Image.Image | None:
    async def stream() -> AsyncIterator[bytes]:
        for start in range(0, len(data), 1 << 20):
            yield data[start : start + (1 << 20)]

    made = await thumbnail(stream())
    return None if made is None else Image.open(io.BytesIO(made), formats=["WEBP"])


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF", "AVIF"])
async def test_a_picture_becomes_small_and_keeps_its_shape(kind: str) -> None:
    made = await made_of(encoded(picture_of(1200, 600), kind))
    assert made is not None
    assert made.size == (512, 256)
    red, green, blue = made.convert("RGB").getpixel((100, 100))  # type: ignore[misc]
    assert (red > 150, green < 60, blue < 60) == (True, True, True)


async def test_a_small_picture_is_not_blown_up() -> None:
    made = await made_of(encoded(picture_of(30, 20), "PNG"))
    assert made is not None
    assert made.size == (30, 20)


async def test_transparency_stays() -> None:
    made = await made_of(encoded(Image.new("RGBA", (20, 20), (0, 0, 0, 0)), "PNG"))
    assert made is not None
    assert made.convert("RGBA").getpixel((5, 5))[3] == 0  # type: ignore[index]


async def test_a_photo_is_turned_upright_and_loses_where_it_was_taken() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif.get_ifd(0x8825)[1] = "N"
    made = await made_of(encoded(picture_of(600, 300), "JPEG", exif=exif, comment=b"secret"))
    assert made is not None
    assert made.size == (256, 512)
    assert not made.getexif()
    assert set(made.info) <= {"background", "loop", "duration", "timestamp"}


async def test_a_large_photo_of_a_telephone_gets_its_thumbnail() -> None:
    made = await made_of(encoded(picture_of(9000, 7000), "JPEG"))
    assert made is not None


@pytest.mark.parametrize(("width", "height"), [(30_000, 30_000), (30_000, 10), (19_000, 12_000)])
async def test_a_picture_too_large_is_refused_from_its_header(width: int, height: int) -> None:
    data = png_that_claims(width, height)
    program = [sys.executable, "-I", picture_process.__file__]
    done = subprocess.run(program, input=data, capture_output=True, check=False)  # noqa: ASYNC221
    assert done.returncode == picture_process.TOO_LARGE
    assert await made_of(data) is None


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<svg/>",
        png_that_claims(40, 40),
        encoded(picture_of(100, 100), "PNG")[:80],
        encoded(picture_of(10, 10), "PDF"),
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
    ],
)
async def test_what_is_no_whole_picture_gets_none(data: bytes) -> None:
    assert await made_of(data) is None
