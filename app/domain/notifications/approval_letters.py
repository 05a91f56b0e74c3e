"""The mails about approvals. Following their links decides nothing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from app.domain.notifications.letters import Letter, Matter, Reader, letter_about


@dataclass(frozen=True, slots=True)
class Waiting:
    """An approval that waits for the reader. `presumed` is the answer that silence will count as,
    `hours` after this mail; empty where silence does not count yet."""

    number: str
    subject: str
    link: str
    presumed: str = ""
    hours: int = 0


def asked(
    reader: Reader, matter: Matter, *, question: str, answers: Sequence[str], body: str
) -> Letter:
    """To an approver: what is to be approved, and where to decide (S2-10). `question` is the name
    of what is asked, `body` the words that came with it."""
    heading = reader.say("{number} waits for your approval", number=matter.number)
    facts = [(reader.say("Question"), question)] if question else []
    facts.append((reader.say("Possible answers"), " · ".join(answers)))
    why = reader.say(
        "You get this mail because you are asked to approve {number}.", number=matter.number
    )
    matter = replace(matter, facts=(*matter.facts, *facts))
    letter = letter_about(reader, matter, heading, body=body, why=why)
    return replace(letter, button=reader.say("Answer"))


def settled(reader: Reader, matter: Matter, *, name: str, question: str, answer: str) -> Letter:
    """To agents: their question was answered."""
    heading = reader.say(
        "{name} answered in {number}: {answer}", name=name, number=matter.number, answer=answer
    )
    why = reader.say(
        "You get this mail because you asked for an approval in {number}.", number=matter.number
    )
    return letter_about(reader, matter, heading, body=question, why=why)


def presumed(
    reader: Reader, matter: Matter, *, answer: str, closed: bool, reopens_for: int | None
) -> Letter:
    """To both sides: nobody answered, which counts as an answer (S2-18)."""
    heading = reader.say("{number} counts as approved", number=matter.number)
    letter = letter_about(reader, matter, heading)
    silence = reader.say(
        "No answer came after the reminder, which counts as “{answer}”.", answer=answer
    )
    paragraphs = [*letter.paragraphs, silence]
    if closed:
        paragraphs.append(reader.say("{number} is closed", number=matter.number) + ".")
    if closed and reopens_for:
        paragraphs.append(
            reader.say(
                "If that is not right, write a comment within {days} days: it opens again.",
                days=reopens_for,
            )
        )
    return replace(letter, paragraphs=tuple(paragraphs))


def reminder(reader: Reader, *, portal: str, waiting: Sequence[Waiting], link: str) -> Letter:
    """To whoever has not answered: one mail for everything that waits (S2-17)."""
    return Letter(
        language=reader.language,
        subject=reader.say("Reminder: your answer is awaited"),
        heading=reader.say("Your answer is awaited"),
        paragraphs=(reader.say("You have not answered these yet:"),),
        facts=tuple((each.number, each.subject or each.link) for each in waiting),
        afterwards=tuple(_warnings(reader, waiting)),
        button=reader.say("Answer"),
        link=waiting[0].link if len(waiting) == 1 else link,
        why=reader.say(
            "You get this mail because you are asked in {portal}. Reminders come to those who"
            " want no other mails, too.",
            portal=portal,
        ),
    )


def _warnings(reader: Reader, waiting: Iterable[Waiting]) -> Iterable[str]:
    """What silence will be taken for, once for all that it holds for alike."""
    due = sorted((each.hours, each.presumed, each.number) for each in waiting if each.presumed)
    for (hours, answer), group in groupby(due, key=lambda each: each[:2]):
        yield reader.say(
            "Without an answer within {hours} hours of this mail, this counts as “{answer}”:"
            " {numbers}. A comment stops that.",
            hours=hours,
            answer=answer,
            numbers=", ".join(number for _, _, number in group),
        )
