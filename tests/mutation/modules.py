"""What is tried, and by which tests: those nearest to it first."""

MODULES = {
    "app.access.actor": ["tests/access/test_actor.py"],
    "app.access.permissions": ["tests/access/test_permissions.py"],
    "app.access.require": ["tests/access/test_actor.py"],
    "app.access.system": ["tests/access/test_system.py"],
    "app.domain.access_report.policy": ["tests/domain/access_report/test_policy.py"],
    "app.domain.entitlements.policy": ["tests/domain/entitlements/test_policy.py"],
    "app.domain.api_keys.policy": ["tests/domain/api_keys/test_policy.py"],
    "app.domain.approvals.policy": ["tests/domain/approvals/test_policy.py"],
    "app.domain.attachments.policy": ["tests/domain/attachments/test_policy.py"],
    "app.domain.changes.policy": ["tests/domain/changes/test_policy.py"],
    "app.domain.comments.policy": ["tests/domain/comments/test_policy.py"],
    "app.domain.dashboards.policy": ["tests/domain/dashboards/test_policy.py"],
    "app.domain.forms.policy": ["tests/domain/forms/test_policy.py"],
    "app.domain.invitations.policy": ["tests/domain/invitations/test_policy.py"],
    "app.domain.notifications.policy": ["tests/domain/notifications/test_policy.py"],
    "app.domain.organizations.policy": ["tests/domain/organizations/test_policy.py"],
    "app.domain.people.policy": ["tests/domain/people/test_policy.py"],
    "app.domain.registrations.policy": ["tests/domain/registrations/test_policy.py"],
    "app.domain.tickets.policy": ["tests/domain/tickets/test_policy.py"],
    "app.domain.access_report.lifecycle": ["tests/domain/access_report/test_policy.py"],
    "app.domain.entitlements.lifecycle": ["tests/domain/entitlements/test_lifecycle.py"],
    "app.domain.api_keys.lifecycle": ["tests/domain/api_keys/test_lifecycle.py"],
    "app.domain.approvals.lifecycle": ["tests/domain/approvals/test_lifecycle.py"],
    "app.domain.apps.lifecycle": ["tests/domain/apps/test_lifecycle.py"],
    "app.domain.attachments.lifecycle": [
        "tests/domain/attachments/test_lifecycle.py",
        "tests/domain/attachments/test_policy.py",
    ],
    "app.domain.dashboards.lifecycle": ["tests/domain/dashboards/test_ages.py"],
    "app.domain.federation.lifecycle": ["tests/domain/federation/test_lifecycle.py"],
    "app.domain.forms.lifecycle": [
        "tests/domain/forms/test_changes.py",
        "tests/domain/forms/test_resolve.py",
    ],
    "app.domain.invitations.lifecycle": ["tests/domain/invitations/test_lifecycle.py"],
    "app.domain.registrations.lifecycle": ["tests/domain/registrations/test_policy.py"],
    "app.domain.service_levels.lifecycle": [
        "tests/domain/service_levels/test_clock.py",
        "tests/domain/service_levels/test_lifecycle.py",
    ],
    "app.domain.sign_in.lifecycle": ["tests/domain/sign_in/test_lifecycle.py"],
    "app.domain.tickets.lifecycle": ["tests/domain/tickets/test_lifecycle.py"],
}

#: What only PostgreSQL can tell; all others are pure.
AT_POSTGRES = frozenset({"app.access.system"})
