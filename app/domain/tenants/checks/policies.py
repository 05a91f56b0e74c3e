"""Checks of approval policies, departments, calendars and entitlement templates."""

from collections.abc import Iterator

from holidays import list_supported_countries

from app.domain.tenants.definition import Definition, Flaw
from app.domain.tenants.definition.policies import ApprovalPolicy


def policy_flaws(definition: Definition) -> Iterator[Flaw]:
    """Approvals whose answers lead nowhere, departments without an address for their mails, and the
    like."""
    for place, policy in enumerate(definition.approval_policies):
        if not policy.retired:
            yield from _approval(definition, policy, place)
    yield from _unasked(definition)
    yield from _departments(definition)
    yield from _calendars(definition)
    for place, template in enumerate(definition.entitlement_templates):
        for key in template.service_names:
            if template.services and key not in template.services:
                at = ("entitlement_templates", place, "service_names", key)
                yield Flaw(at, f"{key!r} is not among the services of this template")


def _approval(definition: Definition, policy: ApprovalPolicy, place: int) -> Iterator[Flaw]:
    at = ("approval_policies", place)
    yield from _verbs(definition, policy, place)
    role = policy.approvers.role
    if role and definition.role_of[role].side != "customer":
        yield Flaw((*at, "approvers", "role"), "name a role of the customer's side, or a team")
    named = policy.approvers.field
    kinds = {field.kind for form in definition.forms for field in form.fields if field.key == named}
    if named and kinds != {"person"}:
        yield Flaw((*at, "approvers", "field"), f"{named!r} must be a field of kind person")
    if policy.presumption:
        verbs = {verb.key: verb.outcome for verb in policy.verbs}
        if verbs.get(policy.presumption.verb) != "granted":
            message = "name one of the verbs above whose outcome is granted"
            yield Flaw((*at, "presumption", "verb"), message)


def _verbs(definition: Definition, policy: ApprovalPolicy, place: int) -> Iterator[Flaw]:
    at = ("approval_policies", place, "verbs")
    for inner, verb in enumerate(policy.verbs):
        where = (*at, inner, "transition")
        if verb.transition is None:
            if policy.kind == "resolution":
                yield Flaw(where, "name the transition that this answer makes")
            continue
        transition = definition.transition_of[verb.transition]
        if transition.by != "approval":
            yield Flaw(where, f"the transition {verb.transition!r} must be made `by: approval`")
        missing = [key for key in policy.asked_in if key not in transition.statuses]
        if missing:
            yield Flaw(where, f"{verb.transition!r} cannot be made in {missing[0]!r}")
    if {verb.outcome for verb in policy.verbs} != {"granted", "refused"}:
        yield Flaw(at, "there must be at least one yes (granted) and one no (refused)")


def _unasked(definition: Definition) -> Iterator[Flaw]:
    used = {
        verb.transition
        for policy in definition.approval_policies
        if not policy.retired
        for verb in policy.verbs
    }
    for place, transition in enumerate(definition.transitions):
        if transition.by == "approval" and not transition.retired and transition.key not in used:
            yield Flaw(("transitions", place, "by"), "no approval policy leads to this transition")


def _departments(definition: Definition) -> Iterator[Flaw]:
    addresses: set[str] = set()
    for place, department in enumerate(definition.departments):
        if department.retired:
            continue
        at = ("departments", place)
        if "mail" in definition.channels(department.key) and not department.mail_address:
            yield Flaw((*at, "mail_address"), "tickets come by mail here: name the address")
        if department.mail_address:
            address = department.mail_address.lower()
            if address in addresses:
                yield Flaw((*at, "mail_address"), "another department has this address")
            addresses.add(address)
        team = definition.team_of.get(department.default_team or "")
        if team and team.department != department.key:
            yield Flaw((*at, "default_team"), f"{team.key!r} belongs to another department")


def _calendars(definition: Definition) -> Iterator[Flaw]:
    for place, calendar in enumerate(definition.calendars):
        if calendar.holidays and calendar.holidays not in list_supported_countries():
            at = ("calendars", place, "holidays")
            yield Flaw(at, f"the public holidays of {calendar.holidays!r} are not known")
