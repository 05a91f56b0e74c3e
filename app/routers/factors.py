"""Second factors: shown on the way in, added and removed by oneself, taken from who lost his."""

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
ChallengePath = Annotated[str, Path(max_length=200, description="What the sign-in answered.")]
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
    """Go on with a sign-in that asked for a second factor: a code of the app, or a recovery code,
    which is used up. After some wrong codes one waits."""
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
    """Begin the second factor that the portal asks for. Its first code, at `…/factor`, signs in;
    beginning again makes the one before useless."""
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
    """Add an authenticator app. It counts once its first code was shown at `…/confirmation`; one
    that never was makes place for the next. Needs no permission, but the password."""
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
    """Show the first code of an app: from now on signing in asks for one. With the first app come
    recovery codes. Needs no permission."""
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
    """Remove an authenticator app; with the last one go the recovery codes. Needs no permission,
    but the password."""
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
    """Ten new recovery codes in place of the old ones. Needs no permission, but the password."""
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
    """Take the second factors from somebody who has lost his; he is signed out everywhere. Needs
    `portal_access:grant`, for an agent `roles:assign` too."""
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
