"""The feed of changes, for programs that keep another system in step (S3-22)."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request

from app.domain.changes.problems import PlaceUnknown
from app.domain.changes.queries import BEGINNING, changes_after, newest_place
from app.kernel.problems import Forbidden
from app.schemas.changes import Changes, ChangesQuery
from app.web import sealed_cursors
from app.web.authentication import Caller, Session
from app.web.declare import problems
from app.web.long_polling import LongPollingRoute, nothing_yet
from app.web.problems import InvalidCursor
from app.web.shapes import changes as shapes

router = APIRouter(prefix="/v1/changes", tags=["changes"], route_class=LongPollingRoute)


@router.get("", response_model=Changes, responses=problems(Forbidden, InvalidCursor, PlaceUnknown))
async def list_changes(
    request: Request, session: Session, actor: Caller, query: Annotated[ChangesQuery, Query()]
) -> Any:
    """What happened to the tickets, organizations and people that the caller may read, in the order
    in which it was committed, so that nothing is skipped. Continue with `next`, which stays valid
    across restarts; changes are kept as long as the portal exists. Filters may be changed between
    requests with the same cursor.

    An answer may have few items, or none, and still say `more`: events that the caller may not see,
    or did not ask for, were passed over. With `wait`, the answer comes about a second after
    something has happened; ask again when it was empty. A change may appear moments after it can be
    read elsewhere, because transactions that began earlier are waited for.

    For agents and their API keys, with `changes:read`; details appear as far as their own
    permissions (`tickets:read`, `comments:internal`, `organizations:read`, `people:read`) allow. A
    key that is limited to one organization sees that organization only."""
    sealer = request.app.state.sealer
    place = BEGINNING
    if query.cursor is not None:
        place = sealed_cursors.read(sealer, actor.tenant_id, query.cursor)
    elif query.begin == "newest":
        place = await newest_place(session, actor)
    found = await changes_after(
        session, actor, place, names=query.event, about=query.subject, limit=query.limit
    )
    # From "now" on there is no waiting: at the next look it would be another one.
    if not found.rows and not found.more and (query.cursor or query.begin == "oldest"):
        nothing_yet(request, wait=query.wait)
    return Changes(
        items=[shapes.change(row) for row in found.rows],
        next=sealed_cursors.write(sealer, actor.tenant_id, found.next),
        more=found.more,
    )
