"""The mails about registrations.

A mail to an unconfirmed address repeats nothing of what was entered but the address: otherwise
anybody could have the portal send any text to anybody."""

from app.domain.notifications.letters import Facts, Letter, Reader, validity


def confirm(reader: Reader, *, portal: str, link: str, minutes: int) -> Letter:
    """To the address of a registration, to verify that it is theirs."""
    return Letter(
        language=reader.language,
        subject=reader.say("Confirm your address for {portal}", portal=portal),
        heading=reader.say("Confirm your address"),
        paragraphs=(
            reader.say(
                "Somebody, most likely you, asked for access to {portal} with this address.",
                portal=portal,
            ),
            validity(reader, minutes),
        ),
        button=reader.say("Confirm and choose a password"),
        link=link,
        spell_out_link=reader.say("If the button does not work, copy this address:"),
        afterwards=(reader.say("If it was not you, do nothing: nobody gets access."),),
        why=_entered(reader, portal),
    )


def known(reader: Reader, *, portal: str, email: str, link: str, minutes: int) -> Letter:
    """To somebody who has an account and whose address was registered again."""
    return Letter(
        language=reader.language,
        subject=reader.say("You have access to {portal} already", portal=portal),
        heading=reader.say("You have access already"),
        paragraphs=(
            reader.say(
                "Somebody, most likely you, asked for access to {portal} with this address.",
                portal=portal,
            ),
            reader.say("Your user name is your e-mail address: {email}", email=email),
            reader.say("Sign in with it. If you forgot your password, choose a new one."),
            validity(reader, minutes),
        ),
        button=reader.say("Choose a new password"),
        link=link,
        spell_out_link=reader.say("If the button does not work, copy this address:"),
        afterwards=(reader.say("If it was not you, do nothing: your password stays as it is."),),
        why=_entered(reader, portal),
    )


def not_open_yet(reader: Reader, *, portal: str, contact: str, link: str) -> Letter:
    """To somebody who asks for access, and is known but was not given access yet."""
    return Letter(
        language=reader.language,
        subject=reader.say("Your access to {portal} is not open yet", portal=portal),
        heading=reader.say("Your access is not open yet"),
        paragraphs=(
            reader.say("{portal} knows you, but nobody has opened it for you.", portal=portal),
            reader.say("Ask for it at {contact}.", contact=contact),
        ),
        button=reader.say("Open {portal}", portal=portal),
        link=link,
        why=_entered(reader, portal),
    )


def waiting(reader: Reader, *, portal: str, link: str) -> Letter:
    """To somebody who asks again while the registration waits."""
    return Letter(
        language=reader.language,
        subject=reader.say("Your request for access to {portal}", portal=portal),
        heading=reader.say("Your request is being looked at"),
        paragraphs=(reader.say("You get a mail as soon as somebody has decided."),),
        button=reader.say("Open {portal}", portal=portal),
        link=link,
        why=_entered(reader, portal),
    )


def decision(
    reader: Reader, *, portal: str, name: str, facts: Facts, body: str, link: str
) -> Letter:
    """To whoever may let somebody in."""
    return Letter(
        language=reader.language,
        subject=reader.say("{name} asks for access to {portal}", name=name, portal=portal),
        heading=reader.say("{name} asks for access", name=name),
        body=body,
        facts=facts,
        button=reader.say("Decide"),
        link=link,
        why=reader.say(
            "You get this mail because you decide who gets access to {portal}.", portal=portal
        ),
    )


def approved(reader: Reader, *, portal: str, name: str, email: str, link: str) -> Letter:
    """To somebody who was let in."""
    return Letter(
        language=reader.language,
        subject=reader.say("Welcome to {portal}", portal=portal),
        heading=reader.say("Welcome to {portal}", portal=portal),
        paragraphs=(
            reader.say("Hello {name}, your access is ready.", name=name),
            reader.say("Your user name is your e-mail address: {email}", email=email),
            reader.say("Sign in with the password you chose."),
        ),
        button=reader.say("Open {portal}", portal=portal),
        link=link,
        why=_asked(reader, portal),
    )


def refused(reader: Reader, *, portal: str, reason: str, link: str) -> Letter:
    """To somebody who was not let in, with the reason."""
    return Letter(
        language=reader.language,
        subject=reader.say("Your request for access to {portal}", portal=portal),
        heading=reader.say("You were not given access"),
        paragraphs=(
            reader.say("Your request for access to {portal} was turned down.", portal=portal),
        ),
        body=reason,
        button=reader.say("Open {portal}", portal=portal),
        link=link,
        why=_asked(reader, portal),
    )


def _asked(reader: Reader, portal: str) -> str:
    return reader.say("You get this mail because you asked for access to {portal}.", portal=portal)


def _entered(reader: Reader, portal: str) -> str:
    return reader.say(
        "You get this mail because your address was entered to register with {portal}.",
        portal=portal,
    )
