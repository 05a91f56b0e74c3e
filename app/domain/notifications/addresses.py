"""Where the links in mails lead."""

from typing import NamedTuple
from uuid import UUID

from app.domain.tenants.definition import Definition


class Addresses(NamedTuple):
    """`base`: before paths of things. `pages`: before what links do. `door`: where one comes in.
    `by_number`: whether the path of a ticket ends in its number."""

    base: str
    pages: str
    door: str
    by_number: bool = False

    def of_ticket(self, ticket_id: UUID, number: str) -> str:
        """Where a ticket is shown."""
        return f"{self.base}/tickets/{number if self.by_number else ticket_id}"


def addresses_of(definition: Definition, base_url: str) -> Addresses:
    """Of a portal's frontend. Without one, what links do has pages of ours, and things have one
    that says where to look for them: nobody is led to JSON."""
    address = definition.portal.address
    if address:
        own = address.rstrip("/")
        return Addresses(own, own, address)
    pages = base_url.rstrip("/")
    here = f"{pages}/portals/{definition.portal.slug}"
    return Addresses(here, pages, f"{here}/sign-in", by_number=True)
