"""Whether everybody has been told of everything."""

import psycopg

_LEFT = """
    SELECT (SELECT count(*) FROM queue.procrastinate_jobs),
           (SELECT count(*) FROM notifications WHERE state = 'pending')
"""


def nobody_is_untold(superuser: str) -> bool:
    """Whether no job and no mail of the database at this address is still to be done."""
    with psycopg.connect(superuser) as connection:
        return connection.execute(_LEFT).fetchone() == (0, 0)
