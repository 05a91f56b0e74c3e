"""Forms and conditions of a definition: each rule finds what breaks it."""

import pytest

from tests.factories.definitions import Bend, named, put, told, when

WHEN_BUG = [{"field": "type", "operator": "is", "value": "bug"}]


@pytest.mark.parametrize(
    ("bend", "mistake"),
    [
        # forms
        (
            put("forms", 0, "types", value=["question", "bug"]),
            "types[2].key: no form opens tickets of type 'order'",
        ),
        (
            put("types", 3, "form", value="ticket"),
            "types[3].form: the form 'ticket' does not open tickets of this type",
        ),
        (
            put("forms", 0, "department", value="hr"),
            "forms[0].types[1]: tickets of type 'bug' do not go to department 'hr'",
        ),
        (
            put("forms", 0, "fields", 0, "key", value="title"),
            "forms[0].fields: a form needs the field subject",
        ),
        (
            put("forms", 1, "fields", value=[named("subject")]),
            "forms[1].fields: a form of several types needs the field type",
        ),
        (
            put("forms", 0, "fields", 5, "kind", value="number"),
            "forms[0].fields[5].kind: the field 'description' is always of kind long_text",
        ),
        (
            put("forms", 0, "fields", 6, "minimum", value=3),
            "forms[0].fields[6].minimum: this is for fields of kind number",
        ),
        (
            put("forms", 0, "fields", 7, "minimum", value=30),
            "forms[0].fields[7].maximum: maximum must not be less than minimum",
        ),
        (
            put("forms", 0, "fields", 7, "default", value=20),
            "forms[0].fields[7].default: 20: Give at most 9.",
        ),
        (
            put("forms", 0, "fields", 6, "kind", value="choice"),
            "forms[0].fields[6]: 'browser' offers nothing to choose from",
        ),
        (
            put("forms", 0, "fields", 6, "page", value="second"),
            "forms[0].fields[6].page: this form has no page 'second'",
        ),
        # conditions
        (
            when(when=WHEN_BUG, show=["colour"]),
            "forms[0].conditions[3].show[0]: this form has no 'colour'",
        ),
        (
            when(when=WHEN_BUG),
            "forms[0].conditions[3]: a condition shows, requires, forces or limits something",
        ),
        (
            when(when=WHEN_BUG, force={"severity": "sev11"}),
            "forms[0].conditions[3].force.severity: 'sev11': Choose from the values allowed.",
        ),
        (
            when(when=WHEN_BUG, limit={"priority": ["top"]}),
            "forms[0].conditions[3].limit.priority[0]: 'top' is no choice of 'priority'",
        ),
        (
            when(when=WHEN_BUG, limit={"browser": ["opera"]}),
            "forms[0].conditions[3].limit.browser: this form has no 'browser' to choose in",
        ),
        (
            when(when=[{"field": "type", "operator": "is", "value": "wish"}], show=["amount"]),
            "forms[0].conditions[3].when[0].value: 'wish': Choose from the values allowed.",
        ),
        (
            when(when=[{"field": "type", "operator": "in", "value": "bug"}], show=["amount"]),
            "forms[0].conditions[3].when[0].value: in needs a list of values",
        ),
        (
            when(when=[{"field": "browser", "operator": "less_than", "value": 3}], show=["amount"]),
            "forms[0].conditions[3].when[0].operator: less_than is for numbers and dates",
        ),
        (
            when(
                when=[{"field": "amount", "operator": "is", "value": 3}],
                force={"type": "bug"},
            ),
            "forms[0].conditions: these fields depend on each other in a circle:",
        ),
    ],
)
def test_what_breaks_a_rule_is_found(bend: Bend, mistake: str) -> None:
    assert any(line.startswith(mistake) for line in told(bend)), told(bend)
