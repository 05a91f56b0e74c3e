"""External references: how another system calls a ticket, person or organization (S3-22)."""

from typing import NamedTuple


class Reference(NamedTuple):
    """Another system (`source`) and its key there; unique in a tenant for each kind of thing."""

    source: str
    key: str
