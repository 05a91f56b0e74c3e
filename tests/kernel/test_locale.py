"""People are spoken to in a language of theirs."""

import pytest

from app.kernel import locale


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("nb", "nb"),
        ("no", "nb"),
        ("nn-NO", "nb"),
        ("SV-fi", "sv"),
        (" it ", "it"),
        ("en-GB", "en"),
        ("de", None),
        ("*", None),
        ("", None),
    ],
)
def test_a_tag_asks_for_a_language_of_ours_or_for_none(tag: str, language: str | None) -> None:
    assert locale.language_of(tag) == language


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("fi", "fi"),
        ("de, sv;q=0.8, fi;q=0.9", "fi"),
        ("de;q=1, nn;q=0.2", "nb"),
        ("da;q=0, it;q=0.1", "it"),
        ("da;q=x, it", "it"),
        ("sv, fi", "sv"),
        ("de", None),
        ("", None),
        (None, None),
        (",;q=;,,", None),
        ("de," * 100_000 + "fi", None),
    ],
)
def test_the_best_language_both_know_is_spoken(header: str | None, language: str | None) -> None:
    assert locale.negotiate(header) == language


def test_only_languages_on_offer_are_spoken() -> None:
    assert locale.negotiate("sv, fi;q=0.5", offered=["fi", "en"]) == "fi"


def test_a_sentence_without_a_translation_is_said_in_english() -> None:
    assert locale.translate("Nobody wrote this {thing}.", "fi", thing="yet") == (
        "Nobody wrote this yet."
    )


def test_a_value_is_never_read_as_a_sentence() -> None:
    said = locale.translate("{name} wrote in {number}", "sv", name="{number.__class__}", number="1")
    assert said == "{number.__class__} skrev i 1"


def test_a_label_falls_back_to_english_and_then_to_any() -> None:
    assert locale.label({"nb": "Ny", "en": "New"}, "nb") == "Ny"
    assert locale.label({"nb": "Ny", "en": "New"}, "fi") == "New"
    assert locale.label({"nb": "Ny"}, "fi") == "Ny"
    assert locale.label({}, "fi", default="new") == "new"
