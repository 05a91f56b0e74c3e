"""API keys as they are shown."""

from typing import Any

from app.domain.api_keys.queries import KeyView
from app.schemas.api_keys import ApiKeyMade, ApiKeySecretShape, ApiKeyShape
from app.schemas.base import OrganizationReference, PersonReference


def whole(view: KeyView) -> ApiKeyShape:
    """A key, without what it is."""
    return ApiKeyShape(**_whole(view))


def made(view: KeyView, secret: str) -> ApiKeyMade:
    """A key with its new secret: the one time it is shown."""
    return ApiKeyMade(**_whole(view), key=secret)


def _whole(view: KeyView) -> dict[str, Any]:
    key, company = view.key, view.organization
    used = [each.last_used_at for each in view.secrets if each.last_used_at]
    return {
        "id": key.id,
        "name": key.name,
        "person": PersonReference(id=view.owner.id, name=view.owner.name),
        "organization": OrganizationReference(id=company.id, name=company.name)
        if company
        else None,
        "scopes": key.scopes,
        "state": view.state,
        "created_at": key.created_at,
        "expires_at": view.secrets[0].expires_at,
        "last_used_at": max(used, default=None),
        "secrets": [
            ApiKeySecretShape(
                created_at=each.created_at,
                expires_at=each.expires_at,
                last_used_at=each.last_used_at,
            )
            for each in view.live
        ],
    }
