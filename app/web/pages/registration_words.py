"""What the pages say to those who ask to be let in themselves. Each function is a page."""

from urllib.parse import quote

from app.domain.tenants.definition import Definition
from app.kernel.locale import translate
from app.web.pages.addresses import here_of, sign_in_address
from app.web.pages.page import Field, Form, Link, Mistake, Page
from app.web.pages.words import new_password


def register(
    definition: Definition, name: str = "", email: str = "", mistake: Mistake | None = None
) -> Page:
    """Where somebody asks to be let in."""
    return Page(
        title=translate("Ask for access"),
        lead=(translate("A link to confirm your address is mailed to you."),),
        mistake=mistake,
        form=Form(
            action=f"{here_of(definition)}/register",
            button=translate("Send the link"),
            fields=(
                Field("name", translate("Name"), "text", name, "", "name"),
                Field("email", translate("E-mail address"), "email", email, "", "email"),
            ),
        ),
        links=(_back(definition),),
    )


def link_is_on_its_way(definition: Definition) -> Page:
    """After the form: the same page whether anybody has the address or not."""
    return Page(
        title=translate("Look into your mailbox"),
        lead=(
            translate("What you need to go on is on its way to your address."),
            translate("Look among unwanted mails too."),
        ),
        links=(_back(definition),),
    )


def confirm(
    definition: Definition, *, token: str, email: str, least: int, mistake: Mistake | None = None
) -> Page:
    """Where the link from the mail confirms an address and sets a password."""
    return Page(
        title=translate("Choose a password"),
        lead=(
            translate(
                "You will sign in to {portal} as {name}.", portal=definition.portal.name, name=email
            ),
        ),
        mistake=mistake,
        form=Form(
            action=f"/registrations/{quote(token, safe='')}",
            button=translate("Save the password"),
            fields=(new_password(least),),
        ),
    )


def confirmed(definition: Definition, *, waits: bool) -> Page:
    """An address was confirmed: somebody decides, or one may sign in."""
    if waits:
        return Page(
            title=translate("Your request is being looked at"),
            lead=(translate("You get a mail as soon as somebody has decided."),),
        )
    return Page(
        title=translate("Your password is saved"),
        onward=Link(translate("Sign in"), sign_in_address(definition.portal.slug)),
    )


def _back(definition: Definition) -> Link:
    return Link(translate("Back to signing in"), sign_in_address(definition.portal.slug))
