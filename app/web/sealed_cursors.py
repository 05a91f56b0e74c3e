"""Cursors of the feed of changes: the id of an event, encrypted and bound to one tenant.

Encrypted, because the id (UUIDv7) contains the time of an event, and the last event that a page
passed may be one that the caller must not know of."""

import base64
import binascii
from uuid import UUID

from app.kernel import base64url
from app.kernel.secrets import SealBroken, Sealer
from app.web.problems import InvalidCursor

_PURPOSE = "place among events"


def write(sealer: Sealer, tenant_id: UUID, place: UUID) -> str:
    """The cursor to continue after the event `place`."""
    sealed = sealer.seal(_PURPOSE, place.hex, bound_to=str(tenant_id))
    return base64url.encode(sealed)


def read(sealer: Sealer, tenant_id: UUID, cursor: str) -> UUID:
    """The event that a cursor continues after. Raises `InvalidCursor` for any other text, and for
    another tenant's cursor."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        sealed = base64.b64decode(padded, altchars=b"-_", validate=True)
        return UUID(sealer.open(_PURPOSE, sealed, bound_to=str(tenant_id)))
    except (binascii.Error, ValueError, SealBroken) as error:
        raise InvalidCursor from error
