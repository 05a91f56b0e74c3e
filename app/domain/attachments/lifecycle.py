"""The pure rules of files: how large, for how long, and in which state.

`pending` waits for the scanner. `clean`, `infected` and `unscanned` (there is no scanner, or the
file is too large for it) are final."""

from datetime import timedelta
from enum import StrEnum

from app.domain.tenants.definition.portal import Attachments

#: The timer that looks again a day after an upload began.
SWEEP_UPLOAD = "sweep_unattached_upload"
UPLOAD_LIVES = timedelta(hours=24)
DOWNLOAD_ADDRESS_LIVES = timedelta(seconds=60)
MOST_UPLOADS = 100


class State(StrEnum):
    """What the virus scanner has said of a file."""

    PENDING = "pending"
    CLEAN = "clean"
    INFECTED = "infected"
    UNSCANNED = "unscanned"


def first_state(*, scanned: bool) -> State:
    """The state of a new upload: `pending` where a scanner is at work."""
    return State.PENDING if scanned else State.UNSCANNED


def largest(rules: Attachments, installation_limit: int) -> int:
    """How many bytes a file may have: the tenant's limit, never above the installation's."""
    return min(rules.limit_bytes or installation_limit, installation_limit)
