"""Statements of notifications, put together once: to announce, to take up, to note, each for as
many people as are told of one event."""

from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    DateTime,
    Table,
    Text,
    Uuid,
    bindparam,
    case,
    column,
    func,
    literal_column,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from app.database.asking import Question
from app.models.notifications import Notification

_MOMENT = DateTime(timezone=True)
_notifications: Table = Notification.__table__  # type: ignore[assignment]
_tenant = bindparam("tenant", type_=Uuid())


def _list(name: str, type_: Any) -> Any:
    return bindparam(name, type_=ARRAY(type_))


_told = (
    func.unnest(
        _list("ids", Uuid()),
        _list("people", Uuid()),
        _list("reasons", Text()),
        _list("messages", Text()),
        _list("tokens", Text()),
    )
    .table_valued(
        column("id", Uuid()),
        column("person", Uuid()),
        column("reason", Text()),
        column("message", Text()),
        column("token", Text()),
    )
    .render_derived(name="told")
)
_announced: dict[str, ColumnElement[Any]] = {
    "tenant_id": _tenant,
    "id": _told.c.id,
    "event_id": bindparam("event", type_=Uuid()),
    "person_id": _told.c.person,
    "channel": literal_column("'mail'"),
    "template": bindparam("template", type_=Text()),
    "reason": _told.c.reason,
    "ticket_id": bindparam("ticket", type_=Uuid()),
    "comment_id": bindparam("comment", type_=Uuid()),
    "message_id": _told.c.message,
    "reply_token": _told.c.token,
    "state": literal_column("'pending'"),
    "attempts": literal_column("0"),
    "created_at": bindparam("now", type_=_MOMENT),
}
#: Whoever is told of an event, in one go; who was told before is left out.
ANNOUNCE = Question(
    insert(_notifications)
    .from_select(list(_announced), select(*_announced.values()))
    .on_conflict_do_nothing(index_elements=["tenant_id", "event_id", "person_id", "channel"])
)

_is_news = _notifications.c.created_at >= bindparam("news_since", type_=_MOMENT)
#: All that wait about an event, one attempt richer; what is no news any more is dropped.
TAKE_UP = Question(
    update(_notifications)
    .where(
        _notifications.c.tenant_id == _tenant,
        _notifications.c.event_id == bindparam("event"),
        _notifications.c.state == "pending",
    )
    .values(
        attempts=_notifications.c.attempts + 1,
        state=case((_is_news, literal_column("'pending'")), else_=literal_column("'dropped'")),
    )
    .returning(*_notifications.columns)
)

#: How it ended with one, where nobody has said so; executed with as many as there are, by their
#: keys, so that no guess of PostgreSQL's has it walk all of a tenant.
NOTE = (
    update(_notifications)
    .where(
        _notifications.c.tenant_id == _tenant,
        _notifications.c.id == bindparam("noted", type_=Uuid()),
        _notifications.c.state == "pending",
    )
    .values(state=bindparam("outcome", type_=Text()), sent_at=bindparam("moment", type_=_MOMENT))
)
