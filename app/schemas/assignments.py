"""Handing a ticket over to another team or agent."""

from uuid import UUID

from pydantic import Field

from app.schemas.base import Input, Key, Words


class HandOver(Input):
    """Who gets the ticket: a team, an agent, or an agent in a team. With neither, the ticket stays
    with its team and has no assignee."""

    team: Key | None = Field(
        None, description="Key of a team. Without `assignee` the ticket then has no assignee."
    )
    assignee: UUID | None = Field(None, description="The agent who gets the ticket.")
    note: Words | None = Field(
        None,
        description="An internal note for those who take over; only agents read it.",
        examples=["The customer waits for a call back."],
    )
