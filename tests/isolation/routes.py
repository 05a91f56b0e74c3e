"""What each route needs, and what it answers to whoever has it. A route of the application that
stands in no table here fails `test_matrix.py`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.isolation.law import AGENTS, Level

ROLES_WITH_RIGHTS = ("lead", "tenant admin")


@dataclass(frozen=True, kw_only=True)
class Rule:
    """What a route needs and answers.

    `thing` is the kind that its path names; a route without is one that `everybody` signed in may
    call (`allowed` says what he is answered)."""

    thing: str | None = None
    #: The level from which on it is allowed, and what it answers then.
    needs: Level = "read"
    allowed: tuple[int, ...] = (200,)
    #: What is answered to whoever may look but not do this.
    refused: int = 403
    #: Roles that may do it, where the level is not all that is asked for.
    roles: tuple[str, ...] | None = None
    body: Mapping[str, Any] | Callable[..., Any] | None = None
    query: str = ""
    #: The rest of the path: other parameters than the thing itself.
    more: Mapping[str, str] = field(default_factory=dict)
    versioned: bool = False
    #: Where the law says something else: "role: name" → what is answered.
    besides: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    #: Whoever may, would destroy the thing: shown elsewhere, not tried here.
    destroys: bool = False
    #: Answers callers who have not signed in.
    public: bool = False
    #: Why a route is not tried here, and where it is.
    elsewhere: str = ""


_ANY_TRANSITION = {"transition": "no-such"}
#: What the caller holds of the ticket is what he needs for what hangs on it.
ROUTES: Mapping[str, Rule] = {
    # --- before signing in ---------------------------------------------------------------------
    "GET /v1/portals/{portal}": Rule(public=True, more={"portal": "sensedesk"}),
    "POST /v1/portals/{portal}/sessions": Rule(
        public=True,
        more={"portal": "sensedesk"},
        body={"email": "who@nowhere.example", "password": "not his"},
        allowed=(401, 429),
    ),
    "GET /v1/portals/{portal}/oidc/{provider}/start": Rule(
        public=True, more={"portal": "sensedesk", "provider": "no-such"}, allowed=(404,)
    ),
    "GET /v1/oidc/callback": Rule(public=True, query="?state=x", allowed=(400,)),
    "POST /v1/portals/{portal}/oidc/{provider}/logout": Rule(
        public=True, more={"portal": "sensedesk", "provider": "no-such"}, allowed=(404,)
    ),
    "GET /v1/invitations/{token}": Rule(public=True, more={"token": "x"}, allowed=(404,)),
    "POST /v1/invitations/{token}/accept": Rule(
        public=True, more={"token": "x"}, body={"way": "local"}, allowed=(404,)
    ),
    "POST /v1/portals/{portal}/password-resets": Rule(
        public=True,
        more={"portal": "sensedesk"},
        body={"email": "who@nowhere.example"},
        allowed=(202, 429),
    ),
    "POST /v1/portals/{portal}/registrations": Rule(
        public=True,
        more={"portal": "sensedesk"},
        body={"name": "Who", "email": "who@nowhere.example"},
        allowed=(403,),
    ),
    "GET /v1/registrations/{token}/confirmation": Rule(
        public=True, more={"token": "x"}, allowed=(404,)
    ),
    "POST /v1/registrations/{token}/confirmation": Rule(
        public=True, more={"token": "x"}, body={"password": "a long enough one"}, allowed=(404,)
    ),
    "GET /portals/{portal}/register": Rule(
        public=True, more={"portal": "sensedesk"}, allowed=(403,)
    ),
    "POST /portals/{portal}/register": Rule(
        public=True, more={"portal": "sensedesk"}, allowed=(403,)
    ),
    "GET /registrations/{token}": Rule(public=True, more={"token": "x"}, allowed=(404,)),
    "POST /registrations/{token}": Rule(public=True, more={"token": "x"}, allowed=(403,)),
    "GET /v1/password-resets/{token}": Rule(public=True, more={"token": "x"}, allowed=(404,)),
    "POST /v1/password-resets/{token}": Rule(
        public=True, more={"token": "x"}, body={"password": "a long enough one"}, allowed=(404,)
    ),
    "POST /v1/sessions/refresh": Rule(public=True, body={"refresh_token": "x"}, allowed=(401,)),
    "GET /v1/downloads/{download}": Rule(public=True, more={"download": "x"}, allowed=(404, 410)),
    # --- oneself -------------------------------------------------------------------------------
    "GET /v1/me": Rule(),
    "PATCH /v1/me": Rule(body={}, versioned=True),
    "POST /v1/me/password": Rule(
        body={"present": "not his", "password": "a long enough one"}, allowed=(403, 422)
    ),
    "POST /v1/sessions/{challenge}/factor": Rule(
        public=True, more={"challenge": "x"}, body={"code": "123456"}, allowed=(404,)
    ),
    "POST /v1/sessions/{challenge}/factor-setup": Rule(
        public=True, more={"challenge": "x"}, body={}, allowed=(404,)
    ),
    "GET /v1/me/factors": Rule(),
    "POST /v1/me/factors": Rule(body={"label": "Phone", "password": "not his"}, allowed=(422, 429)),
    "POST /v1/me/factors/{factor}/confirmation": Rule(
        elsewhere="test_second_factor: one's own and nobody else's"
    ),
    "POST /v1/me/factors/{factor}/removal": Rule(
        elsewhere="test_second_factor: one's own and nobody else's"
    ),
    "POST /v1/me/recovery-codes": Rule(body={"password": "not his"}, allowed=(404,)),
    "GET /v1/me/sessions": Rule(),
    "GET /v1/me/identities": Rule(),
    "POST /v1/me/identities/{provider}/start": Rule(
        elsewhere="test_identities: from within a session of one's own"
    ),
    "POST /v1/me/identities/{identity}/removal": Rule(
        elsewhere="test_identities: one's own and nobody else's"
    ),
    "GET /v1/me/terms": Rule(),
    "POST /v1/me/terms": Rule(elsewhere="test_invitations: one's own yes, to the version there is"),
    "DELETE /v1/me/sessions": Rule(elsewhere="test_sessions: signs out everywhere else"),
    "DELETE /v1/me/sessions/{own_session}": Rule(
        elsewhere="test_sessions: one's own and nobody else's"
    ),
    "DELETE /v1/sessions/current": Rule(elsewhere="test_sessions: signs out whoever calls it"),
    "GET /v1/me/substitute": Rule(allowed=(200, 404)),
    "PUT /v1/me/substitute": Rule(
        body={"email": "who@nowhere.example", "ends_at": "2100-01-01T00:00:00Z"}, allowed=(422,)
    ),
    "DELETE /v1/me/substitute": Rule(elsewhere="test_substitutes: one's own"),
    "GET /v1/catalogue": Rule(),
    "GET /v1/forms/{form}": Rule(elsewhere="test_forms"),
    "POST /v1/forms/{form}/resolve": Rule(elsewhere="test_forms"),
    "GET /v1/roles": Rule(),
    # --- tickets -------------------------------------------------------------------------------
    "GET /v1/tickets": Rule(query="?include=total"),
    "POST /v1/tickets": Rule(elsewhere="test_bodies: what a body may name"),
    "GET /v1/tickets/{ticket}": Rule(thing="ticket"),
    "PATCH /v1/tickets/{ticket}": Rule(thing="ticket", needs="update", body={}, versioned=True),
    "POST /v1/tickets/{ticket}/transitions": Rule(
        thing="ticket", needs="comment", body=_ANY_TRANSITION, allowed=(409,)
    ),
    "GET /v1/tickets/{ticket}/history": Rule(thing="ticket"),
    "GET /v1/tickets/{ticket}/sla": Rule(thing="ticket"),
    "GET /v1/tickets/{ticket}/access": Rule(thing="ticket"),
    "GET /v1/tickets/{ticket}/participants": Rule(thing="ticket"),
    "POST /v1/tickets/{ticket}/participants": Rule(
        thing="ticket",
        needs="comment",
        body={"email": "who@nowhere.example"},
        allowed=(403, 422),
    ),
    "DELETE /v1/tickets/{ticket}/participants/{person}": Rule(
        thing="ticket",
        needs="comment",
        more={"person": "00000000-0000-7000-8000-000000000000"},
        allowed=(403, 404),
    ),
    "GET /v1/tickets/{ticket}/attachments": Rule(thing="ticket", query="?include=total"),
    "POST /v1/tickets/{ticket}/attachments": Rule(
        thing="ticket",
        needs="comment",
        body={"attachment_ids": ["00000000-0000-7000-8000-000000000000"]},
        allowed=(422,),
    ),
    "GET /v1/tickets/{ticket}/comments": Rule(thing="ticket", query="?include=total"),
    "POST /v1/tickets/{ticket}/comments": Rule(
        thing="ticket", needs="comment", body={"body": "A word more."}, allowed=(201,)
    ),
    "POST /v1/tickets/bulk": Rule(body={"tickets": ["x"], "changes": {}}, allowed=(403, 422)),
    "POST /v1/tickets/{ticket}/take": Rule(
        thing="ticket", needs="update", roles=AGENTS, allowed=(200, 409)
    ),
    "POST /v1/tickets/{ticket}/hand-over": Rule(
        thing="ticket", needs="update", roles=AGENTS, body={}
    ),
    "GET /v1/tickets/by-reference/{source}/{key:path}": Rule(
        elsewhere="test_tickets_by_reference: a name in the tenant, for agents"
    ),
    "PUT /v1/tickets/by-reference/{source}/{key:path}": Rule(
        elsewhere="test_tickets_by_reference: a name in the tenant, for agents"
    ),
    # --- dashboards: test_dashboards says what they count ----------------------------------------
    "GET /v1/dashboards/tickets": Rule(),
    "GET /v1/dashboards/tickets.svg": Rule(query="?scope=mine"),
    "GET /v1/dashboards/desk": Rule(allowed=(200, 403)),
    # --- comments ------------------------------------------------------------------------------
    "GET /v1/tickets/{ticket}/comments/{comment}": Rule(thing="comment"),
    "PATCH /v1/tickets/{ticket}/comments/{comment}": Rule(
        thing="comment",
        needs="update",
        body={"body": "Another word."},
        versioned=True,
        allowed=(200, 409),
    ),
    "DELETE /v1/tickets/{ticket}/comments/{comment}": Rule(
        thing="comment", needs="update", versioned=True, destroys=True
    ),
    "GET /v1/tickets/{ticket}/comments/{comment}/revisions": Rule(thing="comment", roles=AGENTS),
    "PUT /v1/tickets/{ticket}/comments/{comment}/solution": Rule(
        thing="comment", roles=AGENTS, allowed=(200, 422)
    ),
    "DELETE /v1/tickets/{ticket}/comments/{comment}/solution": Rule(
        thing="comment", roles=AGENTS, allowed=(204, 422)
    ),
    # --- approvals -----------------------------------------------------------------------------
    "GET /v1/tickets/{ticket}/approvals": Rule(thing="ticket"),
    "POST /v1/tickets/{ticket}/approvals": Rule(
        thing="ticket",
        needs="update",
        roles=AGENTS,
        body={"question": "May we?", "approvers": {"role": "no-such"}},
        allowed=(422,),
    ),
    "GET /v1/approvals": Rule(query="?mine=false&include=total"),
    "GET /v1/approvals/{approval}": Rule(thing="approval"),
    "GET /v1/approvals/{approval}/certificate": Rule(thing="approval", allowed=(409,)),
    # Those who are asked may, and are told that there is no such answer.
    "POST /v1/approvals/{approval}/decisions": Rule(
        thing="approval", body={"decision": "no-such"}, allowed=(403, 422)
    ),
    "POST /v1/approvals/{approval}/withdrawal": Rule(
        thing="approval", needs="update", roles=AGENTS, destroys=True
    ),
    # --- files ---------------------------------------------------------------------------------
    "POST /v1/attachments": Rule(elsewhere="the world is made with it"),
    "GET /v1/attachments/{attachment}": Rule(thing="attachment"),
    "DELETE /v1/attachments/{attachment}": Rule(
        thing="attachment", needs="update", refused=404, destroys=True
    ),
    "GET /v1/attachments/{attachment}/content": Rule(thing="attachment"),
    "GET /v1/attachments/{attachment}/thumbnail": Rule(thing="attachment", allowed=(404,)),
    # --- people --------------------------------------------------------------------------------
    "GET /v1/people": Rule(),
    "POST /v1/people": Rule(body={"name": "", "email": "who@nowhere.example"}, allowed=(422,)),
    "GET /v1/people/{person}": Rule(thing="person"),
    "POST /v1/people/{person}/password-expiry": Rule(thing="person", needs="update", destroys=True),
    "DELETE /v1/people/{person}/factors": Rule(thing="person", needs="update", destroys=True),
    "PATCH /v1/people/{person}": Rule(thing="person", needs="update", body={}, versioned=True),
    "POST /v1/people/{person}/activation": Rule(
        thing="person",
        needs="update",
        allowed=(202,),
        # The link goes to the administrator's own address.
        besides={"lead: boss": (202,)},
    ),
    "PUT /v1/people/{person}/teams/{team}": Rule(
        thing="person", roles=ROLES_WITH_RIGHTS, more={"team": "no-such"}, body={}, allowed=(422,)
    ),
    "DELETE /v1/people/{person}/teams/{team}": Rule(
        thing="person", roles=ROLES_WITH_RIGHTS, more={"team": "no-such"}, allowed=(204,)
    ),
    # --- invitations ---------------------------------------------------------------------------
    "GET /v1/invitations": Rule(),
    "POST /v1/invitations": Rule(elsewhere="test_invitations: whom somebody may invite"),
    "POST /v1/invitations/{invitation}/resend": Rule(
        elsewhere="test_invitations: of one's own organization, for those who invite"
    ),
    "POST /v1/invitations/{invitation}/withdrawal": Rule(
        elsewhere="test_invitations: of one's own organization, for those who invite"
    ),
    # --- those who ask to be let in; registrations/: where the portal takes them -----------------
    "GET /v1/registrations": Rule(),
    "GET /v1/registrations/{registration}": Rule(thing="registration"),
    # The shipped portals take nobody who asks himself.
    "POST /v1/registrations/{registration}/approval": Rule(
        thing="registration",
        needs="update",
        body={"organization": "00000000-0000-7000-8000-000000000000"},
        allowed=(422,),
    ),
    "POST /v1/registrations/{registration}/refusal": Rule(
        thing="registration", needs="update", body={}, destroys=True
    ),
    "PUT /v1/people/by-reference/{source}/{key:path}": Rule(
        elsewhere="test_by_reference: a name in the tenant, for agents"
    ),
    # --- organizations -------------------------------------------------------------------------
    "PUT /v1/organizations/by-reference/{source}/{key:path}": Rule(
        elsewhere="test_by_reference: a name in the tenant, for agents"
    ),
    "GET /v1/organizations": Rule(),
    "POST /v1/organizations": Rule(body={"name": ""}, allowed=(422,)),
    "GET /v1/organizations/{organization}": Rule(thing="organization"),
    "PATCH /v1/organizations/{organization}": Rule(
        thing="organization", needs="update", body={}, versioned=True
    ),
    "GET /v1/organizations/{organization}/members": Rule(thing="organization"),
    "PUT /v1/organizations/{organization}/members/{person}": Rule(
        elsewhere="test_members: it names two things"
    ),
    "DELETE /v1/organizations/{organization}/members/{person}": Rule(
        elsewhere="test_members: it names two things"
    ),
    # --- API keys ------------------------------------------------------------------------------
    "GET /v1/api-keys": Rule(),
    "POST /v1/api-keys": Rule(
        body={"name": "Mine", "scopes": ["no_such:verb"]}, allowed=(403, 422)
    ),
    "GET /v1/api-keys/{api_key}": Rule(thing="api_key"),
    "DELETE /v1/api-keys/{api_key}": Rule(thing="api_key", destroys=True),
    # An administrator sees and revokes everybody's, and takes over nobody's.
    "POST /v1/api-keys/{api_key}/rotation": Rule(
        thing="api_key", needs="update", body={"overlap_seconds": 0}, allowed=(201,)
    ),
    # --- programs of a directory ---------------------------------------------------------------
    "GET /v1/programs": Rule(allowed=(200, 403)),
    "POST /v1/programs": Rule(body={"name": "", "scopes": []}, allowed=(403, 422)),
    "GET /v1/programs/{program}": Rule(thing="program"),
    "DELETE /v1/programs/{program}": Rule(thing="program", destroys=True),
    # changes/test_rights: what it tells to whom.
    "GET /v1/changes": Rule(allowed=(200, 403)),
    "GET /v1/access-report": Rule(query="?kind=sign_in"),
    # --- apps ----------------------------------------------------------------------------------
    "GET /v1/apps": Rule(allowed=(200, 403)),
    "POST /v1/apps": Rule(body={"name": "", "kind": "public", "scopes": []}, allowed=(403, 422)),
    "GET /v1/apps/{app}": Rule(thing="app"),
    "PATCH /v1/apps/{app}": Rule(thing="app", body={}, versioned=True),
    "DELETE /v1/apps/{app}": Rule(thing="app", versioned=True, destroys=True),
    "POST /v1/apps/{app}/secret": Rule(thing="app", allowed=(422,)),
    "GET /v1/authorizations/{authorization}": Rule(more={"authorization": "x"}, allowed=(404,)),
    "POST /v1/authorizations/{authorization}/decision": Rule(
        more={"authorization": "x"}, body={"allow": True}, allowed=(404,)
    ),
    "GET /v1/me/apps": Rule(),
    "DELETE /v1/me/apps/{app}": Rule(more={"app": "x"}, allowed=(404,)),
    "GET /.well-known/oauth-authorization-server": Rule(public=True),
    "GET /oauth2/authorize": Rule(public=True, allowed=(400,)),
    "POST /oauth2/token": Rule(public=True, allowed=(400,)),
    "POST /oauth2/revoke": Rule(public=True, allowed=(400,)),
    "POST /oauth2/introspect": Rule(public=True, allowed=(400,)),
    # --- agreements ----------------------------------------------------------------------------
    "GET /v1/entitlements": Rule(),
    "POST /v1/entitlements": Rule(body={"organization": "x"}, allowed=(422,)),
    "GET /v1/entitlements/{entitlement}": Rule(thing="entitlement"),
    "PATCH /v1/entitlements/{entitlement}": Rule(
        thing="entitlement", needs="update", body={}, versioned=True
    ),
    "DELETE /v1/entitlements/{entitlement}": Rule(
        thing="entitlement", needs="update", versioned=True, destroys=True
    ),
}

#: Pages for browsers, which do what routes above do: those for everybody, and those for whoever is
#: signed in; others are led to the page where they sign in.
PAGES_FOR_EVERYBODY = frozenset(
    {
        "GET /portals/{portal}/sign-in",
        "POST /portals/{portal}/sign-in",
        "POST /portals/{portal}/sign-in/factor",
        "GET /portals/{portal}/forgotten-password",
        "POST /portals/{portal}/forgotten-password",
        "GET /password-resets/{token}",
        "POST /password-resets/{token}",
        "GET /portals/{portal}/tickets/{ticket}",
        "GET /portals/{portal}/approvals",
        "GET /portals/{portal}/approvals/{thing}",
        "GET /portals/{portal}/registrations/{thing}",
        "GET /invitations/{token}",
        "POST /invitations/{token}",
    }
)
PAGES_FOR_THE_SIGNED_IN = frozenset(
    {
        "GET /portals/{portal}/account",
        "GET /portals/{portal}/signed-in",
        "POST /portals/{portal}/sign-out",
        "GET /portals/{portal}/password",
        "POST /portals/{portal}/password",
        "GET /portals/{portal}/terms",
        "POST /portals/{portal}/terms",
        "GET /portals/{portal}/consent",
        "POST /portals/{portal}/consent",
    }
)

#: What is served beside the API, to everybody: it knows no tenant.
BESIDE = (
    "/",
    "/pages/style.css",
    "/docs",
    "/docs/reference.js",
    "/docs/reference.css",
    "/docs/swagger-ui.js",
    "/docs/swagger-ui.css",
    "/docs/icon.png",
    "/openapi.json",
    "/livez",
    "/readyz",
    "/metrics",
)
