"""Who may do what with what, as tables to be read beside the rules of the trade: what each role may
do with each thing. What each route needs stands in `routes.py`.

Words of the tables, each allowing what stands before it:
  -        there is none: answered as a random id is
  read     may look
  comment  may look and say something
  update   may look, say something and change it
  .        the role has no such thing
"""

from collections.abc import Mapping
from typing import Literal

Level = Literal["-", "read", "comment", "update"]
LEVELS: tuple[Level, ...] = ("-", "read", "comment", "update")


def _table(text: str) -> dict[str, dict[str, Level]]:
    """A table as written below: role → column → level."""
    head, *lines = (line for line in text.splitlines() if line.strip())
    columns = head.split()[1:]
    found: dict[str, dict[str, Level]] = {}
    for line in lines:
        role, *cells = (part.strip() for part in line.split("|"))
        levels = cells[0].split()
        assert len(levels) == len(columns), f"{role}: {levels}"
        found[role] = {
            column.replace("_", " "): level  # type: ignore[misc]
            for column, level in zip(columns, levels, strict=True)
            if level != "."
        }
    return found


#: own               what the role itself has asked for
#: own_confidential  the same, in the confidential department
#: acme              of Acme's second member (a colleague, for Acme's people)
#: private           the same, private to him
#: confidential      the same, in the confidential department (HR)
#: elsewhere         the same, in a department besides the agents'
#: globex            of a member of the other organization
#: shared            of Acme's second member, in which `participant` takes part
TICKETS = _table(
    """
role                own own_confidential acme private confidential elsewhere globex shared
member           |  update  .       -       -       .       .       -       -
user             |  comment .       -       -       .       .       -       -
company reader   |  comment .       read    -       .       .       -       read
company admin    |  update  update  update  -       -       update  -       update
participant      |  update  update  -       -       -       -       -       comment
agent            |  .       .       update  update  -       update  update  update
department agent |  .       .       update  update  -       -       update  update
agent elsewhere  |  .       .       -       -       -       update  -       -
confidant        |  .       .       -       -       update  -       -       -
lead             |  .       .       update  update  update  update  update  update
tenant admin     |  .       .       update  update  update  update  update  update
"""
)

#: On a ticket that the role may read: which comments, and what hangs on them. `reply` is a lead's
#: public one, `public` and `private` are the requester's, `internal` is a lead's note.
COMMENTS: Mapping[str, tuple[str, ...]] = {
    "requester": ("reply", "public", "private"),
    "customer": ("reply", "public"),
    "agent": ("reply", "public", "private", "internal"),
}

#: self      the role itself
#: colleague Acme's second member
#: stranger  a member of Globex
#: agent     an agent
#: boss      the tenant's administrator
PEOPLE = _table(
    """
role                self    colleague stranger agent boss
member           |  read    -       -       -       -
user             |  read    -       -       -       -
company reader   |  read    -       -       -       -
company admin    |  read    read    -       -       -
participant      |  read    -       -       -       -
agent            |  .       update  update  read    read
department agent |  .       update  update  .       read
agent elsewhere  |  .       update  update  read    read
confidant        |  .       update  update  read    read
lead             |  .       update  update  update  read
tenant admin     |  .       update  update  update  .
"""
)

ORGANIZATIONS = _table(
    """
role                acme    globex
member           |  read    -
user             |  read    -
company reader   |  read    -
company admin    |  read    -
participant      |  -       read
agent            |  update  update
department agent |  update  update
agent elsewhere  |  update  update
confidant        |  update  update
lead             |  update  update
tenant admin     |  update  update
"""
)

#: Only `tvox` has agreements here.
ENTITLEMENTS = _table(
    """
role                acme    globex
user             |  read    -
company reader   |  read    -
"""
)

#: admin    acts as the tenant's administrator
#: lead     as the lead
#: company  as the company's administrator
#: service  as a service account of the tenant's
API_KEYS = _table(
    """
role                admin   lead    company service
member           |  .       .       .       .
user             |  .       .       .       .
company reader   |  .       .       .       .
company admin    |  -       -       update  -
participant      |  -       -       -       -
agent            |  -       -       -       -
department agent |  -       -       -       -
agent elsewhere  |  -       -       -       -
confidant        |  -       -       -       -
lead             |  -       update  -       -
tenant admin     |  update  read    read    update
"""
)

#: import  a program of a directory, bound to a service account of the tenant's
PROGRAMS = _table(
    """
role                import
company admin    |  -
participant      |  -
agent            |  -
department agent |  -
agent elsewhere  |  -
confidant        |  -
lead             |  -
tenant admin     |  update
"""
)

#: pocket  an app of the tenant
APPS = _table(
    """
role                pocket
company admin    |  -
participant      |  -
agent            |  -
department agent |  -
agent elsewhere  |  -
confidant        |  -
lead             |  -
tenant admin     |  update
"""
)

#: waiting  somebody with an address of Acme's e-mail domain. No portal here says that company
#:          administrators let people in.
REGISTRATIONS = _table(
    """
role                waiting
member           |  -
user             |  -
company reader   |  -
company admin    |  -
participant      |  -
agent            |  update
department agent |  update
agent elsewhere  |  update
confidant        |  update
lead             |  update
tenant admin     |  update
"""
)

CUSTOMERS = ("member", "user", "company reader", "company admin", "participant")
AGENTS = ("agent", "department agent", "agent elsewhere", "confidant", "lead", "tenant admin")
