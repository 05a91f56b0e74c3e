"""What may deviate from the wall's rules, each with its reason. Adding a line is a decision."""

from collections.abc import Mapping
from dataclasses import dataclass

#: Tables without `tenant_id`.
WITHOUT_TENANT: Mapping[str, str] = {
    "tenants": "The tenants themselves; walled by their own id.",
    "alembic_version": "Which version the tables have; nobody who serves may write it.",
}

#: Unique in the installation, not in a tenant: what is taken can be told from a refusal.
UNIQUE_IN_THE_INSTALLATION: Mapping[str, str] = {
    "pk_tenants": "A tenant's own id.",
    "uq_tenants_slug": "The slug is the portal's address; anybody may try it.",
    "alembic_version_pkc": "One row, no tenant's.",
}

#: Tables of which everybody in the tenant may read, or write, every row.
OPEN_IN_TENANT: Mapping[str, str] = {
    "tenants": "One's own tenant is one row.",
    "portal_definitions": "Every request is decided by it; who is shown what of it is the forms'"
    " and the catalogue's law.",
    "departments": "As the definition.",
    "teams": "As the definition.",
    "roles": "As the definition.",
    "people": "Names only: else joins would drop what outsiders wrote. Addresses stand apart.",
    "timers": "An act of anybody sets and cancels them; they hold ids and names of actions.",
}

#: Tables with an `organization_id` that no key of one organization is held to.
NOT_OF_ONE_ORGANIZATION: Mapping[str, str] = {
    "api_keys": "Only the system sees more than its own.",
    "ticket_search": "Nobody who serves gets at it.",
}

#: Where the finder's functions look across tenants, and what they may do there.
FOUND_IN: Mapping[str, tuple[str, ...]] = {
    "tenants": ("SELECT",),
    "departments": ("SELECT",),
    "teams": ("SELECT",),
    "roles": ("SELECT",),
    "team_members": ("SELECT",),
    "people": ("SELECT",),
    "organizations": ("SELECT",),
    "memberships": ("SELECT",),
    "credentials": ("SELECT",),
    "one_time_tokens": ("SELECT",),
    "sign_in_attempts": ("SELECT",),
    "registrations": ("SELECT",),
    "consents": ("SELECT",),
    "external_identities": ("SELECT", "UPDATE"),
    "totp_factors": ("SELECT",),
    "sessions": ("SELECT", "UPDATE"),
    "session_tokens": ("SELECT", "UPDATE"),
    "api_keys": ("SELECT",),
    "apps": ("SELECT",),
    "api_key_secrets": ("SELECT", "UPDATE"),
    "api_key_uses": ("SELECT", "INSERT"),
    "timers": ("SELECT",),
    "ticket_search": ("SELECT", "INSERT", "UPDATE", "DELETE"),
    "tickets": ("SELECT",),
    "comments": ("SELECT",),
    "participants": ("SELECT",),
}

#: Tables with a `ticket_id` that need not say the ticket's place.
OF_TICKETS_BUT_WITHOUT_PLACE: Mapping[str, str] = {
    "notifications": "Only the system sees them.",
}

#: Tables whose place no foreign key holds to that of their ticket.
PLACE_NOT_HELD: Mapping[str, str] = {
    "events": "History outlives its ticket; what happened, happened in the place it had then.",
}

ALL_RIGHTS = ("SELECT", "INSERT", "UPDATE", "DELETE")
#: Where those who serve may do less than that.
RIGHTS: Mapping[str, tuple[str, ...]] = {
    "events": ("SELECT", "INSERT"),
    "portal_definitions": ("SELECT", "INSERT"),
    "approval_decisions": ("SELECT", "INSERT"),
    "clock_events": ("SELECT", "INSERT"),
    "consents": ("SELECT", "INSERT"),
    "alembic_version": ("SELECT",),
    # Written by triggers, read by the function that searches.
    "ticket_search": (),
}


@dataclass(frozen=True)
class Definer:
    """A function that runs as its owner: who that is, and who may call it."""

    owner: str
    callers: tuple[str, ...]


_APP = "skranke_app"
_WORKER = "skranke_worker"

#: Every function that runs with rights of another than its caller.
DEFINERS: Mapping[str, Definer] = {
    "wall.enter(text,bytea,timestamp with time zone,text,jsonb)": Definer(
        "skranke_finder", (_APP, _WORKER)
    ),
    "wall.enter_as_system(uuid)": Definer("skranke_finder", (_APP, _WORKER)),
    "wall.enter_portal(text)": Definer("skranke_finder", (_APP, _WORKER)),
    "wall.enter_by_secret(bytea)": Definer("skranke_finder", (_APP, _WORKER)),
    "wall.enter_by_attempt(bytea)": Definer("skranke_finder", (_APP, _WORKER)),
    "wall.enter_by_app(uuid)": Definer("skranke_finder", (_APP, _WORKER)),
    "wall.enter_by_registration(bytea)": Definer("skranke_finder", (_APP, _WORKER)),
    "wall.my_tickets()": Definer("skranke_finder", (_APP, _WORKER)),
    "wall.begin_ticket_numbers()": Definer("skranke_finder", (_APP, _WORKER)),
    "wall.next_ticket_number()": Definer("skranke_finder", (_APP, _WORKER)),
    "wall.due_timers(timestamp with time zone,integer)": Definer("skranke_finder", (_WORKER,)),
    "wall.tenants()": Definer("skranke_finder", (_WORKER,)),
    "wall.search_tickets(text,boolean,boolean,uuid[],integer)": Definer(
        "skranke_finder", (_APP, _WORKER)
    ),
    "wall.ticket_written()": Definer("skranke_finder", ()),
    "wall.comment_written()": Definer("skranke_finder", ()),
    "wall.write_words_anew(uuid,integer)": Definer("skranke_finder", (_WORKER,)),
    "queue.procrastinate_defer_jobs_v1(queue.procrastinate_job_to_defer_v1[])": Definer(
        "skranke_owner", (_APP, _WORKER)
    ),
}
