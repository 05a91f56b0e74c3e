"""Where the links in mails lead."""

from typing import NamedTuple

from app.domain.tenants.definition import Definition


class Addresses(NamedTuple):
    """`base`: before paths of things. `pages`: before what links do. `door`: where one comes in."""

    base: str
    pages: str
    door: str


def addresses_of(definition: Definition, base_url: str) -> Addresses:
    """Of a portal's frontend. Without one things are where the API has them, and what links do has
    pages of ours."""
    address = definition.portal.address
    if address:
        own = address.rstrip("/")
        return Addresses(own, own, address)
    pages = base_url.rstrip("/")
    return Addresses(f"{pages}/v1", pages, f"{pages}/portals/{definition.portal.slug}/sign-in")
