"""Where the pages are."""

from urllib.parse import quote, urlencode

from app.domain.tenants.definition import Definition


def sign_in_address(slug: str, onward: str = "", error: str = "") -> str:
    """The page where one signs in to a portal, and goes on to `onward`; whoever is signed in
    already signs in anew (`prompt` is OpenID Connect's, 3.1.2.1)."""
    asked = _query(**{"continue": onward, "error": error}, prompt="login")
    return f"/portals/{quote(slug, safe='')}/sign-in{asked}"


def account_address(slug: str, onward: str = "") -> str:
    """The page where whoever is signed in already goes on, or signs in as somebody else."""
    return f"/portals/{quote(slug, safe='')}/account{_query(**{'continue': onward})}"


def consent_address(slug: str, secret: str) -> str:
    """The page where somebody answers an app."""
    return f"/portals/{quote(slug, safe='')}/consent{_query(request=secret)}"


def terms_address(slug: str, onward: str = "") -> str:
    """The page where one accepts changed terms, and goes on to `onward`."""
    return f"/portals/{quote(slug, safe='')}/terms{_query(**{'continue': onward})}"


def password_address(slug: str, onward: str = "") -> str:
    """The page where one sets another password, and goes on to `onward`."""
    return f"/portals/{quote(slug, safe='')}/password{_query(**{'continue': onward})}"


def start_address(definition: Definition, provider: str, onward: str) -> str:
    """Where signing in with a provider begins."""
    way = f"/v1/portals/{quote(definition.portal.slug, safe='')}/oidc/{quote(provider, safe='')}"
    return f"{way}/start?{urlencode({'return_to': onward})}"


def here_of(definition: Definition) -> str:
    """What the pages of a portal begin with."""
    return f"/portals/{quote(definition.portal.slug, safe='')}"


def _query(**values: str) -> str:
    given = {name: value for name, value in values.items() if value}
    return f"?{urlencode(given)}" if given else ""
