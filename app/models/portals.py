"""Tenants, their portal definitions, and what these define: departments, teams and roles."""

from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import Text

from app.database.base import Base, Moment, Rank, Tenanted


class Tenant(Base):
    """A support provider, which has exactly one portal. The slug is unique in the installation."""

    __tablename__ = "tenants"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    definition_version: Mapped[int]
    #: Of the definition in force, for the database's own use: in it words are searched for.
    language: Mapped[str]
    #: Of the same, for `wall.enter`: what people accept, and who needs a second factor.
    terms_version: Mapped[str | None]
    terms_steps: Mapped[list[str]] = mapped_column(ARRAY(Text))
    second_factor_of: Mapped[list[str]] = mapped_column(ARRAY(Text))
    #: And whose access tokens are taken: by audience, the provider and what they carry,
    #: people's and programs'.
    directory_access: Mapped[dict[str, Any]] = mapped_column(JSONB)
    created_at: Mapped[Moment]


class PortalDefinition(Tenanted, Base):
    """One version of the portal definition, as it was applied. Never changed afterwards."""

    __tablename__ = "portal_definitions"
    __table_args__ = (ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),)

    version: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str]
    document: Mapped[dict[str, Any]] = mapped_column(JSONB)
    applied_at: Mapped[Moment]
    applied_by: Mapped[UUID | None]


class Department(Tenanted, Base):
    """A department of the catalogue. Only its own agents see the tickets of a confidential one."""

    __tablename__ = "departments"
    __table_args__ = (ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),)

    key: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[Rank]
    confidential: Mapped[bool]
    retired_at: Mapped[Moment | None]


class Team(Tenanted, Base):
    """Agents of a department who take its tickets."""

    __tablename__ = "teams"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "department"], ["departments.tenant_id", "departments.key"]
        ),
        Index(None, "tenant_id", "department"),
    )

    key: Mapped[str] = mapped_column(primary_key=True)
    department: Mapped[str]
    position: Mapped[Rank]
    retired_at: Mapped[Moment | None]


class Role(Tenanted, Base):
    """A role of the tenant: its permissions, and whether it is for agents or for customers."""

    __tablename__ = "roles"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),
        UniqueConstraint("tenant_id", "key", "side"),
        CheckConstraint("side IN ('customer', 'agent')", name="side"),
    )

    key: Mapped[str] = mapped_column(primary_key=True)
    side: Mapped[str]
    permissions: Mapped[list[str]] = mapped_column(ARRAY(Text))
    position: Mapped[Rank]
    retired_at: Mapped[Moment | None]


class TeamMember(Tenanted, Base):
    """An agent in a team, with the agent's own setting whether to be notified of new tickets."""

    __tablename__ = "team_members"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "team"], ["teams.tenant_id", "teams.key"]),
        ForeignKeyConstraint(
            ["tenant_id", "person_id"], ["people.tenant_id", "people.id"], ondelete="CASCADE"
        ),
        Index(None, "tenant_id", "person_id"),
    )

    team: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    told_of_new: Mapped[bool] = mapped_column(default=True)
