"""From one version to the next: what vanished is retired, what changed is told."""

from collections.abc import Callable

import pytest

from app.domain.tenants.checks import flaws_in
from app.domain.tenants.definition import Definition
from app.domain.tenants.loading import load, load_text
from app.domain.tenants.planning import diff, merge, obstacles
from app.domain.tenants.schema import PORTALS
from app.domain.tenants.writing import as_yaml
from tests.factories.definitions import Document, definition, labels, named


def without_sev2(written: Document) -> None:
    del written["severities"][1]
    written["forms"][0]["conditions"][0]["limit"] = {"severity": ["sev1"]}


def told(previous: Definition | None, new: Definition) -> list[str]:
    return [str(change) for change in diff(previous, new)]


def test_the_first_definition_is_told_as_additions() -> None:
    lines = told(None, definition())
    assert lines[0] == "+ portal small: Small desk"
    assert "+ status waiting" in lines
    assert all(line.startswith("+ ") for line in lines)


def test_a_key_that_vanished_stays_as_retired_in_its_place() -> None:
    merged = merge(definition(), definition(without_sev2))
    assert [(each.key, each.retired) for each in merged.severities] == [
        ("sev1", False),
        ("sev2", True),
        ("sev10", False),
    ]
    assert merged.severity_of["sev2"].labels == definition().severity_of["sev2"].labels


def test_a_retired_key_is_told_once() -> None:
    first, second = definition(), definition(without_sev2)
    lines = told(first, second)
    assert "- severity sev2 (retired, kept for what uses it)" in lines
    assert told(merge(first, second), second) == []


def test_a_retired_key_can_be_taken_back() -> None:
    merged = merge(definition(), definition(without_sev2))
    assert "+ severity sev2 (taken back)" in told(merged, definition())
    assert merge(merged, definition()) == definition()


def test_fields_pages_and_choices_are_retired_too() -> None:
    def paged(written: Document) -> None:
        form = written["forms"][0]
        form["pages"] = [named("first"), named("second")]
        form["fields"].append(
            named("colour", kind="choice", page="second", choices=[named("red"), named("blue")])
        )

    def fewer(written: Document) -> None:
        paged(written)
        del written["forms"][0]["fields"][-1]["choices"][0]

    chosen = merge(definition(paged), definition(fewer)).form_of["ticket"].field_of["colour"]
    assert [(each.key, each.retired) for each in chosen.choices] == [("red", True), ("blue", False)]
    form = merge(definition(paged), definition()).form_of["ticket"]
    assert [page.retired for page in form.pages] == [True, True]
    assert form.pages_shown == ()
    assert "colour" not in form.field_of
    assert any(field.key == "colour" and field.retired for field in form.fields)


def test_a_whole_section_that_vanished_is_retired() -> None:
    def without_services(written: Document) -> None:
        del written["services"]
        del written["forms"][0]["fields"][4]

    merged = merge(definition(), definition(without_services))
    assert [service.retired for service in merged.services] == [True, True]


def test_a_changed_label_is_told_with_before_and_after() -> None:
    def relabelled(written: Document) -> None:
        written["severities"][2]["labels"] = {**labels("Sev10"), "nb": "Utenfor avtalen"}

    assert told(definition(), definition(relabelled)) == [
        '~ severity sev10: labels.nb: "Sev10" -> "Utenfor avtalen"'
    ]


def test_a_changed_order_is_told() -> None:
    def turned(written: Document) -> None:
        written["priorities"].reverse()

    assert told(definition(), definition(turned)) == [
        "~ priorities: order low, normal -> normal, low"
    ]


def test_a_change_inside_a_form_names_form_and_field() -> None:
    def longer(written: Document) -> None:
        written["forms"][0]["fields"][0]["max_length"] = 90
        written["forms"][0]["fields"].append(named("phone"))

    assert told(definition(), definition(longer)) == [
        "~ form ticket, field subject: max_length: 60 -> 90",
        "+ form ticket, field phone",
    ]


def test_a_role_cannot_change_sides() -> None:
    def turned(written: Document) -> None:
        written["roles"][1].update(side="agent", like="agent")

    (flaw,) = obstacles(definition(), definition(turned))
    assert flaw.path == ("roles", 1, "side")
    assert obstacles(None, definition(turned)) == []


def drop(section: str, place: int) -> Callable[[Document], None]:
    def bend(written: Document) -> None:
        del written[section][place]

    return bend


@pytest.mark.parametrize(
    "bend",
    [
        without_sev2,
        drop("forms", 1),
        drop("priorities", 0),
        lambda written: written["portal"].update(name="Other", intake_channels=["agent"]),
    ],
)
def test_a_merged_definition_is_right_and_can_be_written_and_read_back(
    bend: Callable[[Document], object],
) -> None:
    def bent(written: Document) -> None:
        bend(written)
        if len(written["forms"]) == 1:
            del written["types"][3]

    merged = merge(definition(), definition(bent))
    assert flaws_in(merged) == []
    assert load_text(as_yaml(merged).encode(), "export.yaml") == merged


def test_what_was_retired_need_not_have_the_languages_of_today() -> None:
    def in_finnish(written: Document) -> None:
        def translated(value: object) -> None:
            if isinstance(value, dict):
                if "nb" in value:
                    value["fi"] = value.pop("nb")
                for inner in value.values():
                    translated(inner)
            elif isinstance(value, list):
                for inner in value:
                    translated(inner)

        translated(written)
        written["portal"].update(languages=["fi", "en"], default_language="fi")
        without_sev2(written)

    merged = merge(definition(), definition(in_finnish))
    assert flaws_in(merged) == []


@pytest.mark.parametrize("file", sorted(PORTALS.glob("*.yaml")), ids=lambda file: file.stem)
def test_a_shipped_definition_is_the_same_after_export(file: object) -> None:
    shipped = load(file)  # type: ignore[arg-type]
    assert load_text(as_yaml(shipped).encode(), "export.yaml") == shipped
    assert diff(shipped, shipped) == []
