"""The addresses that links in mails lead to."""

from typing import NamedTuple
from uuid import UUID

from app.domain.tenants.definition import Definition


class Addresses(NamedTuple):
    """`base`: before the paths of tickets and the like. `pages`: before the paths of pages with a
    link's secret. `door`: the page to sign in. `by_number`: whether the path of a ticket ends in
    its number."""

    base: str
    pages: str
    door: str
    by_number: bool = False

    def of_ticket(self, ticket_id: UUID, number: str) -> str:
        """Where a ticket is shown."""
        return f"{self.base}/tickets/{number if self.by_number else ticket_id}"


def addresses_of(definition: Definition, base_url: str) -> Addresses:
    """The addresses of a portal's frontend. Without one, pages of ours take its place: nobody is
    led to JSON."""
    address = definition.portal.address
    if address:
        own = address.rstrip("/")
        return Addresses(own, own, address)
    pages = base_url.rstrip("/")
    here = f"{pages}/portals/{definition.portal.slug}"
    return Addresses(here, pages, f"{here}/sign-in", by_number=True)
