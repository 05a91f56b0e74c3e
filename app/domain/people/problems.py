"""What can be refused about people."""

from app.kernel.problems import Forbidden, Invalid, NotFound, Problem


class PersonNotFound(NotFound):
    code = "person-not-found"
    title = "There is no such person"


class EmailTaken(Problem):
    code = "email-taken"
    status = 409
    title = "Somebody here has this e-mail address"
    detail = "An address names one person (it is the user name). Change that person instead."


class PersonReferenceTaken(Problem):
    code = "person-reference-taken"
    status = 409
    title = "Somebody else has this external reference"
    detail = "A source and key name one person. Change that person, or use another key."


class EmailInvalid(Invalid):
    code = "email-invalid"
    title = "This is no e-mail address"
    detail = "Mail could not be delivered to it. Check it for a slip."


class RoleUnknown(Invalid):
    code = "role-unknown"
    title = "There is no such role"
    detail = "GET /v1/roles lists the roles of this side of the counter."


class RoleAboveOnesOwn(Forbidden):
    code = "role-above-ones-own"
    title = "This role allows more than yours"
    detail = "Only who has all of a role's permissions gives it, takes it, or changes who has it."


class TeamUnknown(Invalid):
    code = "team-unknown"
    title = "There is no such team"
    detail = "GET /v1/catalogue lists the teams."


class WrongSide(Invalid):
    code = "wrong-side"
    title = "This is for the other side of the counter"
    detail = "Customers belong to organizations, agents have a role and teams of their own."


class MembershipNotFound(NotFound):
    code = "membership-not-found"
    title = "This person does not belong to that organization"


class NotOneself(Forbidden):
    code = "not-oneself"
    title = "Nobody can do this to himself"
    detail = "Ask somebody else who may, so that nobody locks himself out."


class ReachOfService(Invalid):
    code = "reach-of-service"
    title = "A service account has no address"
    detail = "Programs act with it, by its API keys; nobody is mailed, called or signs in."


class ShutOutByProvider(Forbidden):
    code = "shut-out-by-provider"
    title = "The provider has ended this person's access"
    detail = (
        "Only the people behind this portal can let in again whom they have shut out. Ask them."
    )


class BelongsElsewhere(Forbidden):
    code = "belongs-elsewhere"
    title = "This person belongs to other organizations too"
    detail = "Take him out of yours: what he does for others is theirs to end."
