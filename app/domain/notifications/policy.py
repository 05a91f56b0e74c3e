"""Who is told of what, as pure law: reasons in the order they count, and who never is.

The other side is told (S0-26, S0-27): a customer's act reaches the agents' desk, an agent's act
reaches the requester and the participants. Notes reach the agent in charge (S4-15).
"""

from typing import Literal

#: Why somebody is told. `desk` is resolved to `assignee`, else `team`, else `department`.
Reason = Literal["requester", "participant", "assignee", "team", "department"]
Circle = Literal["requester", "participants", "assignee", "desk"]

_CUSTOMERS: tuple[Circle, ...] = ("requester", "participants")
_DESK: tuple[Circle, ...] = ("desk",)


def told_of_comment(visibility: str, author_side: str) -> tuple[Circle, ...]:
    """Who hears of a comment, by what it is and which side wrote it."""
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
    """Who hears that a ticket has moved, or is closed (S1-20)."""
    return _DESK if actor_side == "customer" else _CUSTOMERS


def told_of_opening(actor_side: str) -> tuple[Circle, ...]:
    """Who hears of a new ticket: the desk (S0-14), and whoever it was opened for by an agent."""
    return _DESK if actor_side == "customer" else ("requester", "desk")


def told_of_promise() -> tuple[Circle, ...]:
    """Who hears that a promise is about to be broken, or was (S0-15): whoever can still act."""
    return _DESK


def may_be_mailed(state: str, *, muted: bool) -> bool:
    """Whether somebody is mailed about tickets at all. Somebody invited is: a customer is
    answered before he has ever signed in (S0-28)."""
    return state != "inactive" and not muted
