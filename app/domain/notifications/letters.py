"""The texts of mails: one function for each, in the reader's language, always with the reason for
it.

Sentences avoid the word for a ticket, which each portal may choose (S1-4), and use its number.
Their translations are in `app/locales`."""

from dataclasses import dataclass, field
from typing import Literal

from app.kernel.locale import translate

_PREVIEW = 140
Facts = tuple[tuple[str, str], ...]
Purpose = Literal["activation", "password_reset"]


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail as content: `body` is Markdown, everything else is plain text."""

    language: str
    subject: str
    heading: str
    button: str
    link: str
    why: str
    about: str = ""
    notice: str = ""
    paragraphs: tuple[str, ...] = ()
    body: str = ""
    facts: Facts = ()
    afterwards: tuple[str, ...] = ()
    spell_out_link: str = ""

    @property
    def preview(self) -> str:
        """What a list of mails shows beside the subject."""
        first = " ".join((self.body or " ".join(self.paragraphs)).split())
        return first[:_PREVIEW]


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads the mail, and why; `team` is the name of the team or department that is told."""

    language: str
    reason: str
    team: str = ""

    def say(self, sentence: str, **values: str | int) -> str:
        """A sentence in the reader's language."""
        return translate(sentence, self.language, **values)


@dataclass(frozen=True, slots=True)
class Matter:
    """The ticket a mail is about. With `link_only` its words stay out of mails (sensitive desks);
    `files` are names of files that came with what is told."""

    number: str
    subject: str
    link: str
    link_only: bool = False
    facts: Facts = ()
    files: tuple[str, ...] = field(default=())


def new_ticket(reader: Reader, matter: Matter, *, requester: str, body: str) -> Letter:
    """To agents: a new ticket (S0-14, S1-17)."""
    heading = reader.say("{name} opened {number}", name=requester, number=matter.number)
    return letter_about(reader, matter, heading, body=body)


def opened_for_you(reader: Reader, matter: Matter, *, agent: str, body: str) -> Letter:
    """To a customer: an agent opened a ticket for them."""
    heading = reader.say("{name} opened {number} for you", name=agent, number=matter.number)
    return letter_about(reader, matter, heading, body=body)


def comment(reader: Reader, matter: Matter, *, author: str, visibility: str, body: str) -> Letter:
    """To the other side: what was written, with the text itself (S0-27, S3-16, S4-15)."""
    values = {"name": author, "number": matter.number}
    match visibility:
        case "internal":
            heading = reader.say("{name} left an internal note in {number}", **values)
            notice = reader.say("Only agents see this note.")
        case "private":
            heading = reader.say("{name} left a private note in {number}", **values)
            notice = reader.say("Only its author and agents see this note.")
        case _:
            heading, notice = reader.say("{name} wrote in {number}", **values), ""
    return letter_about(reader, matter, heading, body=body, notice=notice)


def status_changed(reader: Reader, matter: Matter, *, status: str, closed: bool) -> Letter:
    """To the other side: the ticket has another status, or is closed (S1-20)."""
    if closed:
        heading = reader.say("{number} is closed", number=matter.number)
    else:
        heading = reader.say("{number} is now: {status}", number=matter.number, status=status)
    return letter_about(reader, matter, heading)


def password_reset(reader: Reader, *, portal: str, email: str, link: str, minutes: int) -> Letter:
    """To somebody who forgot the password: a link to set a new one (S2-4, S3-10, S4-20)."""
    return Letter(
        language=reader.language,
        subject=reader.say("Choose a new password for {portal}", portal=portal),
        heading=reader.say("Choose a new password"),
        paragraphs=(
            reader.say(
                "Somebody, most likely you, asked for a new password for {email}.", email=email
            ),
            validity(reader, minutes),
        ),
        button=reader.say("Choose a new password"),
        link=link,
        spell_out_link=reader.say("If the button does not work, copy this address:"),
        afterwards=(reader.say("If it was not you, do nothing: your password stays as it is."),),
        why=reader.say(
            "You get this mail because your address was entered on the sign-in page of {portal}.",
            portal=portal,
        ),
    )


def activation(
    reader: Reader, *, portal: str, name: str, email: str, link: str, minutes: int
) -> Letter:
    """To somebody who gets access: a link instead of a mailed password (S3-8, S4-6)."""
    return Letter(
        language=reader.language,
        subject=reader.say("Welcome to {portal}", portal=portal),
        heading=reader.say("Welcome to {portal}", portal=portal),
        paragraphs=(
            reader.say("Hello {name}, your access is ready.", name=name),
            reader.say("Your user name is your e-mail address: {email}", email=email),
            reader.say("Choose a password to begin."),
            validity(reader, minutes),
        ),
        button=reader.say("Choose a password"),
        link=link,
        spell_out_link=reader.say("If the button does not work, copy this address:"),
        why=reader.say(
            "You get this mail because you were given access to {portal}.", portal=portal
        ),
    )


def invitation(
    reader: Reader, *, portal: str, name: str, inviter: str | None, link: str, minutes: int
) -> Letter:
    """To somebody who is invited: a personal link that works once (S0-1 to S0-3)."""
    asked = (
        reader.say(
            "Hello {name}, {inviter} invites you to {portal}.",
            name=name,
            inviter=inviter,
            portal=portal,
        )
        if inviter
        else reader.say("Hello {name}, you are invited to {portal}.", name=name, portal=portal)
    )
    return Letter(
        language=reader.language,
        subject=reader.say("Your invitation to {portal}", portal=portal),
        heading=reader.say("Your invitation to {portal}", portal=portal),
        paragraphs=(
            asked,
            reader.say("Follow the link to accept; it is meant for you alone and leads you in."),
            validity(reader, minutes),
        ),
        button=reader.say("Accept the invitation"),
        link=link,
        spell_out_link=reader.say("If the button does not work, copy this address:"),
        afterwards=(reader.say("If you do not expect it, do nothing."),),
        why=reader.say("You get this mail because you were invited to {portal}.", portal=portal),
    )


def letter_about(
    reader: Reader,
    matter: Matter,
    heading: str,
    *,
    body: str = "",
    notice: str = "",
    why: str = "",
) -> Letter:
    """A letter about a ticket; where its words stay out of mails, without them."""
    paragraphs: tuple[str, ...] = ()
    facts = matter.facts
    if matter.link_only:
        subject = f"[{matter.number}]"
        body, facts = "", ()
        paragraphs = (reader.say("Its content is confidential and is shown in the portal only."),)
    else:
        subject = f"[{matter.number}] {matter.subject}"
        if matter.files:
            facts = (*facts, (reader.say("Files"), ", ".join(matter.files)))
    return Letter(
        language=reader.language,
        subject=subject,
        heading=heading,
        about="" if matter.link_only else matter.subject,
        notice=notice,
        paragraphs=paragraphs,
        body=body,
        facts=facts,
        button=reader.say("Open {number}", number=matter.number),
        link=matter.link,
        why=why or _why(reader, matter.number),
    )


def _why(reader: Reader, number: str) -> str:
    match reader.reason:
        case "requester":
            return reader.say(
                "You get this mail because {number} is registered in your name.", number=number
            )
        case "participant":
            return reader.say("You get this mail because you take part in {number}.", number=number)
        case "assignee":
            return reader.say(
                "You get this mail because {number} is assigned to you.", number=number
            )
        case "team":
            return reader.say(
                "You get this mail because {number} is for your team, {team}, and is assigned to"
                " nobody.",
                number=number,
                team=reader.team,
            )
        case "department":
            return reader.say(
                "You get this mail because {number} is for your department, {team}, and is assigned"
                " to nobody.",
                number=number,
                team=reader.team,
            )
        case unknown:
            raise ValueError(f"no sentence says why: {unknown}")


def validity(reader: Reader, minutes: int) -> str:
    """For how long a link works."""
    day, hour = 24 * 60, 60
    if minutes >= 2 * day:
        return reader.say("The link works once, within {days} days.", days=minutes // day)
    if minutes >= 2 * hour:
        return reader.say("The link works once, within {hours} hours.", hours=minutes // hour)
    return reader.say("The link works once, within {minutes} minutes.", minutes=minutes)
