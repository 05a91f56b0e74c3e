"""Which events are in the report, and of which kind each is."""

from collections.abc import Mapping

#: Kind → names of events.
KINDS: Mapping[str, tuple[str, ...]] = {
    "sign_in": ("session.started", "identity.used"),
    "refusal": ("session.refused",),
    "sign_out": ("session.ended",),
    "key_use": ("api_key.used",),
    "credential": (
        "api_key.made",
        "api_key.revoked",
        "api_key.rotated",
        "app.allowed",
        "app.disallowed",
        "identity.linked",
        "identity.removed",
        "password.changed",
        "password.reset_asked",
        "program.bound",
        "program.unbound",
    ),
    "right": ("person.deactivated", "person.portal_opened", "person.rights_changed"),
}
KIND_OF: Mapping[str, str] = {name: kind for kind, names in KINDS.items() for name in names}
