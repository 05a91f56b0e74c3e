"""Where an invitation stands, and how many are sent."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.domain.invitations.lifecycle import HOUR, MOST_AN_HOUR, MOST_MAILS_AN_HOUR, state_of
from app.models.invitations import Invitation
from tests.factories.sight import row

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
SENT, LATE = {"sent_at": NOW - SECOND}, {"expires_at": NOW - SECOND}


@pytest.mark.parametrize(
    ("columns", "state"),
    [
        ({}, "preparing"),
        (SENT, "open"),
        ({**SENT, "expires_at": NOW}, "expired"),
        ({**SENT, **LATE}, "expired"),
        ({**LATE, "failure": "bounced"}, "failed"),
        ({**LATE, "failure": "bounced", "withdrawn_at": NOW}, "withdrawn"),
        ({**LATE, "failure": "bounced", "accepted_at": NOW}, "accepted"),
    ],
)
def test_an_invitation_stands_at_the_last_that_happened_to_it(
    columns: dict[str, Any], state: str
) -> None:
    invitation = row(Invitation, **{"expires_at": NOW + SECOND, **columns})
    assert state_of(invitation, NOW) == state


def test_nobody_invites_the_phone_book() -> None:
    assert (60, 5, timedelta(hours=1)) == (MOST_AN_HOUR, MOST_MAILS_AN_HOUR, HOUR)
