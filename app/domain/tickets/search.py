"""Full-text search: from what somebody typed to a query, and the tickets that match it.

Words are looked up in the tenant's language, in the subject, the description and the comments the
caller may read. Quotes make a phrase, `or` joins alternatives, `-` excludes, and the last word may
be incomplete. All words must occur in the ticket itself, or in one comment together with the
subject. A database function behind the wall searches (migration `0004`): nothing is found that may
not be read."""

import re
from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.domain.tenants.queries import definition_of
from app.domain.tickets.policy import may_note

#: Of more tickets than this, those opened last are found.
MOST = 5000

#: Signs that part words; the texts are cut by the same ones.
_SEPARATORS = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~«»“”„‘’‚–—…·•¿¡§¶\u00a0"
_NOTHING = {ord(sign): " " for sign in _SEPARATORS}
_TYPED_QUOTES = str.maketrans("“”„«»", '"""""')
_PIECE = re.compile(r'(?P<quoted>(?<!\S)-?"[^"]*(?:"|$))|(?P<plain>[^\s"]+)')
_FIND = text("SELECT wall.search_tickets(:phrase, :begins, :notes, :whole, :most)")


class Sought(NamedTuple):
    """A query in the syntax of `websearch_to_tsquery`; `begins` says that its last word may be the
    beginning of one."""

    phrase: str
    begins: bool


def sought(typed: str, number_prefix: str) -> Sought | None:
    """What somebody typed as a query; `None` where it has no word.

    `CRM-1042` asks for the number 1042, where `number_prefix` is CRM."""
    number = re.compile(rf"(?<![^\s\"]){re.escape(number_prefix)}-([0-9]{{1,9}})\b", re.IGNORECASE)
    typed = number.sub(r"\1", typed.translate(_TYPED_QUOTES))
    pieces = [piece for match in _PIECE.finditer(typed) if (piece := _piece(match))]
    if not any(letter.isalnum() for piece in pieces for letter in piece):
        return None
    # A number is meant as it stands: 104 does not ask for 1042.
    begins = pieces[-1][0] not in '-"' and typed[-1].isalpha()
    return Sought(" ".join(pieces), begins)


def _piece(match: re.Match[str]) -> str:
    """A word or a quoted phrase without separators; empty where nothing is left."""
    whole = match[0]
    left_out = "-" if whole.startswith("-") else ""
    words = " ".join(whole.translate(_NOTHING).split())
    if not words:
        return ""
    several = match["quoted"] is not None or (left_out and " " in words)
    return f'{left_out}"{words}"' if several else left_out + words


async def tickets_with(session: AsyncSession, actor: Actor, typed: str) -> Sequence[UUID]:
    """The ids of the tickets that match, at most `MOST`; the caller's own conditions are still to
    be applied."""
    definition = await definition_of(session, actor)
    looked_for = sought(typed, definition.portal.number_prefix)
    if looked_for is None:
        return ()
    found = await session.scalars(
        _FIND,
        {
            **looked_for._asdict(),
            "notes": may_note(actor),
            "whole": actor.organizations_where("tickets:read:organization"),
            "most": MOST,
        },
    )
    return found.all()
