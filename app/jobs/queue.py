"""The queue: a job is put in inside the business transaction; neither happens without the other."""

from typing import Any
from uuid import UUID

import procrastinate
import psycopg
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncSession

from app.database.session import driver_url

REACT = "react"


def open_queue(url: SecretStr) -> procrastinate.App:
    """The queue on the worker's database; open it before running jobs."""
    plain = driver_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    return procrastinate.App(
        connector=procrastinate.PsycopgConnector(
            conninfo=plain,
            min_size=1,
            max_size=4,
            kwargs={"application_name": "skranke-queue"},
            configure=_without_transactions,
        )
    )


async def _without_transactions(connection: psycopg.AsyncConnection[Any]) -> None:
    """The library asks one function at a time: BEGIN and COMMIT around it would be two round trips
    more for each."""
    await connection.set_autocommit(True)


#: Never opened: it only defers, on the connection of the transaction that it is given.
_deferring = procrastinate.App(connector=procrastinate.PsycopgConnector())


async def defer_reaction(
    session: AsyncSession, tenant_id: UUID, event_id: UUID, reaction: str
) -> None:
    """Let the worker do `reaction` about an event, once this transaction is committed."""
    connection = await session.connection()
    raw = await connection.get_raw_connection()
    await _deferring.configure_task(
        REACT, allow_unknown=True, connection=raw.driver_connection, queue="reactions"
    ).defer_async(tenant=str(tenant_id), event=str(event_id), reaction=reaction)
