"""Who is told of what: the reasons in the order in which they count. Pure.

The other side is told (S0-26, S0-27): of a customer's act the agents, of an agent's act the
requester and the participants. The assignee is told of notes (S4-15)."""

from typing import Literal

#: Why somebody is told. `desk` is resolved to `assignee`, else `team`, else `department`.
Reason = Literal["requester", "participant", "assignee", "team", "department"]
Circle = Literal["requester", "participants", "assignee", "desk"]

_CUSTOMERS: tuple[Circle, ...] = ("requester", "participants")
_DESK: tuple[Circle, ...] = ("desk",)


def told_of_comment(visibility: str, author_side: str) -> tuple[Circle, ...]:
    """Who is told of a comment, by its visibility and the side of its author."""
    match visibility:
        case "public":
            return _DESK if author_side == "customer" else _CUSTOMERS
        case "private":
            return _DESK
        case "internal":
            return ("assignee",)
        case _:
            return ()


def told_of_status(actor_side: str) -> tuple[Circle, ...]:
    """Who is told that a ticket has another status, or is closed (S1-20)."""
    return _DESK if actor_side == "customer" else _CUSTOMERS


def told_of_opening(actor_side: str) -> tuple[Circle, ...]:
    """Who is told of a new ticket: the agents (S0-14), and the requester when an agent opened
    it."""
    return _DESK if actor_side == "customer" else ("requester", "desk")


def told_of_promise() -> tuple[Circle, ...]:
    """Who is told that a service level is about to be breached, or was (S0-15): those who can
    act."""
    return _DESK


def may_be_mailed(state: str, *, muted: bool) -> bool:
    """Whether somebody is mailed about tickets at all. Invited people are: a customer gets answers
    before ever signing in (S0-28)."""
    return state != "inactive" and not muted
