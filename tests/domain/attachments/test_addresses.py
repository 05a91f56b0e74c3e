"""A download address is good for one file, one person and sixty seconds."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from pydantic import SecretStr

from app.access.actor import Actor
from app.domain.attachments.addresses import grant_download, read_download
from app.domain.attachments.problems import DownloadAddressEnded
from app.kernel import clock
from app.kernel.secrets import Signer

SIGNER = Signer(SecretStr("k" * 40))
NOON = datetime(2026, 11, 20, 12, 0, 0, 700_000, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _noon() -> Iterator[None]:
    clock.set_source(lambda: NOON)
    yield
    clock.set_source(None)


def somebody() -> Actor:
    return Actor(tenant_id=uuid4(), side="customer", definition_version=1, person_id=uuid4())


def at(moment: datetime) -> None:
    clock.set_source(lambda: moment)


def test_an_address_names_the_file_and_who_asked_for_it() -> None:
    actor, file_id = somebody(), uuid4()
    token, expires_at = grant_download(SIGNER, actor, file_id)
    grant = read_download(SIGNER, token)
    assert (grant.tenant_id, grant.attachment_id) == (actor.tenant_id, file_id)
    assert (grant.person_id, grant.expires_at) == (actor.person_id, expires_at)
    assert token.isascii()
    assert len(token) < 120


def test_an_address_dies_with_its_sixty_seconds() -> None:
    token, expires_at = grant_download(SIGNER, somebody(), uuid4())
    assert expires_at - NOON <= timedelta(seconds=60)
    at(NOON + timedelta(seconds=59))
    read_download(SIGNER, token)
    at(NOON + timedelta(seconds=60))
    with pytest.raises(DownloadAddressEnded):
        read_download(SIGNER, token)


@pytest.mark.parametrize("index", [0, 25, 50, 71, 72, 103])
def test_an_address_changed_in_one_letter_is_worthless(index: int) -> None:
    token, _ = grant_download(SIGNER, somebody(), uuid4())
    other = "b" if token[index] != "b" else "c"
    with pytest.raises(DownloadAddressEnded):
        read_download(SIGNER, token[:index] + other + token[index + 1 :])


@pytest.mark.parametrize("token", ["", "x", "x" * 32, "ø" * 104, "A" * 10_000])
def test_what_is_no_address_leads_nowhere(token: str) -> None:
    with pytest.raises(DownloadAddressEnded):
        read_download(SIGNER, token)


def test_an_address_of_another_installation_is_worthless() -> None:
    token, _ = grant_download(Signer(SecretStr("o" * 40)), somebody(), uuid4())
    with pytest.raises(DownloadAddressEnded):
        read_download(SIGNER, token)


def test_a_signature_made_for_another_purpose_opens_no_file() -> None:
    token, _ = grant_download(SIGNER, somebody(), uuid4())
    forged = token[:-32] + SIGNER.sign("reply", token[:-32])
    with pytest.raises(DownloadAddressEnded):
        read_download(SIGNER, forged)
