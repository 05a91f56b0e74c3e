"""Reading a script, checked as a whole: mistakes are told with file and line."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path as File
from typing import Any, NamedTuple
from uuid import UUID

from app.commands.demo_history.script import Agreement, Answers, History, OldTicket, Step
from app.domain.forms.lifecycle import resolve
from app.domain.forms.policy import choose_form
from app.domain.tenants.definition import Definition, Flaw, Form, Path
from app.domain.tenants.demo import DemoPeople, DemoPerson
from app.domain.tenants.loading import document_from
from app.domain.tenants.problems import DefinitionError
from app.domain.tenants.strict_yaml import Source, read
from app.kernel.problems import Fault, Invalid

_SOMEBODY = UUID(int=0)
_SOME_DAY = date(2024, 1, 1)


class Script(NamedTuple):
    """A script that was read and checked, and where it came from."""

    history: History
    source: Source


def load_history(file: File, definition: Definition, people: DemoPeople) -> Script:
    """The history in a YAML file, fit for `definition` and its demo people.

    Raises `DefinitionError` with every mistake found."""
    source = read(file)
    history = document_from(source, History)
    mistakes = [
        source.mistake(flaw.path, flaw.message) for flaw in _flaws(history, definition, people)
    ]
    if mistakes:
        raise DefinitionError(tuple(sorted(mistakes, key=lambda mistake: mistake.line)))
    return Script(history, source)


def given(
    form: Form,
    answers: Answers,
    *,
    opened: date,
    people: Mapping[str, UUID],
    agreements: Mapping[str, UUID],
) -> dict[str, Any]:
    """The script's answers as the API takes them: days after the opening become dates, addresses
    of people and templates of agreements their ids. What does not fit its field is left for the
    form to refuse."""
    named = {"person": people, "entitlement": agreements}
    taken: dict[str, Any] = {}
    for key, answer in answers.items():
        field = form.field_of.get(key)
        kind = field.kind if field else None
        if kind == "date" and isinstance(answer, int):
            taken[key] = (opened + timedelta(days=answer)).isoformat()
        elif kind in named and isinstance(answer, str):
            taken[key] = str(named[kind].get(answer, answer))
        else:
            taken[key] = list(answer) if isinstance(answer, tuple) else answer
    return taken


def _flaws(history: History, definition: Definition, people: DemoPeople) -> Iterator[Flaw]:
    if history.portal != definition.portal.slug:
        yield Flaw(("portal",), f"this is the past of {definition.portal.slug!r}")
    cast = {person.email.lower(): person for person in people.people}
    for place, agreement in enumerate(history.agreements):
        yield from _of_agreement(agreement, ("agreements", place), definition, people)
    for place, ticket in enumerate(history.tickets):
        at: Path = ("tickets", place)
        yield from _of_people(ticket, at, cast)
        yield from _of_order(ticket, at)
        if ticket.ends not in definition.status_of:
            yield Flaw((*at, "ends"), f"there is no {ticket.ends!r} among the statuses")
        opener = cast.get(ticket.by.lower())
        if opener:
            whose = cast.get((ticket.on_behalf_of or ticket.by).lower(), opener).organization
            held = [each.template for each in history.agreements if each.organization == whose]
            yield from _of_answers(ticket, at, definition, opener, cast, held)
        for inner, step in enumerate(ticket.steps):
            yield from _of_step(step, (*at, "steps", inner), definition)


def _of_agreement(
    agreement: Agreement, at: Path, definition: Definition, people: DemoPeople
) -> Iterator[Flaw]:
    agents = {person.email.lower() for person in people.people if person.side == "agent"}
    if agreement.by.lower() not in agents:
        yield Flaw((*at, "by"), f"there is no {agreement.by} among the demo agents")
    if agreement.organization not in {each.key for each in people.organizations}:
        message = f"there is no {agreement.organization!r} among the demo organizations"
        yield Flaw((*at, "organization"), message)
    if agreement.template not in {each.key for each in definition.entitlement_templates}:
        message = f"there is no {agreement.template!r} among the templates of entitlements"
        yield Flaw((*at, "template"), message)


def _of_people(ticket: OldTicket, at: Path, cast: Mapping[str, DemoPerson]) -> Iterator[Flaw]:
    named: list[tuple[Path, str]] = [((*at, "by"), ticket.by)]
    if ticket.on_behalf_of:
        named.append(((*at, "on_behalf_of"), ticket.on_behalf_of))
    for place, step in enumerate(ticket.steps):
        here = (*at, "steps", place)
        named.append(((*here, "by"), step.by))
        named.extend(((*here, "invite", n), email) for n, email in enumerate(step.invite))
        if step.assign and step.assign.to:
            named.append(((*here, "assign", "to"), step.assign.to))
    for path, email in named:
        if email.lower() not in cast:
            yield Flaw(path, f"there is no {email} among the demo people")
    opener = cast.get(ticket.by.lower())
    if opener and (opener.side == "agent") != (ticket.on_behalf_of is not None):
        yield Flaw((*at, "by"), "agents open tickets on behalf of somebody, customers their own")


def _of_order(ticket: OldTicket, at: Path) -> Iterator[Flaw]:
    before = ticket.opened
    for place, step in enumerate(ticket.steps):
        if step.at.order <= before.order:
            yield Flaw((*at, "steps", place, "at"), "must be later than what comes before it")
        before = step.at


def _of_answers(
    ticket: OldTicket,
    at: Path,
    definition: Definition,
    opener: DemoPerson,
    cast: Mapping[str, DemoPerson],
    agreements: Sequence[str],
) -> Iterator[Flaw]:
    people = dict.fromkeys(cast, _SOMEBODY)
    side = opener.side
    try:
        form = choose_form(
            definition,
            form_key=ticket.form,
            type_key=str(ticket.answers.get("type")) if "type" in ticket.answers else None,
            side=side,
            roles={opener.role},
        )
    except Invalid as refused:
        yield from (_flaw(fault, at) for fault in refused.faults)
        return
    held = dict.fromkeys(agreements, _SOMEBODY)
    answers = given(form, ticket.answers, opened=_SOME_DAY, people=people, agreements=held)
    resolution = resolve(definition, form, answers, side=side)
    yield from (_flaw(fault, at) for fault in resolution.faults)
    if not resolution.faults:
        for key, answer in answers.items():
            if resolution.values.get(key) != answer:
                yield Flaw((*at, "answers", key), "is not asked beside the other answers")


def _flaw(fault: Fault, at: Path) -> Flaw:
    key = (fault.pointer or "").rpartition("/")[2]
    path = (*at, "form") if key == "form" else (*at, "answers", key)
    return Flaw(path, f"{fault.code}: {fault.detail}")


def _of_step(step: Step, at: Path, definition: Definition) -> Iterator[Flaw]:
    move = definition.transition_of.get(step.move) if step.move else None
    if step.move and (move is None or move.by != "people"):
        yield Flaw((*at, "move"), f"there is no {step.move!r} among the transitions people make")
    if step.assign and step.assign.team and step.assign.team not in definition.team_of:
        yield Flaw((*at, "assign", "team"), f"there is no {step.assign.team!r} among the teams")
    verbs = {verb.key for policy in definition.approval_policies for verb in policy.verbs}
    if step.decide and step.decide not in verbs:
        yield Flaw((*at, "decide"), f"there is no {step.decide!r} among the verbs of approvals")
