"""WHAT HAPPENS WHEN, on one page.

`IN_THE_TRANSACTION`: what the next GET must already show, in the event's own transaction, as the
system. `AFTERWARDS`: what may follow a moment later, in the worker, at least once. `TIMERS`: what
is done when its time has come. Rooms say what they can do; only this page says when.
"""

from collections.abc import Mapping, Sequence

from app.domain.api_keys.reactions import revoke_keys_of_leaver
from app.domain.approvals.deciding import presume
from app.domain.approvals.lifecycle import PRESUME, REMIND, STAND_IN
from app.domain.approvals.reactions import (
    adjust_countdown_to_comment,
    dismiss_unfit_substitutes,
    sync_approvals_with_status,
)
from app.domain.approvals.reminding import remind
from app.domain.approvals.substitutes import stand_in
from app.domain.attachments.actions import sweep_unattached_upload
from app.domain.attachments.lifecycle import SWEEP_UPLOAD
from app.domain.attachments.reactions import forget_file, make_thumbnail, scan_file
from app.domain.invitations.guests import check_guests
from app.domain.invitations.reactions import (
    forget_guest_of_old_address,
    prepare_invitation,
    withdraw_leavers_invitation,
)
from app.domain.notifications.account_reactions import (
    warn_of_address,
    warn_of_password,
    warn_of_second_factor,
)
from app.domain.notifications.approval_reactions import (
    remind_of_approvals,
    tell_approvers,
    tell_of_decision,
)
from app.domain.notifications.reactions import (
    send_activation_link,
    send_invitation,
    send_password_link,
    tell_about_comment,
    tell_about_status,
    tell_about_ticket,
    tell_of_breach,
    warn_of_breach,
)
from app.domain.notifications.registration_reactions import (
    answer_registration,
    ask_for_decision,
    tell_of_refusal,
    welcome_registrant,
)
from app.domain.registrations.actions import sweep_registration
from app.domain.registrations.lifecycle import SWEEP_REGISTRATION
from app.domain.service_levels.actions import look_at_clocks
from app.domain.service_levels.following import apply_new_promises
from app.domain.service_levels.lifecycle import LOOK
from app.domain.service_levels.reactions import (
    adjust_clocks_to_change,
    adjust_clocks_to_status,
    adjust_response_clocks,
    start_clocks,
    withdraw_unanswered_comment,
)
from app.domain.sign_in.reactions import end_sessions_of_leaver, void_links_to_old_address
from app.domain.tickets.reactions import reindex_tickets, rerank_tickets
from app.jobs.queue import DEFER
from app.jobs.workbench import Afterwards, OnTime, Round
from app.jobs.worker import Duties
from app.journal import Reactions
from app.journal.reactions import InTransaction

IN_THE_TRANSACTION: Mapping[str, Sequence[InTransaction]] = {
    "person.changed": [void_links_to_old_address, forget_guest_of_old_address],
    "person.deactivated": [
        end_sessions_of_leaver,
        withdraw_leavers_invitation,
        revoke_keys_of_leaver,
        dismiss_unfit_substitutes,
    ],
    "person.rights_changed": [dismiss_unfit_substitutes],
    "ticket.opened": [sync_approvals_with_status, start_clocks],
    "ticket.changed": [adjust_clocks_to_change],
    "ticket.status_changed": [sync_approvals_with_status, adjust_clocks_to_status],
    "comment.added": [adjust_countdown_to_comment, adjust_response_clocks],
    "comment.withdrawn": [withdraw_unanswered_comment],
}

AFTERWARDS: Mapping[str, Sequence[Afterwards]] = {
    "ticket.opened": [tell_about_ticket],
    "ticket.status_changed": [tell_about_status],
    "comment.added": [tell_about_comment],
    "approval.asked": [tell_approvers],
    "approval.decided": [tell_of_decision],
    "approval.reminder_due": [remind_of_approvals],
    "service_level.warned": [warn_of_breach],
    "service_level.breached": [tell_of_breach],
    "attachment.added": [make_thumbnail],
    "attachment.scanned": [make_thumbnail],
    "upload.held": [scan_file],
    "upload.discarded": [forget_file],
    "password.reset_asked": [send_password_link],
    "invitation.issued": [prepare_invitation],
    "invitation.prepared": [send_invitation],
    "portal.definition_applied": [rerank_tickets, reindex_tickets, apply_new_promises],
    "person.portal_opened": [send_activation_link],
    "person.changed": [warn_of_address],
    "password.changed": [warn_of_password],
    "second_factor.added": [warn_of_second_factor],
    "second_factor.removed": [warn_of_second_factor],
    "registration.asked": [answer_registration],
    "registration.confirmed": [ask_for_decision],
    "registration.approved": [welcome_registrant],
    "registration.refused": [tell_of_refusal],
}

TIMERS: Mapping[str, OnTime] = {
    SWEEP_UPLOAD: sweep_unattached_upload,
    REMIND: remind,
    PRESUME: presume,
    STAND_IN: stand_in,
    SWEEP_REGISTRATION: sweep_registration,
    LOOK: look_at_clocks,
}


#: What is done about every hour.
ROUNDS: Sequence[Round] = (check_guests,)


def reactions() -> Reactions:
    """For sessions: what an event causes at once, and what it puts into the queue."""
    return Reactions(
        in_the_transaction=IN_THE_TRANSACTION,
        afterwards={
            event: [reaction.__name__ for reaction in reactions]
            for event, reactions in AFTERWARDS.items()
        },
        defer=DEFER,
    )


def duties() -> Duties:
    """For the worker: what it does, by name."""
    return Duties(
        afterwards={
            reaction.__name__: reaction
            for reactions in AFTERWARDS.values()
            for reaction in reactions
        },
        timers=TIMERS,
        rounds=ROUNDS,
    )
