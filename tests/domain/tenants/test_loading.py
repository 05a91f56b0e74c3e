"""A definition with an error names file, line and path, and gives nothing."""

from pathlib import Path

import pytest

from app.domain.tenants.loading import load, load_text
from app.domain.tenants.problems import DefinitionError
from tests.factories.definitions import document, text_of


def mistakes_of(text: str) -> list[str]:
    with pytest.raises(DefinitionError) as caught:
        load_text(text.encode(), "small.yaml")
    return str(caught.value).splitlines()


def line_of(text: str, part: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), 1) if part in line)


def test_a_right_definition_is_read(tmp_path: Path) -> None:
    file = tmp_path / "small.yaml"
    file.write_text(text_of(document()), encoding="utf-8")
    assert load(file).portal.slug == "small"


def test_a_wrong_value_is_told_with_file_line_and_path() -> None:
    text = text_of(document()).replace("category: closed", "category: gone")
    place = line_of(text, "category: gone")
    (mistake,) = mistakes_of(text)
    assert mistake.startswith(f"small.yaml:{place}: statuses[4].category: must be one of 'new'")


def test_a_typing_error_in_a_name_is_told_where_it_stands() -> None:
    text = text_of(document()).replace("default_team:", "defualt_team:")
    place = line_of(text, "defualt_team")
    assert mistakes_of(text) == [
        (
            f"small.yaml:{place}: departments[0].defualt_team: is not known here;"
            " look for a typing error"
        )
    ]


def test_what_is_missing_is_told_at_the_thing_that_lacks_it() -> None:
    written = document()
    del written["statuses"][1]["color"]
    text = text_of(written)
    place = line_of(text, "key: open")
    assert mistakes_of(text) == [f"small.yaml:{place}: statuses[1].color: is missing"]


def test_a_key_that_names_nothing_is_told() -> None:
    written = document()
    written["transitions"][1]["to"] = "sovled"
    text = text_of(written)
    place = line_of(text, "to: sovled")
    assert mistakes_of(text) == [
        f"small.yaml:{place}: transitions[1].to: there is no 'sovled' in statuses"
    ]


def test_a_wrong_value_of_a_condition_is_told_without_noise() -> None:
    written = document()
    written["forms"][0]["conditions"][0]["when"][0]["operator"] = "equals"
    (mistake,) = mistakes_of(text_of(written))
    assert ": forms[0].conditions[0].when[0].operator: must be one of 'is'" in mistake


def test_all_mistakes_are_told_at_once_in_their_order() -> None:
    written = document()
    written["portal"]["number_prefix"] = "crm"
    written["statuses"][0]["color"] = "red"
    written["severities"][1]["key"] = "SEV 2"
    told = mistakes_of(text_of(written))
    assert [line.split(": ")[1] for line in told] == [
        "portal.number_prefix",
        "severities[1].key",
        "statuses[0].color",
    ]


def test_a_file_that_is_not_there_is_told_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(DefinitionError, match=r"nowhere\.yaml:1: cannot be read: No such file"):
        load(tmp_path / "nowhere.yaml")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("version: 1\nversion: 1\n", ":2: version stands here twice"),
        ("a: &x [1]\nb: *x\n", ":1: anchors and aliases are not allowed"),
        ("version: !!python/name:os.system x\n", ":1: the tag 'tag:yaml.org,2002:python/name"),
        ("version: [1\n", "is not YAML"),
        ("", ":1: is empty"),
        ("a: 1\n---\nb: 2\n", "is not YAML"),
        ("? [a]\n: 1\n", ":1: the name of a member must be a word"),
        ("- 1\n", ":1: must be an object with members"),
        ("[" * 40 + "]" * 40, "is nested too deeply"),
        ("a: [" + "1," * 70_000 + "1]", "holds too many values"),
        ("a: " + "x" * 1_100_000, "is larger than 1024 KiB"),
        ("a: " + "1" * 30, "this number is too long"),
        ("a: \udcff", "is not UTF-8"),
    ],
)
def test_yaml_that_is_wrong_or_too_clever_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        load_text(text.encode("utf-8", "surrogateescape"), "small.yaml")
    assert sentence in str(caught.value)


def test_words_that_older_yaml_takes_for_something_else_stay_words() -> None:
    written = text_of(document())
    text = written.replace("nb: Ask", "nb: no").replace("en: Ask", "en: 08:30")
    assert load_text(text.encode(), "small.yaml").transition_of["ask"].labels == {
        "nb": "no",
        "en": "08:30",
    }
