"""Who may upload, and who may fetch a file in which state."""

from uuid import uuid4

import pytest

from app.access.actor import Actor, Grant
from app.domain.attachments.lifecycle import State, first_state, largest
from app.domain.attachments.policy import download_refusal, may_upload, visible_to
from app.domain.tenants.definition.portal import Attachments


def actor(side: str, *permissions: str) -> Actor:
    return Actor(
        tenant_id=uuid4(),
        side=side,  # type: ignore[arg-type]
        definition_version=1,
        person_id=uuid4(),
        grants=(Grant("role", frozenset(permissions)),),
    )


OPEN = Attachments()
CLOSED = Attachments(allow_unscanned_download=False)


@pytest.mark.parametrize(
    ("side", "state", "rules", "scanner", "refusal"),
    [
        ("customer", State.CLEAN, CLOSED, True, None),
        ("customer", State.UNSCANNED, OPEN, False, None),
        ("customer", State.UNSCANNED, CLOSED, False, "attachment-unscanned"),
        ("customer", State.UNSCANNED, OPEN, True, "attachment-unscanned"),
        ("customer", State.PENDING, OPEN, True, "attachment-not-scanned-yet"),
        ("customer", State.PENDING, OPEN, False, "attachment-not-scanned-yet"),
        ("customer", State.INFECTED, OPEN, False, "attachment-infected"),
        ("agent", State.CLEAN, CLOSED, True, None),
        ("agent", State.UNSCANNED, CLOSED, True, None),
        ("agent", State.PENDING, CLOSED, True, None),
        ("agent", State.INFECTED, OPEN, True, "attachment-infected"),
        ("system", State.INFECTED, OPEN, True, "attachment-infected"),
    ],
)
def test_customers_fetch_what_is_clean_and_nobody_fetches_a_virus(
    side: str, state: State, rules: Attachments, scanner: bool, refusal: str | None
) -> None:
    found = download_refusal(actor(side), state, rules, scanner_at_work=scanner)
    assert (found.code if found else None) == refusal


@pytest.mark.parametrize(
    ("permissions", "may"),
    [
        (("tickets:create",), True),
        (("tickets:open_on_behalf",), True),
        (("tickets:comment:own",), True),
        (("tickets:update:department",), True),
        (("tickets:read:organization", "colleagues:manage"), False),
        ((), False),
    ],
)
def test_whoever_may_write_anywhere_may_upload(permissions: tuple[str, ...], may: bool) -> None:
    assert may_upload(actor("customer", *permissions)) is may


def test_a_tenant_lowers_the_limit_and_cannot_raise_it() -> None:
    assert largest(Attachments(), 1000) == 1000
    assert largest(Attachments(limit_bytes=10), 1000) == 10
    assert largest(Attachments(limit_bytes=5000), 1000) == 1000


def test_a_new_file_waits_only_where_somebody_looks() -> None:
    assert first_state(scanned=True) == "pending"
    assert first_state(scanned=False) == "unscanned"


def told(who: Actor) -> tuple[str, list[object]]:
    """The rule of which files somebody sees, as it is asked, and with what."""
    rule = visible_to(who).clause.compile()
    return " ".join(str(rule).split()), list(rule.params.values())


def test_customers_see_their_own_files_and_those_of_comments_they_may_read() -> None:
    member = actor("customer", "comments:internal")  # which is agents' alone
    rule = (
        "attachments.ticket_id IS NULL AND attachments.uploaded_by = :uploaded_by_1"
        " OR attachments.ticket_id IS NOT NULL AND (attachments.visibility = :visibility_1"
        " OR attachments.visibility = :visibility_2 AND attachments.uploaded_by = :uploaded_by_1)"
    )
    assert told(member) == (rule, [member.person_id, "public", "private"])
    assert told(actor("agent"))[0] == rule


def test_agents_who_note_see_all_files_of_tickets_and_uploads_of_their_own() -> None:
    agent = actor("agent", "comments:internal")
    rule = (
        "attachments.ticket_id IS NULL AND attachments.uploaded_by = :uploaded_by_1"
        " OR attachments.ticket_id IS NOT NULL"
    )
    assert told(agent) == (rule, [agent.person_id])


def test_the_system_sees_every_file_and_nobody_in_particular_none() -> None:
    assert told(Actor.system(uuid4())) == ("true", [])
    unknown = Actor(tenant_id=uuid4(), side="customer", definition_version=1)
    assert told(unknown) == ("false", [])
