"""Deleting what has served its time."""

from datetime import timedelta

from sqlalchemy import delete, text

from app.database.tenancy import AsSystem, Nowhere
from app.jobs.workbench import Workbench
from app.kernel import clock
from app.models.api_keys import ApiKeyUse
from app.models.apps import AuthorizationRequest
from app.models.federation import SeenLogoutToken, SignInAttempt
from app.models.idempotency import IdempotencyRecord
from app.models.people import FormerAddress
from app.models.sign_in import GuessCounter, OneTimeToken, SessionToken, SignedInSession

#: The contract promises 48 hours.
IDEMPOTENCY_KEPT = timedelta(hours=72)
_ENDED_SESSIONS_KEPT = timedelta(days=30)
_TOKENS_KEPT = timedelta(days=1)
#: The journal keeps the first use of a day; this only tells that it was the first.
_KEY_USES_KEPT = timedelta(days=2)

#: Longer than a mail about it is tried to be delivered.
_FORMER_KEPT = timedelta(days=7)


async def sweep(bench: Workbench) -> int:
    """Go through every tenant and delete what is past its time. Answers 0: there is no hurry."""
    async with bench.database.transaction(Nowhere()) as session:
        tenants = (await session.scalars(text("SELECT id FROM wall.tenants()"))).all()
    now = clock.now()
    for tenant in tenants:
        async with bench.database.transaction(AsSystem(tenant)) as session:
            for statement in (
                delete(IdempotencyRecord).where(
                    IdempotencyRecord.created_at < now - IDEMPOTENCY_KEPT
                ),
                delete(SessionToken).where(SessionToken.expires_at < now - _TOKENS_KEPT),
                delete(SignedInSession).where(
                    SignedInSession.expires_at < now - _ENDED_SESSIONS_KEPT
                ),
                delete(OneTimeToken).where(OneTimeToken.expires_at < now - _ENDED_SESSIONS_KEPT),
                delete(AuthorizationRequest).where(
                    AuthorizationRequest.expires_at < now - _TOKENS_KEPT
                ),
                delete(ApiKeyUse).where(ApiKeyUse.day < (now - _KEY_USES_KEPT).date()),
                delete(GuessCounter).where(GuessCounter.arrives_at < now - _TOKENS_KEPT),
                delete(FormerAddress).where(FormerAddress.replaced_at < now - _FORMER_KEPT),
                delete(SignInAttempt).where(SignInAttempt.expires_at < now),
                delete(SeenLogoutToken).where(SeenLogoutToken.expires_at < now),
            ):
                await session.execute(statement)
    return 0
