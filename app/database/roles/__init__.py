"""The four roles: who owns the tables, who serves, who works, who may look through the wall.

`skranke_owner` migrates and owns everything, `skranke_app` serves the API, `skranke_worker` does
the jobs; `skranke_finder` signs in nowhere and owns the few definer functions that find the tenant
of a token. `prepare` makes them; `check_role` keeps a process from serving as one that walks
through the tenant wall.
"""

from app.database.roles.check import (
    ROLE_QUESTION,
    RoleWalksThrough,
    check_role,
    check_role_async,
    judge,
)
from app.database.roles.names import APP, DATABASE, FINDER, OWNER, SIGN_IN_ROLES, WORKER
from app.database.roles.prepare import PrepareError, Urls, prepare

__all__ = [
    "APP",
    "DATABASE",
    "FINDER",
    "OWNER",
    "ROLE_QUESTION",
    "SIGN_IN_ROLES",
    "WORKER",
    "PrepareError",
    "RoleWalksThrough",
    "Urls",
    "check_role",
    "check_role_async",
    "judge",
    "prepare",
]
