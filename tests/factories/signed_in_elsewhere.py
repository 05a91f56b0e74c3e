"""Rows of everything that signing in elsewhere leaves behind, without going there."""

from datetime import timedelta
from uuid import UUID

from app.domain.sign_in.tokens import Origin, start_session
from app.kernel import clock, ids
from app.models.federation import (
    ExternalIdentity,
    FederatedSession,
    SeenLogoutToken,
    SignInAttempt,
)
from app.models.invitations import Consent, Invitation
from app.models.people import Person
from tests.desk import Desk
from tests.factories.people import as_system


async def sign_in_elsewhere(desk: Desk, portal: str, person_id: str) -> None:
    """Let a person have come by invitation, with an account elsewhere."""
    async with as_system(desk, portal) as (session, system):
        now, tenant = clock.now(), system.tenant_id
        person = await session.get_one(Person, (tenant, UUID(person_id)))
        identity = {"provider": "elsewhere", "issuer": "https://elsewhere.example", "subject": "1"}
        tokens = await start_session(
            session, system, person, delivery="cookie", origin=Origin("test"), way="oidc:elsewhere"
        )
        session.add_all(
            [
                ExternalIdentity(
                    tenant_id=tenant,
                    id=ids.new_id(),
                    person_id=person.id,
                    account=None,
                    bound_by="invitation",
                    created_at=now,
                    **identity,
                ),
                FederatedSession(tenant_id=tenant, session_id=tokens.session_id, **identity),
                SignInAttempt(
                    tenant_id=tenant,
                    id=ids.new_id(),
                    purpose="sign_in",
                    provider="elsewhere",
                    state=ids.new_id().bytes,
                    browser=b"hash",
                    return_to="/",
                    created_at=now,
                    expires_at=now + timedelta(hours=1),
                ),
                SeenLogoutToken(
                    tenant_id=tenant, provider="elsewhere", token=b"hash", expires_at=now
                ),
                Consent(
                    tenant_id=tenant,
                    person_id=person.id,
                    version="1",
                    step="terms",
                    accepted_at=now,
                ),
                Invitation(
                    tenant_id=tenant,
                    id=ids.new_id(),
                    person_id=person.id,
                    created_at=now,
                    expires_at=now + timedelta(days=7),
                    accepted_at=now,
                    accepted_by="elsewhere",
                ),
            ]
        )


async def bound_elsewhere(
    desk: Desk,
    portal: str,
    service_account: str,
    *,
    provider: str = "elsewhere",
    issuer: str = "https://elsewhere.example",
) -> str:
    """The id of a program of a directory that is bound to a service account."""
    async with as_system(desk, portal) as (session, system):
        program = ExternalIdentity(
            tenant_id=system.tenant_id,
            id=ids.new_id(),
            person_id=UUID(service_account),
            provider=provider,
            issuer=issuer,
            subject=str(ids.new_id()),
            account="Import",
            bound_by="administrator",
            created_at=clock.now(),
            client_id=str(ids.new_id()),
            scopes=["tickets:create"],
        )
        session.add(program)
        return str(program.id)
