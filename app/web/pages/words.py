"""What the pages say. Each function is a page; sentences are message ids of `app/locales`."""

import re
from collections.abc import Sequence
from io import BytesIO
from urllib.parse import quote

import segno

from app.domain.tenants.definition import Definition
from app.kernel.locale import label, translate
from app.kernel.problems import Problem, catalogue
from app.web.pages.addresses import here_of, sign_in_address
from app.web.pages.page import Field, Form, Link, Mistake, Page


def sign_in(
    definition: Definition,
    *,
    onward: str,
    ways: Sequence[Link] = (),
    email: str = "",
    mistake: Mistake | None = None,
) -> Page:
    """Where somebody signs in; `onward` is where he goes then."""
    here, form = here_of(definition), None
    if definition.sign_in.local.enabled:
        form = Form(
            action=f"{here}/sign-in",
            button=translate("Sign in"),
            hidden={"continue": onward},
            fields=(
                Field("email", translate("E-mail address"), "email", email, "", "username"),
                Field(
                    "password", translate("Password"), "password", autocomplete="current-password"
                ),
            ),
        )
    forgotten = Link(translate("Forgot your password?"), f"{here}/forgotten-password")
    return Page(
        title=translate("Sign in"),
        mistake=mistake,
        ways=tuple(ways),
        form=form,
        links=((forgotten, *_registering(definition)) if form else ()),
        leads_to=(onward, *(way.url for way in ways)),
    )


def second_factor(
    definition: Definition, *, challenge: str, onward: str, mistake: Mistake | None = None
) -> Page:
    """Where the app's code is asked for."""
    return Page(
        title=translate("Confirm that it is you"),
        lead=(translate("Type the six digits that your authenticator app shows now."),),
        mistake=mistake,
        form=_code_form(definition, challenge, onward, recovery=True),
        links=(_again(definition, onward),),
        leads_to=(onward,),
    )


def first_factor(
    definition: Definition,
    *,
    challenge: str,
    onward: str,
    address: str,
    secret: str,
    mistake: Mistake | None = None,
) -> Page:
    """Where somebody adds the second factor that the portal asks for."""
    return Page(
        title=translate("Add a second factor"),
        lead=(
            translate("This portal asks you for a code of an authenticator app when you sign in."),
            translate("Scan the picture with the app, then type the six digits it shows."),
        ),
        mistake=mistake,
        picture=_qr(address),
        picture_text=" ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
        form=_code_form(definition, challenge, onward),
        links=(_again(definition, onward),),
        leads_to=(onward,),
    )


def recovery_codes(codes: Sequence[str], *, onward: str) -> Page:
    """The codes that came with the first factor, shown this once."""
    return Page(
        title=translate("Your recovery codes"),
        lead=(
            translate("Each of them stands in for your phone once, should you lose it."),
            translate("They are shown this once."),
        ),
        codes=tuple(codes),
        onward=Link(translate("Go on"), onward),
    )


def signed_in(definition: Definition, name: str) -> Page:
    """Where somebody arrives who asked for no other place."""
    here = here_of(definition)
    return Page(
        title=translate("You are signed in"),
        lead=(
            translate("Signed in to {portal} as {name}.", portal=definition.portal.name, name=name),
        ),
        form=Form(action=f"{here}/sign-out", button=translate("Sign out")),
    )


def signed_out(definition: Definition) -> Page:
    """Where somebody arrives who has signed out."""
    return Page(
        title=translate("You are signed out"),
        onward=Link(translate("Sign in again"), f"{here_of(definition)}/sign-in"),
    )


def elsewhere(definition: Definition, number: str = "") -> Page:
    """Where a link in a mail leads when the provider shows things in an app that we know no address
    of. `number` is a ticket's; what is none is not repeated."""
    portal = definition.portal.name
    if re.fullmatch(rf"{definition.portal.number_prefix}-[0-9]{{1,12}}", number):
        title = number
        lead = (
            translate(
                "{portal} shows {number} in an app or on a website of its own, not here.",
                portal=portal,
                number=number,
            ),
            translate("Look for {number} there, to read and answer it.", number=number),
        )
    else:
        title = portal
        lead = (
            translate(
                "{portal} shows this in an app or on a website of its own, not here.", portal=portal
            ),
            translate("Look for it there, to read and answer it."),
        )
    links = tuple(Link(label(link.labels), link.url) for link in definition.portal.links)
    return Page(title=title, lead=lead, links=links)


def forgotten_password(definition: Definition, mistake: Mistake | None = None) -> Page:
    """Where a link for a new password is asked for."""
    here = here_of(definition)
    return Page(
        title=translate("Get a new password"),
        lead=(translate("A link to set a new one is mailed to your address."),),
        mistake=mistake,
        form=Form(
            action=f"{here}/forgotten-password",
            button=translate("Send the link"),
            fields=(Field("email", translate("E-mail address"), "email", autocomplete="username"),),
        ),
        links=(Link(translate("Back to signing in"), f"{here}/sign-in"),),
    )


def mail_is_on_its_way(definition: Definition) -> Page:
    """After the form: the same page whether anybody has the address or not."""
    return Page(
        title=translate("Look into your mailbox"),
        lead=(
            translate("If somebody has this address here, a link to set a password is on its way."),
            translate("It works for one hour. Look among unwanted mails too."),
        ),
        links=(Link(translate("Back to signing in"), f"{here_of(definition)}/sign-in"),),
    )


def set_password(
    definition: Definition, *, token: str, least: int, first: bool, mistake: Mistake | None = None
) -> Page:
    """Where a link from a mail sets a password."""
    return Page(
        title=translate("Choose a password") if first else translate("Choose a new password"),
        lead=(translate("For {portal}.", portal=definition.portal.name),),
        mistake=mistake,
        form=Form(
            action=f"/password-resets/{quote(token, safe='')}",
            button=translate("Save the password"),
            fields=(new_password(least),),
        ),
    )


def password_is_set(definition: Definition) -> Page:
    """A password was set by a link."""
    return Page(
        title=translate("Your password is saved"),
        onward=Link(translate("Sign in"), f"{here_of(definition)}/sign-in"),
    )


def change_password(
    definition: Definition, *, least: int, onward: str, mistake: Mistake | None = None
) -> Page:
    """Where somebody must set another password before he goes on (S4-20)."""
    return Page(
        title=translate("Choose a new password"),
        lead=(translate("You need another password before you go on."),),
        mistake=mistake,
        form=Form(
            action=f"{here_of(definition)}/password",
            button=translate("Save the password"),
            hidden={"continue": onward},
            fields=(
                Field(
                    "present",
                    translate("Present password"),
                    "password",
                    autocomplete="current-password",
                ),
                new_password(least),
            ),
        ),
        leads_to=(onward,),
    )


def refusal(problem: Problem) -> Page:
    """That something did not work, and what to do."""
    found = mistake_of(problem)
    return Page(title=found.title, lead=(found.detail,) if found.detail else ())


def mistake_of(problem: Problem) -> Mistake:
    """A refusal as a form shows it, beside the field it is about."""
    fault = problem.faults[0] if problem.faults else None
    title = translate(problem.title)
    detail = translate(problem.detail, **problem.values)
    if fault is not None:
        detail = translate(fault.detail, **fault.values)
    field = (fault.pointer or "").strip("/") if fault else ""
    return Mistake(title, "" if detail == title else detail, field or None)


def mistake_called(code: str) -> Mistake | None:
    """What an `error=<code>` says that came back with somebody who could not sign in."""
    known = next((kind for kind in catalogue() if kind.code == code), None)
    if known is None:
        return None
    return Mistake(translate(known.title), "" if "{" in known.detail else translate(known.detail))


def label_of_first_factor() -> str:
    """What a factor is called that was added on the way in."""
    return translate("Authenticator app")


def _code_form(
    definition: Definition,
    challenge: str,
    onward: str,
    *,
    recovery: bool = False,
) -> Form:
    hint = translate("Lost your phone? Type one of your recovery codes.") if recovery else ""
    return Form(
        action=f"{here_of(definition)}/sign-in/factor",
        button=translate("Confirm"),
        hidden={"challenge": challenge, "continue": onward},
        fields=(Field("code", translate("Code"), "code", "", hint, "one-time-code"),),
    )


def new_password(least: int) -> Field:
    """Where a new password is typed."""
    hint = translate("At least {least} characters; a sentence is easy to remember.", least=least)
    return Field("password", translate("New password"), "password", "", hint, "new-password")


def _registering(definition: Definition) -> tuple[Link, ...]:
    """The way to ask to be let in, where the portal takes that."""
    if definition.sign_in.local.self_registration is None:
        return ()
    return (Link(translate("Ask for access"), f"{here_of(definition)}/register"),)


def _again(definition: Definition, onward: str) -> Link:
    slug = definition.portal.slug
    return Link(translate("Back to signing in"), sign_in_address(slug, onward))


def _qr(address: str) -> str:
    drawn = BytesIO()
    segno.make(address, error="m").save(
        drawn, kind="svg", xmldecl=False, svgns=False, omitsize=True, border=2, nl=False
    )
    return drawn.getvalue().decode()
