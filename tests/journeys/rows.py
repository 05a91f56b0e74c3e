"""The rows: what five real portals do, in our own words; and the table of what proves each.

A journey cites the rows it proves in its docstring. `python -m tests.journeys.rows` writes the
table in `README.md` anew; `test_rows.py` keeps it true.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

FOLDER = Path(__file__).parent
README = FOLDER / "README.md"
_CITED = re.compile(r"(S\d)-(\d+)(?: to (S\d)-(\d+))?")

_INTRODUCTION = """\
# Journeys: what must be replaceable, and what proves it

Skranke must be able to replace five customer portals; each of them is one shipped portal
definition (`app/portals/`). Every row below is something one of them does, in our own words, and
`S3-13` is how the code and its tests speak of it. A row is done when a journey in this folder
proves it: over HTTP, against a served installation with its worker.

Rows marked *frontend* are a page's own matter: they count as proven when the API gives all that
the page needs. Rows marked *reduced* are proven in the part that belongs to a backend.

This table is written by `python -m tests.journeys.rows` from the docstrings of the journeys.
"""


def titles() -> dict[str, str]:
    """The five systems, by their key."""
    return {key: words for key, words in _lines() if "-" not in key}


def rows() -> dict[str, str]:
    """What each row asks for, by its number."""
    return {key: words for key, words in _lines() if "-" in key}


def _lines() -> Iterator[tuple[str, str]]:
    for line in _ROWS.strip().splitlines():
        key, _, words = line.partition(" | ")
        yield key, words


def proofs() -> dict[str, list[str]]:
    """Row → the journeys that cite it, as `file.py::test`."""
    found: dict[str, list[str]] = {}
    for file in sorted(FOLDER.glob("test_*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                for row in _rows_in(ast.get_docstring(node) or ""):
                    found.setdefault(row, []).append(f"{file.name}::{node.name}")
    return found


def _rows_in(text: str) -> Iterator[str]:
    for system, first, end_system, last in _CITED.findall(text):
        until = int(last) if end_system == system else int(first)
        yield from (f"{system}-{number}" for number in range(int(first), until + 1))


def table() -> str:
    """The whole README."""
    proven = proofs()
    parts = [_INTRODUCTION]
    done = sum(row in proven for row in rows())
    parts.append(f"Proven: {done} of {len(rows())}.\n")
    for system, title in titles().items():
        parts.append(f"## {system}: {title}\n\n| row | what | proven by |\n|---|---|---|")
        for row, words in rows().items():
            if row.startswith(f"{system}-"):
                tests = "<br>".join(f"`{test}`" for test in proven.get(row, [])) or "not yet"
                parts[-1] += f"\n| {row} | {words} | {tests} |"
        parts[-1] += "\n"
    return "\n".join(parts)


_ROWS = """
S0 | Skill, a consultancy's portal for customers (Norwegian)
S0-1 | The provider invites a contact by e-mail
S0-2 | The contact completes registration by the link in that mail
S0-3 | The link belongs to that one invitation; no other way in works
S0-4 | Two consents, both needed before access
S0-5 | The contact becomes a guest in the provider's directory
S0-6 | Sign-in with a Microsoft account
S0-7 | The account must be the one that was invited
S0-8 | From the public web site to the sign-in and on (frontend)
S0-9 | Tickets are opened from the front page and from the list (frontend)
S0-10 | The form is filled in as well as one can: few fields are required
S0-11 | Fields: title, customer, contact, service, severity, type, entitlement, text, file
S0-12 | Customer and contact come from who is signed in
S0-13 | Files at creation
S0-14 | The provider is told of a new ticket
S0-15 | Tickets are handled within the customer's service level
S0-16 | Overview of open and closed tickets with their status
S0-17 | Filters: status, service, severity, type
S0-18 | Filters are chosen together and applied in one step (frontend)
S0-19 | A ticket is opened by its number
S0-20 | The ticket page: status first, then number, severity, contact, type and the rest
S0-21 | The system gives the number
S0-22 | Severity is optional; the agent may set it
S0-23 | Service: the kind of technology it is about
S0-24 | Entitlement: the agreement it is charged to
S0-25 | One conversation per ticket between customer and agent, with files
S0-26 | A customer's comment mails the agent
S0-27 | An agent's comment mails the customer, with the answer in it
S0-28 | So nobody has to sit in the portal
S0-29 | The conversation is shown shortened; "show more" brings the rest
S0-30 | A message is text and perhaps a file, sent in one go
S0-31 | Customers may propose changes to the portal (a type of ticket)
S0-32 | The tenant's status stands inside a fixed, coarser state
S1 | Sensedesk, self-service for several departments (Norwegian)
S1-1 | End users and contacts outside sign in, open and follow tickets
S1-2 | They get at a part of the system only
S1-3 | The provider brands the portal: logo, texts, fonts, colours
S1-4 | What users are called differs: words are configurable
S1-5 | One sees all one's own tickets, open and closed
S1-6 | Search in earlier tickets
S1-7 | New tickets through several forms
S1-8 | Answers on one's own tickets
S1-9 | Files on tickets and on answers
S1-10 | Search in the FAQ
S1-11 | Published links
S1-12 | Being told of changes in operation
S1-13 | Other kinds of request
S1-14 | Approving tasks
S1-15 | A new ticket goes to a predefined group
S1-16 | It shows under "my requests"
S1-17 | Some agents are mailed about new tickets, each by his own setting
S1-18 | An agent's answer mails the customer and shows in the portal
S1-19 | The customer answers in the portal or by answering the mail
S1-20 | Closing a solved ticket mails the customer
S1-21 | Several departments, each a box in the catalogue
S1-22 | Department first, then one of its forms
S1-23 | Forms are designed by the provider per department
S1-24 | Forms with pages, many questions, required fields and rules
S1-25 | Sending a form makes a ticket that holds its content
S1-26 | Tickets by plain mail to each department
S1-27 | Answers are kept structured
S1-28 | Agents' folders: inbox, groups, all, saved searches
S1-29 | External links, dashboard, planner
S1-30 | Parts of the agents' page (frontend)
S1-31 | User settings, sign out
S1-32 | Who is calling: look-up by number
S1-33 | Personal notes
S1-34 | History of a ticket
S1-35 | Standard fields
S1-36 | Creating tickets by form and by template
S1-37 | Adding answers, changing content
S1-38 | Tasks
S1-39 | Internal notes
S1-40 | Solutions
S1-41 | Forwarding a ticket
S1-42 | Completing tickets
S1-43 | Categories and tags
S1-44 | Accepting an unknown sender
S1-45 | Re-opening closed tickets
S1-46 | Search: global, advanced, by column, all of a contact
S1-47 | Outlook (reduced: mail and calendar feeds it reads)
S1-48 | Text messages
S1-49 | Time registration
S1-50 | Export to Excel
S1-51 | Tickets by mail with CC
S1-52 | An outgoing mail that is itself a ticket
S1-53 | Reports, also by mail
S1-54 | Tablets and phones (frontend)
S1-55 | Designing workflows
S1-56 | Security and privacy documents (reduced: no remote control)
S2 | Extend Commerce, a supplier's desk with approval (Swedish)
S2-1 | One way to open tickets: the portal
S2-2 | That is a setting of this tenant
S2-3 | Sign-in with name and password
S2-4 | A lost password is set anew by mail
S2-5 | The type is chosen first
S2-6 | Types that are no technical fault are charged for, and say so
S2-7 | The provider may change the type
S2-8 | Form and fields depend on the type
S2-9 | Created is registered
S2-10 | A mended ticket needs the customer's approval in the portal
S2-11 | List of active and of closed tickets with status
S2-12 | Comments in the portal
S2-13 | Comments by answering the mail
S2-14 | What approval means: tested, may go to production
S2-15 | Two ways to say yes: "tested ok" and "approved"
S2-16 | They are there in that phase only
S2-17 | A reminder after a longer silence
S2-18 | 24 hours later: closed, approval presumed
S2-19 | Chat for simple questions
S2-20 | A way to get a user
S2-21 | The types are explained to customers
S3 | CRM-service, basic users and company admins (Finnish)
S3-1 | Access for certain contacts of customer companies
S3-2 | For help, work orders and error reports
S3-3 | Files such as screenshots
S3-4 | Two kinds of user: basic and company admin
S3-5 | Basic: opens, sees and changes his own, sees what others did to it
S3-6 | Company admin: sees, changes and answers all of his company's
S3-7 | The role is set per user in the portal
S3-8 | Activation by mail (a link in place of a password)
S3-9 | The user name is the e-mail address
S3-10 | A forgotten password is set anew by mail
S3-11 | A ticket has title, description, category, severity, priority
S3-12 | Exactly one category: Support, Bug, Work Order
S3-13 | Severity for bugs alone; else always "Severity 10 – Not in SLA"
S3-14 | Priority: urgency as the customer sees it
S3-15 | Sending it
S3-16 | From then on all is said in comments, by both sides
S3-17 | A comment may change the status in the same step
S3-18 | The newest comment first
S3-19 | Files at creation and later, by both sides
S3-20 | Filters with several values: status, category, severity, priority, "my tickets"
S3-21 | Sorting by any field shown
S3-22 | External references and events, to connect any CRM
S4 | TVox, contacts let in by agents, two charts (Italian)
S4-1 | Customers follow, read and manage tickets
S4-2 | The user exists in the address book, with an e-mail address
S4-3 | An agent opens the portal for him
S4-4 | That needs a permission of its own
S4-5 | A role is chosen: user or company user
S4-6 | Credentials by mail (a link in place of a password)
S4-7 | The user changes his password
S4-8 | Two charts of tickets in progress by status: company's and own
S4-9 | Statuses with colours: new, open, pending, closed
S4-10 | Two lists: all tickets, my tickets
S4-11 | Reading single tickets, writing in one's own
S4-12 | User: reads and writes his own only
S4-13 | Company user: reads and counts all of the company's, writes in his own
S4-14 | Each ticket has a service, whose name may depend on the contract
S4-15 | The customer's private note to the agent
S4-16 | New tickets by mail only
S4-17 | Tickets made by mail show in the portal
S4-18 | Report of customers' sign-ins
S4-19 | The portal inside a company's own site
S4-20 | A forced change of password
"""

if __name__ == "__main__":
    README.write_text(table())
