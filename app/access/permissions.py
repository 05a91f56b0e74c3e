"""The permissions and the shipped roles, on one page.

A permission is `noun:verb` or, where it covers things of others, `noun:verb:reach`. Roles belong to
each tenant's portal definition; here are the permissions they consist of and the roles that a
definition may take over with `like:` (rules: S3-4 to S3-6, S4-4, S4-11 to S4-13)."""

from collections.abc import Mapping
from typing import Literal, NamedTuple

Side = Literal["customer", "agent"]

#: What a permission lets its holder do. A customer's reach is `own` or `organization`; an
#: agent's is `department` (his own departments and those not confidential where `tenant`).
PERMISSIONS: Mapping[str, str] = {
    "tickets:create": "Open tickets for oneself.",
    "tickets:open_on_behalf": "Open tickets for a customer.",
    "tickets:read:own": "Read tickets one has asked for.",
    "tickets:read:organization": "Read the tickets of one's organization.",
    "tickets:read:department": "Read the tickets of one's departments.",
    "tickets:read:tenant": "Read the tickets of every department that is not confidential.",
    "tickets:comment:own": "Comment on tickets one has asked for.",
    "tickets:comment:organization": "Comment on the tickets of one's organization.",
    "tickets:comment:department": "Comment on the tickets of one's departments.",
    "tickets:comment:tenant": "Comment on every ticket one may read.",
    "tickets:update:own": "Change tickets one has asked for.",
    "tickets:update:organization": "Change the tickets of one's organization.",
    "tickets:update:department": "Change the tickets of one's departments.",
    "tickets:update:tenant": "Change every ticket one may read.",
    "tickets:assign": "Assign tickets to teams and agents, and take them.",
    "approvals:ask": "Ask people to approve something about a ticket.",
    "comments:internal": "Read and write notes that only agents see.",
    "people:read": "Read people and how to reach them.",
    "people:write": "Create and change people.",
    "portal_access:grant": "Open and close the portal for a customer's contact.",  # S4-4
    "organizations:read": "Read customer organizations.",
    "organizations:write": "Create and change customer organizations and their memberships.",
    "entitlements:write": "Create and change the agreements tickets are charged to.",
    "colleagues:manage": "Invite and remove colleagues of one's organization, set their role.",
    "roles:assign": "Give agents their role.",
    "definition:read": "Read the portal definition.",
    "definition:write": "Change the portal definition.",
    "confidential:read": "Read departments marked confidential without belonging to them.",
    "access_report:read": "Read who came in when, how and from where.",  # S4-18
    "changes:read": "Follow all that happens to what one may read, to keep another system in step.",
    "api_keys:create": "Make API keys that act as oneself.",
    "api_keys:manage": "See and revoke everybody's API keys, keep service accounts and their keys.",
    "apps:manage": "Register the apps that people may let act for them.",
}

#: What nobody hands on to an API key or an app: whoever held it could make himself more of them.
NEVER_DELEGATED = frozenset({"api_keys:create", "api_keys:manage", "apps:manage"})
#: What reaches over the whole tenant, and so is not for a key of one organization.
TENANT_WIDE = frozenset(
    {
        "access_report:read",
        "confidential:read",
        "definition:read",
        "definition:write",
        "portal_access:grant",
        "roles:assign",
    }
)


class ShippedRole(NamedTuple):
    """A role as the product ships it: whose it is and what it allows."""

    side: Side
    permissions: tuple[str, ...]


_MEMBER = ("tickets:create", "tickets:read:own", "tickets:comment:own", "tickets:update:own")
_AGENT = (
    "tickets:create",
    "tickets:open_on_behalf",
    "tickets:read:department",
    "tickets:read:tenant",
    "tickets:comment:department",
    "tickets:comment:tenant",
    "tickets:update:department",
    "tickets:update:tenant",
    "tickets:assign",
    "approvals:ask",
    "comments:internal",
    "people:read",
    "people:write",
    "portal_access:grant",
    "organizations:read",
    "organizations:write",
)
_LEAD = (
    *_AGENT,
    "access_report:read",
    "api_keys:create",
    "changes:read",
    "confidential:read",
    "definition:read",
    "entitlements:write",
    "roles:assign",
)

SHIPPED_ROLES: Mapping[str, ShippedRole] = {
    # S3 "perus": creates, reads, comments and updates his own.
    "member": ShippedRole("customer", _MEMBER),
    # S4 "utente": reads and comments his own, does not change it.
    "user": ShippedRole("customer", ("tickets:create", "tickets:read:own", "tickets:comment:own")),
    # S4 "utente aziendale": reads everything of the company, writes in his own.
    "company_reader": ShippedRole(
        "customer",
        (
            "tickets:create",
            "tickets:read:own",
            "tickets:read:organization",
            "tickets:comment:own",
        ),
    ),
    # S3 "pääkäyttäjä": all of it, for the whole company, and its people.
    "company_admin": ShippedRole(
        "customer",
        (
            *_MEMBER,
            "tickets:read:organization",
            "tickets:comment:organization",
            "tickets:update:organization",
            "colleagues:manage",
            "api_keys:create",
        ),
    ),
    "agent": ShippedRole("agent", _AGENT),
    # An agent who sees only what his own departments get.
    "department_agent": ShippedRole(
        "agent",
        tuple(permission for permission in _AGENT if not permission.endswith(":tenant")),
    ),
    "lead": ShippedRole("agent", _LEAD),
    "tenant_admin": ShippedRole(
        "agent", (*_LEAD, "api_keys:manage", "apps:manage", "definition:write")
    ),
}
