"""How another system calls something of ours (S3-22)."""

from typing import NamedTuple


class Reference(NamedTuple):
    """Another system, and its name for something; of each kind of thing it names one."""

    source: str
    key: str
