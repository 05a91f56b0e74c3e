"""What the pages say that ask for a yes: to an invitation, to terms, to an app."""

from collections.abc import Mapping, Sequence
from urllib.parse import quote

from app.domain.tenants.definition import Definition
from app.domain.tenants.definition.identity import Terms
from app.kernel.locale import label, translate
from app.web.pages.addresses import consent_address, here_of, sign_in_address
from app.web.pages.page import Button, Field, Form, Link, Mistake, Page
from app.web.pages.words import new_password


def invitation(
    definition: Definition,
    *,
    token: str,
    name: str,
    inviter: str | None,
    organization: str | None,
    local: bool,
    ways: Sequence[Button],
    leads_to: Sequence[str],
    least: int,
    mistake: Mistake | None = None,
) -> Page:
    """Where the link of an invitation leads: what is accepted, and how one comes in (S0-2).
    `leads_to`: where the pages of providers are."""
    portal = definition.portal.name
    lead = [translate("Welcome, {name}.", name=name)]
    if inviter and organization:
        lead.append(
            translate(
                "{inviter} invites you to {portal} for {organization}.",
                inviter=inviter,
                portal=portal,
                organization=organization,
            )
        )
    else:
        lead.append(translate("You are invited to {portal}.", portal=portal))
    fields = _terms(definition.sign_in.terms)
    if local:
        fields += (new_password(least),)
    return Page(
        title=translate("Your invitation"),
        lead=tuple(lead),
        mistake=mistake,
        form=Form(
            action=f"/invitations/{quote(token, safe='')}",
            button=translate("Accept and come in") if local else "",
            hidden=_version(definition.sign_in.terms),
            fields=fields,
            besides=tuple(ways),
        ),
        leads_to=tuple(leads_to) if ways else (),
    )


def account(definition: Definition, *, person: str, onward: str) -> Page:
    """Where whoever is signed in already goes on, or lets somebody else sign in."""
    return Page(
        title=translate("Choose an account"),
        lead=(
            translate(
                "Signed in to {portal} as {name}.", portal=definition.portal.name, name=person
            ),
        ),
        onward=Link(translate("Go on as {name}", name=person), onward),
        links=(
            Link(
                translate("Sign in as somebody else"),
                sign_in_address(definition.portal.slug, onward),
            ),
        ),
    )


def consent(
    definition: Definition,
    *,
    secret: str,
    app: str,
    person: str,
    scopes: Sequence[str],
    leads_to: str,
) -> Page:
    """Where somebody lets an app act for him, or does not (RFC 6749, 4.1.1)."""
    slug = definition.portal.slug
    return Page(
        title=translate("Let {app} act for you?", app=app),
        lead=(
            translate(
                "Signed in to {portal} as {name}.", portal=definition.portal.name, name=person
            ),
            translate("Within your own rights it may:"),
        ),
        points=tuple(scopes),
        form=Form(
            action=f"{here_of(definition)}/consent",
            button=translate("Allow"),
            hidden={"request": secret},
            besides=(Button("deny", "yes", translate("Do not allow")),),
        ),
        links=(
            Link(
                translate("Sign in as somebody else"),
                sign_in_address(slug, consent_address(slug, secret)),
            ),
        ),
        leads_to=(leads_to,),
    )


def terms(
    definition: Definition, held: Terms, *, onward: str, mistake: Mistake | None = None
) -> Page:
    """Where somebody accepts terms that have changed since (S0-4)."""
    return Page(
        title=translate("The terms have changed"),
        lead=(
            translate("Read what is new in {portal} and accept it.", portal=definition.portal.name),
        ),
        mistake=mistake,
        form=Form(
            action=f"{here_of(definition)}/terms",
            button=translate("Accept"),
            hidden=_version(held) | {"continue": onward},
            fields=_terms(held),
        ),
        leads_to=(onward,),
    )


def accepted_steps(held: Terms | None, sent: Mapping[str, str]) -> list[str]:
    """What was said yes to in a form of terms."""
    return [step.key for step in held.steps if sent.get(_step(step.key))] if held else []


def _terms(held: Terms | None) -> tuple[Field, ...]:
    return tuple(
        Field(
            _step(step.key),
            label(step.labels),
            "checkbox",
            hint=label(step.text),
            url=step.url or "",
        )
        for step in (held.steps if held else ())
    )


def _version(held: Terms | None) -> dict[str, str]:
    return {"terms_version": held.version} if held else {}


def _step(key: str) -> str:
    return f"accept-{key}"
