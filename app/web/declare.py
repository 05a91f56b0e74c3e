"""What a route declares, for the document and for the route class alike.

Routers declare it in the decorator: `responses=problems(TicketClosed)` for problems that are the
route's own, `openapi_extra=traits(Trait.IDEMPOTENT)` for behaviour that it shares with others. What
every route can answer (a missing sign-in, too many requests ...) is added by `app.web.openapi`."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from app.kernel.problems import Problem

CODES = "x-problem-codes"
_TRAITS = "x-traits"


class Trait(StrEnum):
    """A shared behaviour of routes, which is part of the contract."""

    PUBLIC = "public"
    """Answers callers who have not signed in."""
    IDEMPOTENT = "idempotent"
    """Takes `Idempotency-Key` and replays its answer."""
    KEEPS_SECRET = "keeps-secret"  # noqa: S105
    """Idempotent, but its answer carried a secret: a replay is refused."""
    TAGGED = "tagged"
    """Answers an `ETag`; where it is a GET, `If-None-Match` may answer 304."""
    VERSIONED = "versioned"
    """Needs `If-Match`: 428 without, 412 when stale."""
    MATCHED = "matched"
    """Honours `If-Match` where it is sent: 412 when stale."""
    LOCATED = "located"
    """Its 201 names the new resource in `Location`."""
    IN_PERSON = "in-person"
    """Only for somebody who has signed in himself: no API key and no app does it for him."""
    PASSWORD_DUE = "password-due"  # noqa: S105
    """Open to a session whose password must be changed first."""
    FACTOR_DUE = "factor-due"
    """Open to a session whose person must add a second factor first."""
    TERMS_DUE = "terms-due"
    """Open to a session whose person must accept the portal's terms first."""
    TAKES_FILE = "takes-file"
    """Its body is a file: the bytes themselves, or a form with one part named `file`."""
    SENDS_FILE = "sends-file"
    """Answers the bytes of a file, whole or in part."""
    TRIES_PASSWORD = "tries-password"  # noqa: S105
    """Costs the processor a password hash: only so many of a process are begun at once."""
    CHOOSES_WAY = "chooses-way"
    """Tries a password only where its `way` is `local`: whoever goes to a provider instead waits
    for that one, and nobody waits for him."""
    SETS_COOKIE = "sets-cookie"
    """May set or clear the session cookie."""
    PROTOCOL = "protocol"
    """Follows an RFC of its own: unknown parameters are ignored, a body is what that RFC says."""


#: Of a route that is open whatever its caller owes.
WHATEVER_IS_DUE = (Trait.PASSWORD_DUE, Trait.FACTOR_DUE, Trait.TERMS_DUE)


def problems(*kinds: type[Problem]) -> dict[int | str, dict[str, Any]]:
    """`responses=` of a route: the problems it can answer beside those that every route can."""
    by_status: dict[int | str, dict[str, Any]] = {}
    for kind in kinds:
        by_status.setdefault(kind.status, {CODES: []})[CODES].append(kind.code)
    return by_status


def traits(*names: Trait) -> dict[str, Any]:
    """`openapi_extra=` of a route: its shared behaviour."""
    return {_TRAITS: [str(name) for name in names]}


def traits_of(extra: Mapping[str, Any] | None) -> frozenset[Trait]:
    """The traits in a route's `openapi_extra` (or in an operation built from it)."""
    return frozenset(Trait(name) for name in (extra or {}).get(_TRAITS, ()))


def without_declarations(operation: dict[str, Any]) -> None:
    """Remove the marks of this module from an operation, so that the document does not show
    them."""
    operation.pop(_TRAITS, None)
