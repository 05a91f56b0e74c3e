"""Whatever is sent, by whomever: no failure, and no answer that the document does not know.

Schemathesis reads the document and makes requests from it that fit, nearly fit and do not fit, the
same ones in every run. It is told real ids for the paths, so that it gets past "not found".

At a desk each role meets a quarter of the operations, drawn anew in each run; where `CI` is set,
all.
"""

import random
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from tests.cluster import Addresses
from tests.contract.conftest import installation
from tests.contract.document import Document
from tests.contract.programs import run
from tests.measure import IN_FULL
from tests.served import Served

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

PORTAL = "crm-service"
PEOPLE = {
    "member": "member@acme.example",
    "company admin": "company-admin@acme.example",
    "agent": "agent@crm.example",
    "lead": "lead@crm.example",
}
# What does not fit the document is refused before anybody asks who sent it, so it is sent by the
# one whom nothing else stops; the others send what fits.
KINDS = {"nobody": "positive", **dict.fromkeys(PEOPLE, "positive"), "lead": "all"}
# Left out, as one answer of it would end the run: it signs the caller out.
ENDS_THE_SESSION = "end_session"
# Fewer of an operation, on average, would mean that the document was not understood.
FEWEST_CASES = 3
REFUSALS = [400, 401, 403, 404, 405, 408, 409, 412, 413, 415, 416, 422, 428, 429, 431]
# What fits the document may still be refused by a rule of the trade that no schema can say.
EXCLUDED_CHECKS = "positive_data_acceptance"


@pytest.fixture(scope="module")
def served(addresses: Addresses, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """An installation of its own: what is sent shuts people out."""
    with installation(addresses, tmp_path_factory.mktemp("fuzz")) as running:
        yield running


@pytest.fixture(scope="module")
def signed_in(served: Served) -> dict[str, httpx2.Client]:
    """Everybody, signed in before the guessing begins: guesses close accounts for a while."""
    return {role: served.person(PORTAL, email) for role, email in PEOPLE.items()}


@pytest.fixture(scope="module")
def known(signed_in: dict[str, httpx2.Client]) -> dict[str, list[str]]:
    """Path parameter → values that lead somewhere: a ticket with a comment and a file, people."""
    member, lead = signed_in["member"], signed_in["lead"]
    file = member.post("/v1/attachments", content=b"It breaks.\n").json()["id"]
    spare = member.post("/v1/attachments", content=b"It still breaks.\n").json()["id"]
    ticket = member.post(
        "/v1/tickets",
        json={"type": "bug", "subject": "It breaks", "description": "Always.", "severity": "sev3"}
        | {"attachment_ids": [file]},
    ).json()
    comment = member.post(f"/v1/tickets/{ticket['id']}/comments", json={"body": "Still."}).json()
    person = member.get("/v1/me").json()
    return {
        "attachment": [file, spare],
        "comment": [comment["id"]],
        "form": ["ticket"],
        "organization": [place["organization"]["id"] for place in person["memberships"]],
        "person": [person["id"], lead.get("/v1/me").json()["id"]],
        "portal": [PORTAL],
        "team": ["crm-team"],
        "ticket": [ticket["id"], ticket["number"]],
    }


@pytest.mark.parametrize("role", KINDS)
def test_nothing_that_is_sent_gets_an_undocumented_answer(
    role: str,
    served: Served,
    signed_in: dict[str, httpx2.Client],
    known: dict[str, list[str]],
    document: Document,
    tmp_path: Path,
) -> None:
    operations = [each.id for each in document.operations() if each.id != ENDS_THE_SESSION]
    if not IN_FULL:
        operations = random.sample(operations, len(operations) // 4)
    config = tmp_path / "schemathesis.toml"
    config.write_text(_config(known))
    as_whom = []
    if role in signed_in:
        as_whom = ["--header", f"Authorization: {signed_in[role].headers['Authorization']}"]
    ended = run(
        [
            *(Path(sys.executable).parent / "st", "--config-file", config),
            *("run", f"{served.base}/openapi.json", *as_whom, "--mode", KINDS[role]),
            *("--generation-deterministic", "--no-shrink", "--no-color", "--warnings", "off"),
            *("--phases", "examples,coverage", "--exclude-checks", EXCLUDED_CHECKS),
            *(word for each in operations for word in ("--include-operation-id", each)),
        ],
        cwd=tmp_path,
        seconds=380,
    )
    assert ended.returncode == 0, ended.stdout
    made = re.search(r"(\d+) generated", ended.stdout)
    assert made is not None, ended.stdout
    assert int(made[1]) > FEWEST_CASES * len(operations), ended.stdout


def _config(known: dict[str, list[str]]) -> str:
    """Draw each path parameter from the known values, mostly; refusals have more statuses than
    schemathesis knows of."""
    lines = [
        "[checks]",
        f"negative_data_rejection.expected-statuses = {REFUSALS}",
        f"missing_required_header.expected-statuses = {REFUSALS}",
    ]
    for name, values in known.items():
        lines += [f"[dictionaries.{name}]", f"values = {values!r}"]
    lines.append("[parameters]")
    lines += [f'"path.{name}" = {{ dictionary = "{name}", probability = 0.8 }}' for name in known]
    return "\n".join(lines)
