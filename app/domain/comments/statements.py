"""Statements of writing on a ticket, put together once."""

from typing import Any

from sqlalchemy import Table, bindparam, insert, select, update

from app.database.asking import Question
from app.models.comments import Comment
from app.models.people import Person
from app.models.tickets import Ticket

_comments: Table = Comment.__table__  # type: ignore[assignment]
_tenant: Any = bindparam("tenant_id")

_written: Any = (
    insert(_comments)
    .values(
        {column.name: bindparam(column.name, type_=column.type) for column in _comments.columns}
    )
    .returning(
        select(Person.name)
        .where(Person.tenant_id == _tenant, Person.id == bindparam("author_id"))
        .scalar_subquery()
        .label("author_name")
    )
)
#: A comment; answers its author's name.
WRITE = Question(_written)
_touched = (
    update(Ticket.__table__)  # type: ignore[arg-type]
    .where(Ticket.tenant_id == _tenant, Ticket.id == bindparam("ticket_id"))
    .values(updated_at=bindparam("updated_at"), first_replied_at=bindparam("first_replied_at"))
    .cte("touched")
)
#: The same, and the ticket says when it was last heard of, and when first answered.
WRITE_AND_TOUCH = Question(_written.add_cte(_touched))
