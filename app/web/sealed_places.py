"""Cursors that tell nothing: a place among events, sealed for one tenant.

An id of ours says when its event happened, and the last one walked over may be of something that
the caller is not told of."""

import base64
import binascii
from uuid import UUID

from app.kernel.secrets import SealBroken, Sealer
from app.web.problems import InvalidCursor

_PURPOSE = "place among events"


def write(sealer: Sealer, tenant_id: UUID, place: UUID) -> str:
    """The cursor of a place."""
    sealed = sealer.seal(_PURPOSE, place.hex, bound_to=str(tenant_id))
    return base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()


def read(sealer: Sealer, tenant_id: UUID, cursor: str) -> UUID:
    """The place that a cursor names. Raises `InvalidCursor` for one that is none of this
    tenant's."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        sealed = base64.b64decode(padded, altchars=b"-_", validate=True)
        return UUID(sealer.open(_PURPOSE, sealed, bound_to=str(tenant_id)))
    except (binascii.Error, ValueError, SealBroken) as error:
        raise InvalidCursor from error
