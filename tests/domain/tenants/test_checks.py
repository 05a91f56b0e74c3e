"""Texts, keys, roles and values of a definition: each rule finds what breaks it."""

from typing import Any

import pytest

from tests.factories.definitions import Bend, Document, add, definition, labels, named, put, told


def test_the_small_definition_is_right() -> None:
    assert definition().portal.slug == "small"


@pytest.mark.parametrize(
    ("bend", "mistake"),
    [
        # texts
        (
            put("statuses", 0, "labels", value={"en": "New"}),
            "statuses[0].labels: the text in nb is missing",
        ),
        (
            put("statuses", 0, "labels", value={"nb": "Ny"}),
            "statuses[0].labels: the text in en is missing",
        ),
        (
            put("statuses", 0, "labels", value={**labels("New"), "fi": "Uusi"}),
            "statuses[0].labels.fi: the portal does not offer 'fi'",
        ),
        (
            put("portal", "default_language", value="fi"),
            "portal.default_language: 'fi' must be among the languages the portal offers",
        ),
        # keys and references
        (
            add("severities", named("sev1", color="#000000")),
            "severities[3].key: 'sev1' stands here twice",
        ),
        (
            put("transitions", 0, "who", value=["boss", "boss"]),
            "transitions[0].who[1]: 'boss' stands here twice",
        ),
        (
            put("departments", 0, "default_team", value="nobody"),
            "departments[0].default_team: there is no 'nobody' in teams",
        ),
        (
            put("transitions", 0, "who", value=["god"]),
            "transitions[0].who[0]: there is no 'god' in roles",
        ),
        (
            put("retention", value={"by_type_days": {"wish": 3}}),
            "retention.by_type_days.wish: there is no 'wish' in types",
        ),
        (
            put("types", 1, "retired", value=True),
            "forms[0].types[1]: 'bug' in types is retired; name another",
        ),
        (
            put("transitions", 0, "needs_fields", value=["shoe_size"]),
            "transitions[0].needs_fields[0]: there is no 'shoe_size' in fields",
        ),
        # roles
        (
            put("roles", 0, "like", value="emperor"),
            "roles[0].like: no role of this name is shipped",
        ),
        (put("roles", 0, "like", value="agent"), "roles[0].like: 'agent' is a role of the other"),
        (
            put("roles", 0, "permissions", value=["tickets:eat"]),
            "roles[0].permissions[0]: there is no permission 'tickets:eat'",
        ),
        (
            put("roles", 0, "permissions", value=["comments:internal"]),
            "roles[0].permissions[0]: 'comments:internal' is for agents only",
        ),
        (
            put("roles", 0, "permissions", value=["tickets:read:tenant"]),
            "roles[0].permissions[0]: 'tickets:read:tenant' is for agents only",
        ),
        (put("roles", 0, "like", value=None), "roles[0]: a role allows something"),
    ],
)
def test_what_breaks_a_rule_is_found(bend: Bend, mistake: str) -> None:
    assert any(line.startswith(mistake) for line in told(bend)), told(bend)


def test_a_department_that_takes_mail_needs_an_address_of_its_own() -> None:
    def bend(written: Document) -> None:
        written["portal"]["intake_channels"] = ["mail"]
        written["departments"][0]["mail_address"] = "one@small.example"
        written["departments"][1]["mail_address"] = "ONE@small.example"

    assert told(bend) == ["departments[1].mail_address: another department has this address"]
    assert told(put("portal", "intake_channels", value=["mail"])) == [
        "departments[0].mail_address: tickets come by mail here: name the address",
        "departments[1].mail_address: tickets come by mail here: name the address",
    ]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("portal", "time_zone"), "Europe/Atlantis"),
        (("portal", "time_zone"), "../../etc/passwd"),
        (("portal", "slug"), "-small"),
        (("portal", "links"), [named("x", url="http://small.example/")]),
        (("portal", "links"), [named("x", url="javascript:alert(1)")]),
        (("mail", "from_address"), "nobody"),
        (("statuses", 0, "labels"), labels("two\nlines")),
        (("statuses", 0, "labels"), labels("turned \u202e round")),
        (("sign_in", "local", "self_registration"), True),
        (("portal", "branding", "font_family"), "x; background: url(//evil.example)"),
        (("version",), 2),
    ],
)
def test_values_out_of_shape_are_refused(path: tuple[str | int, ...], value: Any) -> None:
    lines = told(put(*path, value=value))
    assert {line.split(":")[0].split(".")[0].split("[")[0] for line in lines} == {path[0]}


@pytest.mark.parametrize(
    "hours",
    [
        {},
        {"mon": []},
        {"mon": [{"opens": "16:00", "closes": "08:00"}]},
        {"mon": [{"opens": "08:00", "closes": "12:00"}, {"opens": "11:00", "closes": "15:00"}]},
        {"mon": [{"opens": "25:00", "closes": "26:00"}]},
    ],
)
def test_a_calendar_that_is_never_or_doubly_open_is_refused(hours: Document) -> None:
    day = named("days", time_zone="Europe/Oslo", weekdays=hours)
    assert told(add("calendars", day))[0].startswith("calendars[0]")


def test_public_holidays_of_a_country_nobody_knows_are_refused() -> None:
    hours = {"mon": [{"opens": "08:00", "closes": "16:00"}]}
    day = named("days", time_zone="Europe/Oslo", weekdays=hours, holidays="XX")
    assert told(add("calendars", day)) == [
        "calendars[0].holidays: the public holidays of 'XX' are not known"
    ]
