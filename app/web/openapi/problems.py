"""Problems in the document: which operation can answer which."""

from collections.abc import Iterable, Mapping
from http import HTTPStatus

from app.kernel.problems import Problem, Unavailable, catalogue
from app.kernel.versions import Stale
from app.web.declare import CODES, Trait
from app.web.downloads import RangeNotSatisfiable
from app.web.file_bodies import UploadMalformed, UploadStalled
from app.web.openapi.parts import ALWAYS, JSONObject, ref
from app.web.openapi.problem_schema import example_of
from app.web.problem_json import MEDIA_TYPE
from app.web.problems import (
    AlreadyCreated,
    BodyTooLarge,
    CrossSiteRefused,
    DirectoryRoleMissing,
    DirectoryScopeMissing,
    HeadersTooLarge,
    IdempotencyInProgress,
    IdempotencyKeyInvalid,
    IdempotencyKeyReused,
    InternalError,
    InvalidCursor,
    InvalidInput,
    InvalidPrecondition,
    MalformedBody,
    OnlyInPerson,
    OutcomeUnknown,
    OutsideOrganization,
    Overloaded,
    PasswordChangeRequired,
    PreconditionRequired,
    RouteNotFound,
    SecondFactorRequired,
    TermsAcceptanceRequired,
    TooManyRequests,
    Unauthenticated,
    UnsupportedMediaType,
)

_RETRY_LATER = (429, 503)

# Which common problems an operation can answer, by what it is.
EVERYWHERE = (
    InvalidInput,
    TooManyRequests,
    HeadersTooLarge,
    Overloaded,
    Unavailable,
    InternalError,
)
#: What protocols of their own answer in ours: their RFCs do not word it.
OF_PROTOCOLS = (TooManyRequests, HeadersTooLarge, Overloaded, Unavailable, InternalError)
SIGNED_IN = (
    Unauthenticated,
    DirectoryRoleMissing,
    DirectoryScopeMissing,
    CrossSiteRefused,
    PasswordChangeRequired,
    SecondFactorRequired,
    TermsAcceptanceRequired,
)
_UNLESS_OPEN = {
    Trait.PASSWORD_DUE: PasswordChangeRequired,
    Trait.FACTOR_DUE: SecondFactorRequired,
    Trait.TERMS_DUE: TermsAcceptanceRequired,
}
UNSAFE = (OutcomeUnknown,)
UNSAFE_SIGNED_IN = (OutsideOrganization,)
WITH_BODY = (MalformedBody, BodyTooLarge, UnsupportedMediaType)
WITH_PATH_PARAMETERS = (RouteNotFound,)
PAGED = (InvalidCursor,)
OF_A_TRAIT: Mapping[Trait, tuple[type[Problem], ...]] = {
    Trait.IDEMPOTENT: (IdempotencyInProgress, IdempotencyKeyReused, IdempotencyKeyInvalid),
    Trait.KEEPS_SECRET: (AlreadyCreated,),
    Trait.VERSIONED: (PreconditionRequired, InvalidPrecondition, Stale),
    Trait.TAKES_FILE: (UploadMalformed, UploadStalled),
    Trait.SENDS_FILE: (RangeNotSatisfiable,),
    Trait.IN_PERSON: (OnlyInPerson,),
    Trait.MATCHED: (InvalidPrecondition, Stale),
}
_OF_MANY: tuple[tuple[type[Problem], ...], ...] = (
    EVERYWHERE,
    SIGNED_IN,
    UNSAFE,
    UNSAFE_SIGNED_IN,
    WITH_BODY,
    WITH_PATH_PARAMETERS,
    PAGED,
    *OF_A_TRAIT.values(),
)
COMMON = frozenset(kind.code for kinds in _OF_MANY for kind in kinds)


def common_codes(
    *, traits: frozenset[Trait], reads: bool, body: bool, path_parameters: bool, paged: bool
) -> set[str]:
    """The codes an operation can answer because of what it is, beside those it declares."""
    kinds = [*EVERYWHERE, *(() if reads else UNSAFE)]
    if Trait.PUBLIC not in traits:
        kinds += (Unauthenticated, DirectoryScopeMissing, DirectoryRoleMissing, CrossSiteRefused)
        kinds += [kind for due, kind in _UNLESS_OPEN.items() if due not in traits]
        kinds += () if reads else UNSAFE_SIGNED_IN
    if body:
        kinds += WITH_BODY
    if path_parameters:
        kinds += WITH_PATH_PARAMETERS
    if paged:
        kinds += PAGED
    for trait in traits:
        kinds += OF_A_TRAIT.get(trait, ())
    return {kind.code for kind in kinds}


def declared_codes(responses: Mapping[str, JSONObject]) -> set[str]:
    """The codes that a route named with `problems(...)`."""
    return {code for response in responses.values() for code in response.get(CODES, ())}


class Shelf:
    """Problem responses of a document: hands each out once and remembers which were used."""

    def __init__(self) -> None:
        self._kinds = {kind.code: kind for kind in catalogue()}
        self.examples: dict[str, JSONObject] = {}
        self.responses: dict[str, JSONObject] = {}

    def responses_for(self, codes: Iterable[str]) -> dict[str, JSONObject]:
        """Status → response for these codes.

        :raises LookupError: a code that no problem class of the loaded program has.
        """
        by_status: dict[int, list[type[Problem]]] = {}
        for code in sorted(codes):
            kind = self._known(code)
            by_status.setdefault(kind.status, []).append(kind)
        return {str(status): self._response(status, by_status[status]) for status in by_status}

    def _known(self, code: str) -> type[Problem]:
        if code not in self._kinds:
            raise LookupError(f"an operation declares the problem {code!r}, which nobody defines")
        return self._kinds[code]

    def _response(self, status: int, kinds: list[type[Problem]]) -> JSONObject:
        for kind in kinds:
            self.examples.setdefault(kind.code, example_of(kind))
        response = {
            "description": "\n".join(f"- `{kind.code}`: {kind.title}." for kind in kinds),
            "headers": {name: ref("headers", name) for name in _headers(status, kinds)},
            "content": {
                MEDIA_TYPE: {
                    "schema": ref("schemas", "Problem"),
                    "examples": {kind.code: ref("examples", kind.code) for kind in kinds},
                }
            },
            CODES: [kind.code for kind in kinds],
        }
        if not COMMON.issuperset(kind.code for kind in kinds):
            return response
        name = "-".join((HTTPStatus(status).name.lower(), *(kind.code for kind in kinds)))
        self.responses.setdefault(name, response)
        return ref("responses", name)


def _headers(status: int, kinds: list[type[Problem]]) -> list[str]:
    names = set(ALWAYS)
    if status in _RETRY_LATER or IdempotencyInProgress in kinds:
        names.add("Retry-After")
    if RangeNotSatisfiable in kinds:
        names.add("Content-Range")
    if TermsAcceptanceRequired in kinds:
        names.add("Link")
    if {Unauthenticated, DirectoryScopeMissing, DirectoryRoleMissing} & set(kinds):
        names.add("WWW-Authenticate")
    return sorted(names)
