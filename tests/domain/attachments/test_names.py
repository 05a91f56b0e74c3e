"""Names of files come from strangers; these are the strangers."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.domain.attachments.names import clean_name, download_name


@pytest.mark.parametrize(
    ("raw", "cleaned"),
    [
        ("rapport.pdf", "rapport.pdf"),
        ("Årsrapport – kvartal 2 (endelig).docx", "Årsrapport – kvartal 2 (endelig).docx"),
        ("レポート.pdf", "レポート.pdf"),
        ("😀👩‍💻.png", "😀👩‍💻.png"),
        ("A\u030arsmelding.txt", "Årsmelding.txt"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\kari\\skjerm.png", "skjerm.png"),
        ("folder/", "folder"),
        ("...hidden", "hidden"),
        ("name. ", "name"),
        ("a\x00b\x01\x7fc\x9f.txt", "abc.txt"),
        ('a"b<c>:d|e?f*g.txt', "a_b_c__d_e_f_g.txt"),
        ("line\r\nSet-Cookie: x", "line Set-Cookie_ x"),
        ("invoice\u202egnp.exe", "invoicegnp.exe"),
        ("\u2066a\u2069\u200fb\ufeff.txt", "ab.txt"),
        ("a\u2028b.txt", "a b.txt"),
        ("\ud800x.txt", "x.txt"),
        ("", "file"),
        ("\u202e", "file"),
        ("/", "file"),
        ("..", "file"),
        ("\x00", "file"),
    ],
)
def test_a_name_is_cleaned_of_what_misleads_or_breaks(raw: str, cleaned: str) -> None:
    assert clean_name(raw) == cleaned


def test_a_name_of_four_kilobytes_keeps_its_extension_and_whole_letters() -> None:
    cleaned = clean_name("å" * 2048 + ".pdf")
    assert len(cleaned.encode()) <= 255
    assert cleaned.endswith("å.pdf")
    assert cleaned == cleaned.encode().decode()


def test_an_endless_extension_is_cut_like_any_other_text() -> None:
    assert clean_name("a." + "b" * 4096) == "a." + "b" * 253


@given(st.text(st.characters(), max_size=400))
@example(". .")
@example("0 \x1b\x850")
@example("e\u200b\u0301")
@example("a/. ")
@example("é" * 300 + ".e" * 9)
def test_every_cleaned_name_can_be_saved_and_cleaning_it_again_changes_nothing(raw: str) -> None:
    name = clean_name(raw)
    assert name
    assert len(name.encode("utf-8")) <= 255
    assert not set(name) & set('/\\\0\r\n\u202e"')
    assert not name.startswith((".", " "))
    assert "Cc" not in {unicodedata.category(letter) for letter in name}
    assert clean_name(name) == name


@pytest.mark.parametrize(
    ("name", "media_type", "handed_out"),
    [
        ("skjerm.png", "image/png", "skjerm.png"),
        ("log.txt", "text/plain", "log.txt"),
        ("login.js", "text/plain", "login.js.txt"),
        ("PAGE.HTML", "text/html", "PAGE.HTML.txt"),
        ("photo.exe", "image/png", "photo.exe.png"),
        ("tool.jar", "application/zip", "tool.jar.zip"),
        ("drawing.svg", "image/svg+xml", "drawing.svg.bin"),
    ],
)
def test_a_file_is_never_handed_out_under_a_name_that_a_double_click_runs(
    name: str, media_type: str, handed_out: str
) -> None:
    assert download_name(name, media_type) == handed_out


def test_the_ending_that_makes_a_name_harmless_fits_into_255_bytes() -> None:
    handed_out = download_name("å" * 125 + ".js", "text/plain")
    assert len(handed_out.encode()) <= 255
    assert handed_out.endswith(".txt")
