"""Signed download addresses: good for one file, one person and sixty seconds. Pure.

They need no bearer token, so a browser can follow them and a `<a href>` can hold them. Nothing is
stored: what was asked and granted stands in the address, under our signature.
"""

import base64
import binascii
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from app.access.actor import Actor
from app.domain.attachments.lifecycle import DOWNLOAD_ADDRESS_LIVES
from app.domain.attachments.problems import DownloadAddressEnded
from app.kernel import clock
from app.kernel.secrets import Signer

_PURPOSE = "download"
_SIGNATURE_LENGTH = 32


@dataclass(frozen=True, slots=True)
class DownloadGrant:
    """What an address grants: these bytes, to whoever `person_id` passed it to, for so long."""

    tenant_id: UUID
    attachment_id: UUID
    person_id: UUID
    expires_at: datetime


def grant_download(signer: Signer, actor: Actor, attachment_id: UUID) -> tuple[str, datetime]:
    """A token for the address of a file that `actor` may fetch, and when it ends."""
    expires_at = clock.now().replace(microsecond=0) + DOWNLOAD_ADDRESS_LIVES
    parts = (
        actor.tenant_id.bytes,
        attachment_id.bytes,
        actor.person.bytes,
        int(expires_at.timestamp()).to_bytes(6),
    )
    told = base64.urlsafe_b64encode(b"".join(parts)).decode()
    return told + signer.sign(_PURPOSE, told), expires_at


def read_download(signer: Signer, token: str) -> DownloadGrant:
    """What `token` grants. Raises `DownloadAddressEnded`, for forged and for old ones alike."""
    told, signature = token[:-_SIGNATURE_LENGTH], token[-_SIGNATURE_LENGTH:]
    if not signer.verifies(_PURPOSE, told, signature):
        raise DownloadAddressEnded
    try:
        raw = base64.urlsafe_b64decode(told)
    except binascii.Error as error:
        raise DownloadAddressEnded from error
    grant = DownloadGrant(
        tenant_id=UUID(bytes=raw[:16]),
        attachment_id=UUID(bytes=raw[16:32]),
        person_id=UUID(bytes=raw[32:48]),
        expires_at=datetime.fromtimestamp(int.from_bytes(raw[48:54]), UTC),
    )
    if grant.expires_at <= clock.now():
        raise DownloadAddressEnded
    return grant
