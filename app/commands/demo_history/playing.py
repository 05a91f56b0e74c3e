"""Playing a script: every opening and step in the order of time, through the domain's verbs."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.commands.demo_history.cast import Cast, organization_of, stand_in
from app.commands.demo_history.checks import Script, given
from app.commands.demo_history.moments import moment_of
from app.commands.demo_history.script import Agreement, Answers, Giving, OldTicket, Step
from app.domain.approvals.deciding import decide
from app.domain.approvals.problems import NotPending
from app.domain.approvals.queries import pending_approvals
from app.domain.attachments.actions import ReceivedFile, settle_scan, store_upload
from app.domain.attachments.lifecycle import State
from app.domain.comments.actions import add_comment
from app.domain.comments.editing import edit_comment, mark_solution
from app.domain.entitlements.actions import create_entitlement
from app.domain.forms.policy import choose_form
from app.domain.service_levels.actions import look_at_clocks
from app.domain.service_levels.lifecycle import LOOK
from app.domain.tenants.definition import Definition, Form, Path
from app.domain.tenants.problems import DefinitionError
from app.domain.tickets.changing import change_ticket
from app.domain.tickets.files import add_files
from app.domain.tickets.moving import move_ticket
from app.domain.tickets.opening import open_ticket
from app.domain.tickets.participants import add_participant
from app.domain.tickets.queries import ticket_for
from app.journal import cancel_timer
from app.kernel import clock
from app.kernel.problems import Problem
from app.models.journal import Timer
from app.models.tickets import Ticket

#: The files of each place of the script: their bytes are stored, and nobody knows of them yet.
Received = Mapping[Path, Sequence[ReceivedFile]]


@dataclass(frozen=True, slots=True)
class _Act:
    """An opening (without a `step`) or a step, at its moment."""

    moment: datetime
    path: Path
    ticket: OldTicket
    step: Step | None = None

    @property
    def place(self) -> int:
        """Which ticket of the script it is about."""
        return int(self.path[1])

    @property
    def by(self) -> str:
        """Whose act it is."""
        return self.step.by if self.step else self.ticket.by


@dataclass
class Player:
    """One portal's past on its way into the database, in a transaction begun as the system."""

    session: AsyncSession
    system: Actor
    definition: Definition
    script: Script
    cast: Cast
    received: Received
    scanned: bool
    _tickets: dict[int, UUID] = field(default_factory=dict)
    _forms: dict[int, Form] = field(default_factory=dict)
    _last_said: dict[tuple[int, UUID], UUID] = field(default_factory=dict)
    #: By organization and template.
    _agreements: dict[UUID, dict[str, UUID]] = field(default_factory=dict)

    async def play(self, tell: Callable[[], None]) -> None:
        """Play everything; `tell` hears of each ticket opened.

        Raises `DefinitionError` with the line at which a verb refused, or a ticket does not end
        as the script says."""
        acts = sorted(self._acts(clock.now()), key=attrgetter("moment"))
        zone, now = self.definition.portal.time_zone, clock.now()
        with clock.stopped_at(now) as stop_at:
            for place, agreement in enumerate(self.script.history.agreements):
                stop_at(moment_of(agreement.since, now=now, zone=zone))
                try:
                    await self._agree(agreement)
                except Problem as problem:
                    raise self._mistake(("agreements", place), _said(problem)) from problem
            for act in acts:
                await self._look_at_clocks(act.moment, stop_at)
                stop_at(act.moment)
                try:
                    await self._perform(act)
                except Problem as problem:
                    raise self._mistake(act.path, _said(problem)) from problem
                if act.step is None:
                    tell()
            await self._look_at_clocks(now, stop_at)
        await self._compare()

    def _acts(self, now: datetime) -> Iterator[_Act]:
        for place, ticket in enumerate(self.script.history.tickets):
            yield _Act(self._moment(now, place, 0, ticket), ("tickets", place), ticket)
            for count, step in enumerate(ticket.steps):
                moment = self._moment(now, place, count + 1, step)
                yield _Act(moment, ("tickets", place, "steps", count), ticket, step)

    def _moment(self, now: datetime, place: int, count: int, what: OldTicket | Step) -> datetime:
        ago = what.at if isinstance(what, Step) else what.opened
        # Nobody presses a button at the full minute each time.
        seconds = (17 * place + 23 * count + 5) % 60
        return moment_of(ago, now=now, zone=self.definition.portal.time_zone, seconds=seconds)

    async def _look_at_clocks(self, until: datetime, stop_at: Callable[[datetime], object]) -> None:
        """What the worker did at its times: promises were broken when they were."""
        if not self.definition.sla_policies:
            return
        due = (
            select(Timer.due_at, Timer.subject_id)
            .where(Timer.tenant_id == self.system.tenant_id, Timer.name == LOOK)
            .where(Timer.due_at <= until)
            .order_by(Timer.due_at)
            .limit(1)
        )
        while (timer := (await self.session.execute(due)).one_or_none()) is not None:
            await stand_in(self.session, self.system)
            stop_at(timer.due_at)
            await cancel_timer(self.session, self.system, LOOK, timer.subject_id)
            await look_at_clocks(self.session, self.system, timer.subject_id)

    async def _agree(self, agreement: Agreement) -> None:
        organization_id = await organization_of(self.session, self.system, agreement.organization)
        actor = self.cast[agreement.by]
        await stand_in(self.session, actor)
        made = await create_entitlement(
            self.session, actor, organization_id=organization_id, template=agreement.template
        )
        self._agreements.setdefault(organization_id, {})[agreement.template] = made.id
        await stand_in(self.session, self.system)

    async def _perform(self, act: _Act) -> None:
        actor = self.cast[act.by]
        await stand_in(self.session, actor)
        files = await self._upload(actor, act.path)
        if act.step is None:
            await self._open(actor, act, files)
        else:
            await self._take_step(actor, act, act.step, files)
        await self.session.flush()

    async def _upload(self, actor: Actor, path: Path) -> list[UUID]:
        ids = []
        for received in self.received.get(path, ()):
            file = await store_upload(self.session, actor, received, scanned=self.scanned)
            if self.scanned:  # what was drawn up here needs no scanner
                await settle_scan(self.session, actor, file.id, State.CLEAN)
            ids.append(file.id)
        return ids

    async def _open(self, actor: Actor, act: _Act, files: list[UUID]) -> None:
        ticket = act.ticket
        asked_by = choose_form(
            self.definition,
            form_key=ticket.form,
            type_key=str(ticket.answers["type"]) if "type" in ticket.answers else None,
            side="agent" if actor.is_agent else "customer",
            roles=actor.roles,
        )
        self._forms[act.place] = asked_by
        sight = await open_ticket(
            self.session,
            actor,
            answers=self._given(act, ticket.answers),
            form=ticket.form,
            on_behalf_of=self.cast[ticket.on_behalf_of].person if ticket.on_behalf_of else None,
            private=ticket.private,
            attachment_ids=files,
        )
        self._tickets[act.place] = sight.ticket.id

    async def _take_step(self, actor: Actor, act: _Act, step: Step, files: list[UUID]) -> None:
        session, reference = self.session, str(self._tickets[act.place])
        for email in step.invite:
            await add_participant(session, actor, reference, email=email)
        if step.change or step.assign:
            await self._change(actor, act, step)
        if step.corrects:
            said = str(self._last_said[act.place, actor.person])
            await edit_comment(
                session, actor, reference, said, body=step.comment or "", expected_version=None
            )
        elif step.decide:
            await self._decide(actor, reference, step.decide, step.comment)
        elif step.comment is not None:
            await self._say(actor, act, step, files)
        elif step.move:
            await move_ticket(
                session,
                actor,
                await ticket_for(session, actor, reference, lock=True),
                transition=step.move,
                fields=self._given(act, step.fields) or None,
            )
        elif files:
            await add_files(session, actor, reference, attachment_ids=files)

    async def _decide(self, actor: Actor, reference: str, verb: str, said: str | None) -> None:
        sight = await ticket_for(self.session, actor, reference)
        for question in await pending_approvals(self.session, actor, sight.ticket.id):
            asked = question.approval
            await decide(self.session, actor, str(asked.id), decision=verb, comment=said)
            return
        raise NotPending

    async def _change(self, actor: Actor, act: _Act, step: Step) -> None:
        giving = step.assign or Giving.model_construct(to=None, team=None)
        named = {"assignee": giving.to, "team": giving.team}
        await change_ticket(
            self.session,
            actor,
            str(self._tickets[act.place]),
            expected_version=None,
            answers=self._given(act, step.change),
            team=giving.team,
            assignee_id=self.cast[giving.to].person if giving.to else None,
            assigned=frozenset(what for what, name in named.items() if name),
        )

    async def _say(self, actor: Actor, act: _Act, step: Step, files: list[UUID]) -> None:
        reference = str(self._tickets[act.place])
        said = await add_comment(
            self.session,
            actor,
            reference,
            body=step.comment or "",
            visibility=step.note or "public",
            transition=step.move,
            fields=self._given(act, step.fields) or None,
            attachment_ids=files,
        )
        self._last_said[act.place, actor.person] = said.comment.id
        if step.solution:
            await mark_solution(self.session, actor, reference, str(said.comment.id), solved=True)

    def _given(self, act: _Act, answers: Answers) -> dict[str, Any]:
        whose = self.cast[act.ticket.on_behalf_of or act.ticket.by]
        held = [self._agreements.get(each, {}) for each in whose.organizations]
        return given(
            self._forms[act.place],
            answers,
            opened=act.moment.date(),
            people=self.cast.ids,
            agreements={template: id_ for each in held for template, id_ in each.items()},
        )

    async def _compare(self) -> None:
        """Hold where the tickets stand against what the script says."""
        await stand_in(self.session, self.system)
        rows = await self.session.execute(
            select(Ticket.id, Ticket.status).where(Ticket.tenant_id == self.system.tenant_id)
        )
        status_of = {row.id: row.status for row in rows}
        for place, ticket in enumerate(self.script.history.tickets):
            status = status_of[self._tickets[place]]
            if status != ticket.ends:
                raise self._mistake(("tickets", place, "ends"), f"the ticket ends as {status!r}")

    def _mistake(self, path: Path, message: str) -> DefinitionError:
        return DefinitionError((self.script.source.mistake(path, message),))


def _said(problem: Problem) -> str:
    """What a verb refused, for whoever writes the script."""
    faults = "; ".join(f"{fault.pointer}: {fault.detail}" for fault in problem.faults)
    return f"{problem.code}: {faults or problem.detail.format_map(problem.values)}"
