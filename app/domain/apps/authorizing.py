"""Authorization requests of apps, and the consent of whoever is asked (RFC 6749, 4.1; RFC 9207)."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.access.system import as_system
from app.domain.apps.events import AppAllowed, AppDisallowed
from app.domain.apps.lifecycle import (
    CODE,
    REQUEST,
    asked_scopes,
    is_challenge,
    is_registered,
    with_answer,
)
from app.domain.apps.problems import AppUnknown, RedirectNotRegistered
from app.domain.apps.queries import consent_of, living_app, open_request
from app.journal import record
from app.kernel import clock, ids
from app.kernel.secrets import fingerprint, new_token
from app.models.apps import App, AppConsent, AuthorizationRequest
from app.models.sign_in import SignedInSession

_LONGEST_STATE = 2000


class AuthorizationRequestInvalid(Exception):
    """The request is invalid, but app and redirect URI are verified: the error is sent there."""

    def __init__(self, redirect_to: str) -> None:
        super().__init__(redirect_to)
        self.redirect_to = redirect_to


@dataclass(frozen=True, slots=True)
class ConsentRequest:
    """An authorization request, as the signed-in person is asked about it; `scopes` are those that
    the person has."""

    request: AuthorizationRequest
    app: App
    scopes: list[str]
    allowed_before: bool


async def keep_request(
    session: AsyncSession,
    system: Actor,
    app_id: str,
    sent: Mapping[str, str],
    repeated: frozenset[str],
    *,
    issuer: str,
) -> str:
    """Keep an app's authorization request until somebody answers it. Returns the secret that names
    it.

    `sent` are the parameters as they came, `repeated` those that stood there twice. Raises
    `AppUnknown` and `RedirectNotRegistered`, which are shown to the person and sent to no address,
    and `AuthorizationRequestInvalid`, which is sent to the app."""
    parsed = ids.parse_id(app_id)
    app = await living_app(session, system, parsed) if parsed else None
    if app is None:
        raise AppUnknown
    _refuse_invalid(app, sent, repeated, issuer)
    secret = new_token("skq")
    session.add(_new_request(system, app, sent, secret))
    await session.flush()
    return secret


def _refuse_invalid(
    app: App, sent: Mapping[str, str], repeated: frozenset[str], issuer: str
) -> None:
    """Raise for what is wrong with a request; an error is only sent to an address that is the
    app's own (RFC 9700, 4.1)."""
    redirect_uri = sent.get("redirect_uri", "")
    if "redirect_uri" in repeated or not is_registered(redirect_uri, app.redirect_uris):
        raise RedirectNotRegistered
    if error := _error_in(sent, repeated, app):
        code, description = error
        state = None if "state" in repeated else sent.get("state")
        raise AuthorizationRequestInvalid(
            with_answer(
                redirect_uri, error=code, error_description=description, state=state, iss=issuer
            )
        )


def _new_request(
    system: Actor, app: App, sent: Mapping[str, str], secret: str
) -> AuthorizationRequest:
    now = clock.now()
    return AuthorizationRequest(
        tenant_id=system.tenant_id,
        id=ids.new_id(),
        app_id=app.id,
        fingerprint=fingerprint(secret),
        redirect_uri=sent["redirect_uri"],
        scopes=asked_scopes(sent.get("scope"), app.scopes) or [],
        state=sent.get("state"),
        challenge=sent["code_challenge"],
        created_at=now,
        expires_at=now + REQUEST,
        decided_at=None,
        person_id=None,
        code_fingerprint=None,
        code_expires_at=None,
        exchanged_at=None,
        session_id=None,
    )


def _error_in(
    sent: Mapping[str, str], repeated: frozenset[str], app: App
) -> tuple[str, str] | None:
    """The first thing wrong with an authorization request: code and description of the error (RFC
    6749, 4.1.2.1)."""
    response_type = sent.get("response_type")
    checks = [
        (bool(repeated), "invalid_request", "a parameter stands there twice"),
        ("request" in sent, "request_not_supported", "request is not taken here"),
        ("request_uri" in sent, "request_uri_not_supported", "request_uri is not taken here"),
        (response_type is None, "invalid_request", "response_type is needed"),
        (response_type != "code", "unsupported_response_type", "response_type must be code"),
        (
            sent.get("code_challenge_method") != "S256",
            "invalid_request",
            "code_challenge_method must be S256",
        ),
        (
            not is_challenge(sent.get("code_challenge", "")),
            "invalid_request",
            "code_challenge must be the S256 of a code_verifier",
        ),
        (len(sent.get("state", "")) > _LONGEST_STATE, "invalid_request", "state is too long"),
        (
            asked_scopes(sent.get("scope"), app.scopes) is None,
            "invalid_scope",
            "the app is not registered for all of these scopes",
        ),
    ]
    return next(((code, description) for holds, code, description in checks if holds), None)


async def consent_request_for(session: AsyncSession, actor: Actor, secret: str) -> ConsentRequest:
    """The request that a secret names, as the actor is asked about it. Raises
    `AuthorizationNotFound`."""
    request, app = await open_request(session, actor, secret)
    return await _consent_request(session, actor, request, app)


async def _consent_request(
    session: AsyncSession, actor: Actor, request: AuthorizationRequest, app: App
) -> ConsentRequest:
    """Only scopes that the person has now: the app gets none of those granted to them later."""
    scopes = [scope for scope in request.scopes if scope in app.scopes and actor.may(scope)]
    consent = await consent_of(session, actor, actor.person, app.id)
    before = consent is not None and set(scopes) <= set(consent.scopes)
    return ConsentRequest(request, app, scopes, before)


async def decide(
    session: AsyncSession, actor: Actor, secret: str, *, allow: bool, issuer: str
) -> str:
    """Answer an authorization request, once, and remember what is allowed. Returns the address of
    the app to send the browser to. Raises `AuthorizationNotFound`."""
    request, app = await open_request(session, actor, secret, lock=True)
    asked = await _consent_request(session, actor, request, app)
    now = clock.now()
    code = new_token("sko") if allow else None
    async with as_system(session, actor):
        through = await session.get(SignedInSession, (actor.tenant_id, actor.session_id))
        request.decided_at = now
        request.person_id = actor.person
        request.vouched_for = bool(through and through.vouched_for)
        if code is not None:
            request.scopes = asked.scopes
            request.code_fingerprint = fingerprint(code)
            request.code_expires_at = now + CODE
            await _remember(session, actor, asked)
        await session.flush()
    told = (
        AppAllowed(subject_id=actor.person, app=app.id, scopes=tuple(asked.scopes))
        if allow
        else AppDisallowed(subject_id=actor.person, app=app.id, reason="declined")
    )
    await record(session, actor, told)
    return with_answer(
        request.redirect_uri,
        code=code,
        error=None if allow else "access_denied",
        state=request.state,
        iss=issuer,
    )


async def _remember(session: AsyncSession, actor: Actor, asked: ConsentRequest) -> None:
    held = await session.get(AppConsent, (actor.tenant_id, actor.person, asked.app.id))
    scopes = sorted({*asked.scopes, *(held.scopes if held else ())})
    now = clock.now()
    await session.execute(
        insert(AppConsent)
        .values(
            tenant_id=actor.tenant_id,
            person_id=actor.person,
            app_id=asked.app.id,
            scopes=scopes,
            allowed_at=now,
        )
        .on_conflict_do_update(
            index_elements=["tenant_id", "person_id", "app_id"],
            set_={"scopes": scopes, "allowed_at": now},
        ),
        execution_options={"synchronize_session": False},
    )
