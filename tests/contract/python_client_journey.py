"""The journey of a ticket through the generated Python client; run beside the package `generated`.

Usage: python_client_journey.py BASE PORTAL CUSTOMER PASSWORD AGENT PASSWORD
"""
# mypy: ignore-errors
# The package exists only while the test runs.

import io
import sys
import uuid

from generated import AuthenticatedClient, Client
from generated.api.attachments import get_attachment_content, upload_attachment
from generated.api.catalogue import get_catalogue
from generated.api.comments import add_comment, list_comments
from generated.api.me import get_me
from generated.api.sign_in import end_session, start_session
from generated.api.tickets import (
    change_ticket,
    get_ticket,
    list_tickets,
    move_ticket,
    open_ticket,
)
from generated.models import (
    CommentNew,
    ListTicketsState,
    Problem,
    SignIn,
    TicketChange,
    TicketForAgent,
    TicketForCustomer,
    TicketNew,
    TransitionNew,
)
from generated.types import File


def sign_in(base: str, portal: str, email: str, password: str) -> AuthenticatedClient:
    answer = start_session.sync(
        portal,
        client=Client(base_url=base, raise_on_unexpected_status=True),
        body=SignIn(email=email, password=password),
    )
    assert answer.state == "signed_in", answer
    return AuthenticatedClient(
        base_url=base, token=answer.access_token, raise_on_unexpected_status=True
    )


def main(base: str, portal: str, *people: str) -> None:
    customer = sign_in(base, portal, *people[:2])
    agent = sign_in(base, portal, *people[2:])
    assert get_me.sync(client=customer).email == people[0]
    types = {kind.key for kind in get_catalogue.sync(client=customer).types}
    assert "bug" in types

    log = File(payload=io.BytesIO(b"line one\n"))
    file = upload_attachment.sync(
        client=customer, body=log, content_disposition='attachment; filename="log.txt"'
    )
    new = TicketNew(
        type_="bug",
        subject="It breaks",
        description="Always.",
        severity="sev3",
        attachment_ids=[file.id],
    )
    key = str(uuid.uuid4())
    ticket = open_ticket.sync(client=customer, body=new, idempotency_key=key)
    again = open_ticket.sync_detailed(client=customer, body=new, idempotency_key=key)
    assert isinstance(ticket, TicketForCustomer), ticket
    assert again.parsed.id == ticket.id
    assert again.headers["Idempotent-Replayed"] == "true"

    seen = get_ticket.sync_detailed(ticket.number, client=agent)
    assert isinstance(seen.parsed, TicketForAgent)
    etag = seen.headers["ETag"]
    change = TicketChange(subject="It breaks in June")
    changed = change_ticket.sync(ticket.id, client=agent, body=change, if_match=etag)
    assert changed.subject == "It breaks in June"
    stale = change_ticket.sync(ticket.id, client=agent, body=change, if_match=etag)
    assert isinstance(stale, Problem)
    assert stale.code == "stale"

    said = CommentNew(body="Which report is it?", transition="ask_customer")
    assert add_comment.sync(ticket.id, client=agent, body=said).status_change is not None
    assert len(list_comments.sync(ticket.id, client=customer).items) == 1
    assert get_attachment_content.sync(file.id, client=agent).payload.read() == b"line one\n"

    page = list_tickets.sync(client=customer, state=ListTicketsState.OPEN, mine=True)
    assert ticket.id in {item.id for item in page.items}
    step = TransitionNew(transition="resolve", comment="Mended.")
    assert move_ticket.sync(ticket.id, client=agent, body=step).status.category == "resolved"
    step = TransitionNew(transition="close")
    assert move_ticket.sync(ticket.id, client=customer, body=step).status.category == "closed"

    assert end_session.sync_detailed(client=customer).status_code == 204
    assert get_me.sync(client=customer).code == "unauthenticated"


if __name__ == "__main__":
    main(*sys.argv[1:])
