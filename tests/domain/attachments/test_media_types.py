"""A file is what its bytes say, whatever it is called."""

import gzip
import io
import os
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from app.domain.attachments.media_types import (
    ALLOWED,
    HEAD_BYTES,
    TAIL_BYTES,
    is_allowed,
    served_as,
    sniff,
)

SVG = "http://www.w3.org/2000/svg"


def picture(kind: str) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (20, 20), (200, 10, 10)).save(buffer, kind)
    return buffer.getvalue()


def packed(*names: str, filler: int = 100, compressed: bool = True) -> bytes:
    buffer = io.BytesIO()
    method = zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name in names:
            archive.writestr(name, os.urandom(filler))
    return buffer.getvalue()


def open_document(kind: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("mimetype", f"application/vnd.oasis.opendocument.{kind}")
        archive.writestr("content.xml", "<x/>")
    return buffer.getvalue()


def compound(stream: str) -> bytes:
    return bytes.fromhex("d0cf11e0a1b11ae1") + bytes(504) + stream.encode("utf-16-le") + bytes(64)


def kind_of(data: bytes, name: str = "") -> str | None:
    return sniff(data[:HEAD_BYTES], data[-TAIL_BYTES:], name)


@pytest.mark.parametrize(
    ("data", "media_type"),
    [
        (picture("PNG"), "image/png"),
        (picture("JPEG"), "image/jpeg"),
        (picture("GIF"), "image/gif"),
        (picture("BMP"), "image/bmp"),
        (picture("TIFF"), "image/tiff"),
        (picture("WEBP"), "image/webp"),
        (picture("AVIF"), "image/avif"),
        (b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + bytes(50), "image/heic"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj", "application/pdf"),
        (b"{\\rtf1\\ansi hello}", "application/rtf"),
        (packed("[Content_Types].xml", "word/document.xml"),
         "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        (packed("[Content_Types].xml", "_rels/.rels", "xl/workbook.xml"),
         "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (packed("[Content_Types].xml", "ppt/presentation.xml"),
         "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
        (open_document("text"), "application/vnd.oasis.opendocument.text"),
        (open_document("spreadsheet"), "application/vnd.oasis.opendocument.spreadsheet"),
        (compound("WordDocument"), "application/msword"),
        (compound("Workbook"), "application/vnd.ms-excel"),
        (compound("__substg1.0_0037001F"), "application/vnd.ms-outlook"),
        (packed("readme.txt"), "application/zip"),
        (gzip.compress(b"hello" * 100, mtime=0), "application/gzip"),
        (b"7z\xbc\xaf\x27\x1c\x00\x04" + bytes(30), "application/x-7z-compressed"),
        (b"\x00\x00\x00\x20ftypisom\x00\x00\x02\x00isomiso2avc1mp41" + bytes(50), "video/mp4"),
        (b"\x00\x00\x00\x14ftypqt  \x00\x00\x02\x00qt  " + bytes(50), "video/quicktime"),
        (b"RIFF\x24\x08\x00\x00WAVEfmt " + bytes(50), "audio/wav"),
        (b"ID3\x04\x00\x00\x00\x00\x00\x00" + bytes(50), "audio/mpeg"),
    ],
)  # fmt: skip
def test_an_everyday_file_is_recognized_and_taken(data: bytes, media_type: str) -> None:
    assert kind_of(data) == media_type
    assert is_allowed(media_type)


@pytest.mark.parametrize(
    ("data", "name", "media_type"),
    [
        (b"hei\n", "", "text/plain"),
        ("blåbærsyltetøy".encode(), "a.png", "text/plain"),
        ("\ufeffnavn;beløp".encode(), "a.csv", "text/csv"),
        ("navn;beløp".encode("latin-1"), "a.csv", "text/csv"),
        ("päivä".encode("utf-16"), "muistio.txt", "text/plain"),
        (b"From: kari@kunde.example\r\nSubject: hei\r\n\r\nhei", "a.eml", "message/rfc822"),
        (b'{"a": 1}', "a.json", "application/json"),
        (b"<order><line/></order>", "a.xml", "text/plain"),
        (b"BMW is a car", "", "text/plain"),
        (b"<kari@kunde.example> wrote:", "", "text/plain"),
        (b"MZ is a text", "", "text/plain"),
    ],
)
def test_text_is_text_and_its_name_says_which(data: bytes, name: str, media_type: str) -> None:
    assert kind_of(data, name) == media_type
    assert is_allowed(media_type)


@pytest.mark.parametrize("name", ["a.png", "a.txt", "a.pdf", ""])
@pytest.mark.parametrize(
    ("data", "media_type"),
    [
        ("<!DOCTYPE html><p>x", "text/html"),
        ("  \n<HTML><body>x", "text/html"),
        ("\ufeff<script>alert(1)</script>", "text/html"),
        ("<!-- x --><body onload=x>", "text/html"),
        ("<img src=x onerror=alert(1)>", "text/html"),
        ("<svg onload='alert(1)'/>", "image/svg+xml"),
        (f"<?xml version='1.0'?>\n<!-- x -->\n<svg xmlns='{SVG}'/>", "image/svg+xml"),
        (f"<?xml version='1.0'?><!DOCTYPE svg PUBLIC 'x' 'y'><s:svg xmlns:s='{SVG}'/>",
         "image/svg+xml"),
        (f"<x xmlns:s='{SVG}'><s:script>alert(1)</s:script></x>", "image/svg+xml"),
        ("<x xmlns='http://www.w3.org/1999/xhtml'/>", "application/xhtml+xml"),
    ],
)  # fmt: skip
def test_what_a_browser_would_run_is_refused_under_every_name(
    data: str, media_type: str, name: str
) -> None:
    assert kind_of(data.encode(), name) == media_type
    assert not is_allowed(media_type)
    assert served_as(media_type) == "application/octet-stream"


@pytest.mark.parametrize(
    "data",
    [
        b"MZ\x90\x00\x03\x00\x00\x00" + bytes(200),
        b"\x7fELF\x02\x01\x01" + bytes(200),
        bytes.fromhex("cafebabe00000034") + bytes(40),
        packed("META-INF/MANIFEST.MF", "A.class"),
        packed("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"),
        compound("unknown"),
        "<script>".encode("utf-16-le"),
        bytes(100),
    ],
)
def test_programs_macros_and_the_unknown_are_refused(data: bytes) -> None:
    assert not is_allowed(kind_of(data, "a.png"))


def test_macros_behind_the_first_bytes_are_found_in_the_directory_at_the_end() -> None:
    names = ("[Content_Types].xml", "xl/workbook.xml", "xl/vbaProject.bin")
    data = packed(*names, filler=HEAD_BYTES, compressed=False)
    assert is_allowed(sniff(data[:HEAD_BYTES]))
    assert kind_of(data) == "application/vnd.ms-excel.sheet.macroenabled.12"
    assert not is_allowed(kind_of(data))


def test_the_old_office_container_needs_a_name_where_its_directory_is_out_of_sight() -> None:
    data = compound("")
    assert kind_of(data, "brev.DOC") == "application/msword"
    assert kind_of(data, "setup.msi") is None


def test_a_letter_cut_through_at_the_end_of_the_head_is_still_text() -> None:
    text = ("a" + "å" * HEAD_BYTES).encode()
    assert sniff(text[:HEAD_BYTES]) == "text/plain"


def test_a_tenant_names_his_own_types() -> None:
    assert is_allowed("image/svg+xml", ("image/svg+xml",))
    assert not is_allowed("image/png", ("image/svg+xml",))
    assert not is_allowed(None, ("image/svg+xml",))


def test_nothing_that_a_browser_runs_is_on_the_list_of_the_house() -> None:
    assert not ALLOWED & {"text/html", "image/svg+xml", "application/xhtml+xml"}


@given(st.binary(min_size=1, max_size=2000), st.sampled_from(["", "a.txt", "b.csv", "c.png"]))
def test_no_bytes_make_the_sniffer_fall(data: bytes, name: str) -> None:
    kind = kind_of(data, name)
    assert kind is None or "/" in kind
