"""The vocabulary and the shipped roles, once more as a table to be read beside the rules."""

from app.access.permissions import NEVER_DELEGATED, PERMISSIONS, SHIPPED_ROLES, TENANT_WIDE

#: Who holds what (S3-4 to S3-6, S4-4, S4-11 to S4-13): member, user, company reader, company
#: admin | department agent, agent, lead, tenant admin.
TABLE = """
tickets:create                x x x x | x x x x
tickets:open_on_behalf        . . . . | x x x x
tickets:read:own              x x x x | . . . .
tickets:read:organization     . . x x | . . . .
tickets:read:department       . . . . | x x x x
tickets:read:tenant           . . . . | . x x x
tickets:comment:own           x x x x | . . . .
tickets:comment:organization  . . . x | . . . .
tickets:comment:department    . . . . | x x x x
tickets:comment:tenant        . . . . | . x x x
tickets:update:own            x . . x | . . . .
tickets:update:organization   . . . x | . . . .
tickets:update:department     . . . . | x x x x
tickets:update:tenant         . . . . | . x x x
tickets:assign                . . . . | x x x x
approvals:ask                 . . . . | x x x x
comments:internal             . . . . | x x x x
people:read                   . . . . | x x x x
people:write                  . . . . | x x x x
portal_access:grant           . . . . | x x x x
organizations:read            . . . . | x x x x
organizations:write           . . . . | x x x x
entitlements:write            . . . . | . . x x
colleagues:manage             . . . x | . . . .
roles:assign                  . . . . | . . x x
definition:read               . . . . | . . x x
definition:write              . . . . | . . . x
confidential:read             . . . . | . . x x
access_report:read            . . . . | . . x x
changes:read                  . . . . | . . x x
api_keys:create               . . . x | . . x x
api_keys:manage               . . . . | . . . x
apps:manage                   . . . . | . . . x
"""
CUSTOMERS = ("member", "user", "company_reader", "company_admin")
AGENTS = ("department_agent", "agent", "lead", "tenant_admin")
HELD = {
    permission: [cell == "x" for cell in cells if cell != "|"]
    for permission, *cells in map(str.split, TABLE.strip().splitlines())
}


def test_the_words_of_the_law_are_these() -> None:
    assert list(PERMISSIONS) == list(HELD)


def test_a_shipped_role_allows_what_its_column_says() -> None:
    assert set(SHIPPED_ROLES) == {*CUSTOMERS, *AGENTS}
    for place, role in enumerate((*CUSTOMERS, *AGENTS)):
        column = {permission for permission, cells in HELD.items() if cells[place]}
        assert set(SHIPPED_ROLES[role].permissions) == column, role
        assert SHIPPED_ROLES[role].side == ("customer" if role in CUSTOMERS else "agent")


def test_what_makes_keys_is_handed_on_to_none() -> None:
    assert {"api_keys:create", "api_keys:manage", "apps:manage"} == NEVER_DELEGATED


def test_what_reaches_over_the_tenant_is_not_for_a_key_of_one_organization() -> None:
    assert {
        "access_report:read",
        "confidential:read",
        "definition:read",
        "definition:write",
        "portal_access:grant",
        "roles:assign",
    } == TENANT_WIDE
