"""Whatever reaches a person reaches him in his language: no catalogue lacks a sentence."""

import importlib
import string

import pytest

from app.kernel.locale import FALLBACK, LANGUAGES, translate
from app.kernel.problems import catalogue
from tests.locales import extraction

FOUND = extraction.sentences()
COMPLAINT = "run `python -m tests.locales.extraction --write`, then translate what is empty"


def names_in(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None}


def test_the_sentences_of_problems_mails_and_faults_are_found() -> None:
    assert {
        "There is nothing here",
        "This is needed.",
        "Give a date as YYYY-MM-DD.",
        "You get this mail because {number} is assigned to you.",
        "Send a bearer token or the session cookie; what was sent is unknown or has ended.",
        "The JSON cannot be read.",
    } <= FOUND.keys()


def test_no_problem_the_program_knows_is_overlooked() -> None:
    for file in sorted(extraction.APP.rglob("problems.py")):
        importlib.import_module(
            ".".join(file.relative_to(extraction.APP.parent).with_suffix("").parts)
        )
    ours = [kind for kind in catalogue() if kind.__module__.startswith("app.")]
    said = {text for kind in ours for text in (kind.title, kind.detail)}
    assert sorted(said - FOUND.keys() - {"", "{reason}"}) == []


def test_whoever_speaks_does_so_in_a_sentence_that_can_be_found() -> None:
    looked_up_elsewhere = {
        "app/web/pages/words.py",  # problems speak for themselves
        "app/web/problem_json.py",  # a `reason` is found where it is given
        "app/domain/notifications/letters.py",  # `Reader.say` hands on what it was given
    }
    assert {place.partition(":")[0] for place in extraction.unheard()} <= looked_up_elsewhere


@pytest.mark.parametrize("language", extraction.TRANSLATED)
def test_no_sentence_is_left_in_english(language: str) -> None:
    known = extraction.translations(language)
    missing = sorted(sentence for sentence in FOUND if not known.get(sentence))
    assert missing == [], COMPLAINT


@pytest.mark.parametrize("language", extraction.TRANSLATED)
def test_no_translation_outlives_its_sentence(language: str) -> None:
    assert sorted(extraction.translations(language).keys() - FOUND.keys()) == [], COMPLAINT


@pytest.mark.parametrize("language", extraction.TRANSLATED)
def test_a_translation_names_the_same_values(language: str) -> None:
    differing = {
        sentence: translated
        for sentence, translated in extraction.translations(language).items()
        if translated and names_in(sentence) != names_in(translated)
    }
    assert differing == {}


@pytest.mark.parametrize("language", extraction.TRANSLATED)
def test_a_translation_ends_as_its_sentence_does(language: str) -> None:
    differing = {
        sentence: translated
        for sentence, translated in extraction.translations(language).items()
        if translated and (sentence[-1] in ".:") != (translated[-1] in ".:")
    }
    assert differing == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_values_are_filled_in_every_language(language: str) -> None:
    sentence = "You get this mail because {number} is assigned to you."
    shown = translate(sentence, language, number="CRM-1042")
    assert "CRM-1042" in shown
    assert (shown == sentence.format(number="CRM-1042")) == (language == FALLBACK)
