"""Whatever is sent, by whomever: no failure, and no answer that the document does not know.

Schemathesis reads the document and makes requests from it that fit, nearly fit and do not fit, the
same ones in every run. It is told real ids for the paths, so that it gets past "not found".
"""

import sys
from pathlib import Path

import pytest

from tests.contract.programs import run
from tests.served import Served

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

PORTAL = "crm-service"
ROLES = {
    "member": "member@acme.example",
    "company admin": "company-admin@acme.example",
    "agent": "agent@crm.example",
    "lead": "lead@crm.example",
    "nobody": None,
}
# Left out, as one answer of it would end the run: it signs the caller out.
ENDS_THE_SESSION = "end_session"
REFUSALS = [400, 401, 403, 404, 405, 408, 409, 412, 413, 415, 416, 422, 428, 429, 431]
# What fits the document may still be refused by a rule of the trade that no schema can say.
EXCLUDED_CHECKS = "positive_data_acceptance"


@pytest.fixture(scope="module")
def known(served: Served) -> dict[str, list[str]]:
    """Path parameter → values that lead somewhere: a ticket with a comment and a file, people."""
    member = served.person(PORTAL, ROLES["member"] or "")
    lead = served.person(PORTAL, ROLES["lead"] or "")
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


@pytest.mark.parametrize("role", ROLES)
def test_nothing_that_is_sent_gets_an_undocumented_answer(
    role: str, served: Served, known: dict[str, list[str]], tmp_path: Path
) -> None:
    config = tmp_path / "schemathesis.toml"
    config.write_text(_config(known))
    person = ROLES[role]
    as_whom = []
    if person:
        token = served.person(PORTAL, person).headers["Authorization"]
        as_whom = ["--header", f"Authorization: {token}"]
    ended = run(
        [
            *(Path(sys.executable).parent / "st", "--config-file", config),
            *("run", f"{served.base}/openapi.json", *as_whom),
            *("--generation-deterministic", "--max-examples", "3", "--no-shrink", "--no-color"),
            *("--phases", "examples,coverage,fuzzing", "--exclude-checks", EXCLUDED_CHECKS),
            *("--exclude-operation-id", ENDS_THE_SESSION, "--warnings", "off"),
        ],
        cwd=tmp_path,
    )
    assert ended.returncode == 0, ended.stdout


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
