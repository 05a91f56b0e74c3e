"""The table of rows says what the journeys prove, no more and no less."""

from tests.journeys.rows import README, proofs, rows, table


def test_the_table_is_what_the_journeys_prove() -> None:
    assert README.read_text() == table(), "run: python -m tests.journeys.rows"


def test_journeys_cite_rows_that_there_are() -> None:
    assert set(proofs()) <= set(rows())
