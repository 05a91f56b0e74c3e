"""The mails about the security of an account. They contain no secret: reading them in somebody
else's mailbox is of no use."""

from dataclasses import dataclass

from app.domain.notifications.letters import Letter, Reader


@dataclass(frozen=True, slots=True)
class Account:
    """The account, its portal, when something happened to it, and whom to contact."""

    portal: str
    email: str
    when: str
    contact: str
    door: str


def password_changed(reader: Reader, account: Account) -> Letter:
    """To somebody whose password was changed."""
    return _warning(
        reader,
        account,
        reader.say("Your password was changed"),
        reader.say("Whoever was signed in to your account was signed out."),
    )


def second_factor_added(reader: Reader, account: Account) -> Letter:
    """To somebody who added a second factor."""
    return _warning(
        reader,
        account,
        reader.say("A second factor was added to your account"),
        reader.say("A code of an authenticator app is asked for when you sign in."),
    )


def second_factor_removed(reader: Reader, account: Account) -> Letter:
    """To somebody who removed a second factor."""
    return _warning(
        reader,
        account,
        reader.say("A second factor was removed from your account"),
        reader.say("Codes of that authenticator app are not taken any more."),
    )


def second_factors_reset(reader: Reader, account: Account) -> Letter:
    """To somebody whose second factors were all removed by somebody of the portal."""
    return _warning(
        reader,
        account,
        reader.say("The second factors of your account were reset"),
        reader.say("Somebody who looks after the portal did it. Add a new one when you sign in."),
    )


def address_changed(reader: Reader, account: Account) -> Letter:
    """To the previous address of an account. It does not name the new one."""
    return _warning(
        reader,
        account,
        reader.say("The e-mail address of your account was changed"),
        reader.say("This is the last mail to {email}.", email=account.email),
        by_password=False,
    )


def _warning(
    reader: Reader, account: Account, heading: str, effect: str, *, by_password: bool = True
) -> Letter:
    mend = reader.say("If it was not you, write to {contact} at once.", contact=account.contact)
    if by_password:
        mend = reader.say(
            "If it was not you, choose a new password at once and write to {contact}.",
            contact=account.contact,
        )
    return Letter(
        language=reader.language,
        subject=f"{account.portal}: {heading}",
        heading=heading,
        paragraphs=(effect,),
        facts=(
            (reader.say("Account"), account.email),
            (reader.say("When"), account.when),
        ),
        afterwards=(reader.say("If it was you, there is nothing to do."), mend),
        button=reader.say("Open {portal}", portal=account.portal),
        link=account.door,
        why=reader.say(
            "You get this mail because it is about the security of your account at {portal}.",
            portal=account.portal,
        ),
    )
