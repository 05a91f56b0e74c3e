"""Apps, and what is asked for them, as they are shown."""

from collections.abc import Iterable
from typing import Any

from app.access.permissions import PERMISSIONS
from app.domain.apps.authorizing import ConsentRequest
from app.kernel.locale import translate
from app.models.apps import App, AppConsent
from app.models.people import Person
from app.schemas.apps import (
    AllowedApp,
    AppReference,
    AppRegistered,
    AppShape,
    Authorization,
    ScopeInWords,
)
from app.schemas.base import PersonReference


def whole(app: App, account: Person | None) -> AppShape:
    """An app, without its secret."""
    return AppShape(**_whole(app, account))


def registered(app: App, account: Person | None, secret: str | None) -> AppRegistered:
    """An app with its new secret: the one time it is shown."""
    return AppRegistered(**_whole(app, account), client_secret=secret)


def _whole(app: App, account: Person | None) -> dict[str, Any]:
    return {
        "id": app.id,
        "name": app.name,
        "kind": app.kind,
        "redirect_uris": app.redirect_uris,
        "scopes": app.scopes,
        "origins": app.origins,
        "service_account": PersonReference(id=account.id, name=account.name) if account else None,
        "introspects": app.introspects,
        "created_at": app.created_at,
        "updated_at": app.updated_at,
    }


def authorization(asked: ConsentRequest, person: Person, language: str | None) -> Authorization:
    """What an app asks of somebody."""
    return Authorization(
        app=AppReference(id=asked.app.id, name=asked.app.name),
        redirect_uri=asked.request.redirect_uri,
        scopes=in_words(asked.scopes, language),
        person=PersonReference(id=person.id, name=person.name),
        allowed_before=asked.allowed_before,
        expires_at=asked.request.expires_at,
    )


def allowed(consent: AppConsent, app: App, language: str | None) -> AllowedApp:
    """What somebody lets an app do."""
    held = [scope for scope in consent.scopes if scope in app.scopes]
    return AllowedApp(
        app=AppReference(id=app.id, name=app.name),
        scopes=in_words(held, language),
        allowed_at=consent.allowed_at,
    )


def in_words(scopes: Iterable[str], language: str | None) -> list[ScopeInWords]:
    """Permissions and what they let one do, in a language."""
    return [
        ScopeInWords(key=scope, label=translate(PERMISSIONS[scope], language))
        for scope in scopes
        if scope in PERMISSIONS
    ]
