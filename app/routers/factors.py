"""Second factors: used when signing in, added and removed by their owner, reset by others."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response

from app.domain.people.problems import NotOneself, PersonNotFound, RoleAboveOnesOwn
from app.domain.sign_in import factors, second_step
from app.domain.sign_in.problems import (
    ChallengeOfNoUse,
    CodeRefused,
    FactorConfirmed,
    FactorNotFound,
    PasswordWrong,
    SecondFactorNeeded,
    TooManyAttempts,
    TooManyFactors,
)
from app.kernel.problems import Forbidden
from app.models.factors import TotpFactor
from app.routers.people import PersonPath
from app.routers.sign_in import state_of
from app.schemas.factors import (
    Enrolment,
    Factor,
    FactorNew,
    Factors,
    FactorSetup,
    FirstCode,
    PasswordAgain,
    Proof,
    RecoveryCodes,
)
from app.schemas.sign_in import SignInState
from app.web.authentication import Caller, Session, origin_of, secret_system
from app.web.declare import Trait, problems, traits
from app.web.route import UnitOfWorkRoute

router = APIRouter(prefix="/v1", tags=["sign-in"], route_class=UnitOfWorkRoute)
ChallengePath = Annotated[
    str, Path(max_length=200, description="`challenge` from the answer to the sign-in.")
]
FactorPath = Annotated[str, Path(max_length=60, description="Id of the second factor.")]


@router.post(
    "/sessions/{challenge}/factor",
    status_code=201,
    response_model=SignInState,
    responses=problems(ChallengeOfNoUse, CodeRefused, FactorNotFound, TooManyAttempts),
    openapi_extra=traits(Trait.PUBLIC, Trait.SETS_COOKIE),
)
async def pass_second_factor(
    request: Request, response: Response, session: Session, challenge: ChallengePath, body: Proof
) -> Any:
    """Continue a sign-in that asked for a second factor, with a code of the authenticator app or
    with a recovery code, which is then used up. After several wrong codes the next attempt has to
    wait."""
    system = await secret_system(session, challenge, ChallengeOfNoUse)
    result = await second_step.pass_challenge(
        session,
        system,
        request.app.state.sealer,
        challenge=challenge,
        code=body.code,
        recovery_code=body.recovery_code,
        origin=origin_of(request),
    )
    return await state_of(response, session, system, result)


@router.post(
    "/sessions/{challenge}/factor-setup",
    status_code=201,
    response_model=Enrolment,
    responses=problems(ChallengeOfNoUse),
    openapi_extra=traits(Trait.PUBLIC),
)
async def set_up_factor(
    request: Request, session: Session, challenge: ChallengePath, body: FactorSetup
) -> Any:
    """Begin to add the second factor that the portal requires. Its first code, sent to `…/factor`,
    completes the sign-in; beginning again invalidates the secret from before."""
    system = await secret_system(session, challenge, ChallengeOfNoUse)
    begun = await second_step.begin_setup(
        session, system, request.app.state.sealer, challenge=challenge, label=body.label
    )
    return _begun(begun)


@router.get(
    "/me/factors",
    response_model=Factors,
    openapi_extra=traits(Trait.IN_PERSON, Trait.FACTOR_DUE, Trait.TERMS_DUE),
)
async def list_my_factors(session: Session, actor: Caller) -> Any:
    """The caller's second factors. Needs no permission."""
    own = await factors.own_factors(session, actor)
    return Factors(
        items=[Factor(**_shown(factor)) for factor in own.factors],
        recovery_codes_left=own.recovery_codes_left,
        required=own.needed,
    )


@router.post(
    "/me/factors",
    status_code=201,
    response_model=Enrolment,
    responses=problems(PasswordWrong, TooManyAttempts, TooManyFactors),
    openapi_extra=traits(
        Trait.IN_PERSON,
        Trait.FACTOR_DUE,
        Trait.TERMS_DUE,
        Trait.TRIES_PASSWORD,
        Trait.IDEMPOTENT,
        Trait.KEEPS_SECRET,
    ),
)
async def begin_my_factor(
    request: Request, session: Session, actor: Caller, body: FactorNew
) -> Any:
    """Add an authenticator app. It is in use once its first code is sent to `…/confirmation`; an
    app that was never confirmed is replaced by the next one. Needs no permission, but the
    password."""
    begun = await factors.begin_factor(
        session,
        actor,
        request.app.state.sealer,
        password=body.password,
        label=body.label,
        origin=origin_of(request),
    )
    return _begun(begun)


@router.post(
    "/me/factors/{factor}/confirmation",
    response_model=RecoveryCodes,
    responses=problems(FactorNotFound, FactorConfirmed, CodeRefused, TooManyAttempts),
    openapi_extra=traits(Trait.IN_PERSON, Trait.FACTOR_DUE, Trait.TERMS_DUE),
)
async def confirm_my_factor(
    request: Request, session: Session, actor: Caller, factor: FactorPath, body: FirstCode
) -> Any:
    """Confirm an authenticator app with its first code: from now on, signing in asks for a code.
    With the first app come recovery codes. Needs no permission."""
    made = await factors.confirm_factor(
        session, actor, request.app.state.sealer, factor, code=body.code
    )
    return RecoveryCodes(items=made)


@router.post(
    "/me/factors/{factor}/removal",
    status_code=204,
    responses=problems(FactorNotFound, PasswordWrong, TooManyAttempts, SecondFactorNeeded),
    openapi_extra=traits(Trait.IN_PERSON, Trait.TRIES_PASSWORD),
)
async def remove_my_factor(
    request: Request, session: Session, actor: Caller, factor: FactorPath, body: PasswordAgain
) -> None:
    """Remove an authenticator app; with the last one, the recovery codes are removed too. Needs no
    permission, but the password."""
    await factors.remove_factor(
        session, actor, factor, password=body.password, origin=origin_of(request)
    )


@router.post(
    "/me/recovery-codes",
    status_code=201,
    response_model=RecoveryCodes,
    responses=problems(FactorNotFound, PasswordWrong, TooManyAttempts),
    openapi_extra=traits(
        Trait.IN_PERSON, Trait.TRIES_PASSWORD, Trait.IDEMPOTENT, Trait.KEEPS_SECRET
    ),
)
async def make_my_recovery_codes(
    request: Request, session: Session, actor: Caller, body: PasswordAgain
) -> Any:
    """Create ten new recovery codes that replace the old ones. Needs no permission, but the
    password."""
    made = await factors.make_recovery_codes(
        session, actor, password=body.password, origin=origin_of(request)
    )
    return RecoveryCodes(items=made)


@router.delete(
    "/people/{person}/factors",
    status_code=204,
    responses=problems(PersonNotFound, Forbidden, NotOneself, RoleAboveOnesOwn),
)
async def reset_factors_of_person(session: Session, actor: Caller, person: PersonPath) -> None:
    """Remove all second factors of a person who has lost theirs; all of that person's sessions end.
    Needs `portal_access:grant`, for an agent `roles:assign` too."""
    await factors.reset_factors(session, actor, person)


def _begun(begun: factors.Enrolment) -> Enrolment:
    return Enrolment(**_shown(begun.factor), secret=begun.secret, otpauth_uri=begun.address)


def _shown(factor: TotpFactor) -> dict[str, Any]:
    return {
        "id": factor.id,
        "label": factor.label,
        "confirmed": factor.confirmed_at is not None,
        "created_at": factor.created_at,
        "last_used_at": factor.last_used_at,
    }
