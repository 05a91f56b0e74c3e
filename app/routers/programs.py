"""Programs of a directory (Microsoft Entra ID) that act as service accounts, with its tokens."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from app.domain.federation.problems import ProgramNotFound, ProgramTaken, ProgramUnfit
from app.domain.federation.programs import SORTS, program_for, programs_page
from app.domain.federation.programs import bind_program as bind
from app.domain.federation.programs import unbind_program as unbind
from app.kernel.problems import Forbidden
from app.schemas.base import Listing
from app.schemas.programs import ProgramNew, ProgramQuery, ProgramShape
from app.web import paging
from app.web.authentication import Caller, Session
from app.web.declare import Trait, problems, traits
from app.web.route import UnitOfWorkRoute
from app.web.shapes import programs as shapes

router = APIRouter(prefix="/v1/programs", tags=["programs"], route_class=UnitOfWorkRoute)
ProgramPath = Annotated[str, Path(max_length=60, description="Id of the program here.")]


@router.get(
    "",
    response_model=Listing[ProgramShape],
    responses=problems(Forbidden),
    openapi_extra=traits(Trait.IN_PERSON),
)
async def list_programs(
    request: Request,
    response: Response,
    session: Session,
    actor: Caller,
    query: Annotated[ProgramQuery, Query()],
) -> Any:
    """The programs that act as service accounts here. Needs `api_keys:manage`."""
    requested = paging.requested(request, query, query.sort, SORTS)
    page = await programs_page(
        session,
        actor,
        service_account=query.service_account,
        sort=requested.sort,
        descending=requested.descending,
        after=requested.after,
        limit=requested.limit,
    )
    items = [shapes.whole(program) for program in page.rows]
    return paging.listing(request, response, requested, items, page.next)


@router.post(
    "",
    status_code=201,
    response_model=ProgramShape,
    responses=problems(Forbidden, ProgramTaken, ProgramUnfit),
    openapi_extra=traits(Trait.IN_PERSON, Trait.IDEMPOTENT, Trait.TAGGED, Trait.LOCATED),
)
async def bind_program(
    response: Response, session: Session, actor: Caller, body: ProgramNew
) -> Any:
    """Bind a program of a directory to a service account: with an access token of its own
    (`idtyp: app`) it then acts as that account. Needs `api_keys:manage`. It can be given only
    permissions that the account and the caller have, and that the portal's definition lets
    programs have."""
    given = body.model_dump() | {
        "directory": body.directory and str(body.directory),
        "object_id": str(body.object_id),
        "client_id": str(body.client_id),
    }
    program = await bind(session, actor, **given)
    response.headers["Location"] = f"/v1/programs/{program}"
    return shapes.whole(await program_for(session, actor, program))


@router.get(
    "/{program}",
    response_model=ProgramShape,
    responses=problems(ProgramNotFound),
    openapi_extra=traits(Trait.IN_PERSON, Trait.TAGGED),
)
async def get_program(session: Session, actor: Caller, program: ProgramPath) -> Any:
    """A program that acts as a service account. Needs `api_keys:manage`."""
    return shapes.whole(await program_for(session, actor, program))


@router.delete(
    "/{program}",
    status_code=204,
    responses=problems(ProgramNotFound),
    openapi_extra=traits(Trait.IN_PERSON),
)
async def unbind_program(session: Session, actor: Caller, program: ProgramPath) -> None:
    """Take a program's binding away: with the next request its tokens open nothing. Needs
    `api_keys:manage`."""
    await unbind(session, actor, program)
