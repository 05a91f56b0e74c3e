"""Who has a ticket: handed over by somebody."""

from uuid import UUID

from pydantic import Field

from app.schemas.base import Input, Key, Words


class HandOver(Input):
    """Whom a ticket is given to: a team, an agent, or an agent in a team; with neither, its team
    has it without anybody in particular."""

    team: Key | None = Field(
        None, description="A team alone gets it without anybody in particular."
    )
    assignee: UUID | None = None
    note: Words | None = Field(
        None,
        description="Said to those who take it on; only agents read it.",
        examples=["The customer waits for a call back."],
    )
