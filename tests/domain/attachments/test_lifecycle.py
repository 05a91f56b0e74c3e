"""How long files live, and the names that rows hold of their states."""

from datetime import timedelta

from app.domain.attachments.lifecycle import (
    DOWNLOAD_ADDRESS_LIVES,
    MOST_UPLOADS,
    SWEEP_UPLOAD,
    UPLOAD_LIVES,
    State,
)


def test_an_upload_lives_for_a_day_and_an_address_to_fetch_it_for_a_minute() -> None:
    assert timedelta(days=1) == UPLOAD_LIVES
    assert timedelta(minutes=1) == DOWNLOAD_ADDRESS_LIVES
    assert MOST_UPLOADS == 100


def test_rows_find_their_states_and_timers_by_name() -> None:
    assert [str(state) for state in State] == ["pending", "clean", "infected", "unscanned"]
    assert SWEEP_UPLOAD == "sweep_unattached_upload"
