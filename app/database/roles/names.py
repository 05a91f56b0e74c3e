"""What the roles and the database are called."""

from typing import LiteralString

OWNER: LiteralString = "skranke_owner"
APP: LiteralString = "skranke_app"
WORKER: LiteralString = "skranke_worker"
FINDER: LiteralString = "skranke_finder"
SIGN_IN_ROLES = (OWNER, APP, WORKER)
DATABASE = "skranke"
