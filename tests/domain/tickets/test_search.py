"""What somebody types into the search, read as a query."""

import pytest

from app.domain.tickets.search import Sought, sought

READINGS: dict[str, Sought | None] = {
    "invoice": Sought("invoice", begins=True),
    "invoice june": Sought("invoice june", begins=True),
    "  invoice   june ": Sought("invoice june", begins=False),
    '"june invoice"': Sought('"june invoice"', begins=False),
    "“june invoice” or receipt": Sought('"june invoice" or receipt', begins=True),
    "invoice -june": Sought("invoice -june", begins=False),
    '-"june invoice"': Sought('-"june invoice"', begins=False),
    '"never closed': Sought('"never closed"', begins=False),
    "CRM-1042": Sought("1042", begins=False),
    "crm-1042 invoice": Sought("1042 invoice", begins=True),
    "#1042": Sought("1042", begins=False),
    "XCRM-1042": Sought("XCRM 1042", begins=False),
    "report.png": Sought("report png", begins=True),
    "member@acme.example": Sought("member acme example", begins=True),
    "-fax-number": Sought('-"fax number"', begins=False),
    "it’s (almost) done!": Sought("it s almost done", begins=False),
    "'; DROP TABLE tickets; --": Sought("DROP TABLE tickets", begins=False),
    ":* & | ! <-> \\": None,
    '"" - -': None,
    "   ": None,
    "": None,
}


@pytest.mark.parametrize("typed", READINGS)
def test_what_is_typed_is_read_as_words_phrases_and_exceptions(typed: str) -> None:
    assert sought(typed, "CRM") == READINGS[typed]
