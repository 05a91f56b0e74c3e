"""Programs of a directory as they are shown."""

from app.domain.federation.programs import Program
from app.schemas.base import PersonReference
from app.schemas.programs import ProgramShape


def whole(program: Program) -> ProgramShape:
    """A program, and what it acts as."""
    held, account = program.identity, program.account
    return ProgramShape(
        id=held.id,
        name=held.account or held.provider,
        service_account=PersonReference(id=account.id, name=account.name),
        provider=held.provider,
        issuer=held.issuer,
        object_id=held.subject,
        client_id=held.client_id or "",
        scopes=held.scopes or [],
        created_at=held.created_at,
        last_used_at=held.last_used_at,
    )
