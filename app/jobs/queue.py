"""The queue: a job is deferred inside the business transaction, so that neither happens without the
other."""

from typing import Any

import procrastinate
import psycopg
from pydantic import SecretStr
from sqlalchemy import text

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


#: Lets the worker do each of `:reactions` about the event `:id` of `:tenant_id`, once this
#: transaction is committed: the library's own function, given what the library gives it, so that it
#: can be asked in the statement that writes the event.
DEFER = text(
    """
    SELECT queue.procrastinate_defer_jobs_v1(ARRAY(
        SELECT ROW('reactions', 'react', 0, NULL, NULL, jsonb_build_object(
                   'tenant', CAST(:tenant_id AS text), 'event', CAST(:id AS text),
                   'reaction', reaction), NULL)::queue.procrastinate_job_to_defer_v1
          FROM unnest(CAST(:reactions AS text[])) AS reaction)) AS jobs
    """
).columns()
