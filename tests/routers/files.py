"""What tests of files have in common: uploading, attaching, looking into the storage."""

import io
from pathlib import Path
from typing import Any

import httpx2
from PIL import Image

from tests.desk import Desk

Client = httpx2.AsyncClient
NEW_TICKET = {"type": "support", "subject": "Totals are wrong", "description": "By one."}


def picture() -> bytes:
    target = io.BytesIO()
    Image.new("RGB", (900, 600), "red").save(target, "PNG")
    return target.getvalue()


def named(name: str) -> dict[str, str]:
    return {
        "Content-Disposition": f"attachment; filename*=UTF-8''{name}",
        "Content-Type": "application/octet-stream",
    }


async def uploaded(client: Client, data: bytes = b"a note", name: str = "note.txt") -> str:
    answer = await client.post("/v1/attachments", content=data, headers=named(name))
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def ticket_with(client: Client, *files: str) -> str:
    new = {**NEW_TICKET, "attachment_ids": files}
    answer = await client.post("/v1/tickets", json=new)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def comment_with(client: Client, ticket: str, visibility: str, file: str) -> None:
    new = {"body": "See the file.", "visibility": visibility, "attachment_ids": [file]}
    answer = await client.post(f"/v1/tickets/{ticket}/comments", json=new)
    assert answer.status_code == 201, answer.text


async def entry(client: Client, file: str) -> dict[str, Any]:
    answer = await client.get(f"/v1/attachments/{file}")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def statuses(client: Client, *files: str) -> list[int]:
    return [(await client.get(f"/v1/attachments/{file}")).status_code for file in files]


def kept(desk: Desk) -> set[str]:
    """Names of what lies in the storage."""
    return {file.name for file in storage_of(desk).rglob("*") if file.is_file()}


def storage_of(desk: Desk) -> Path:
    return Path(desk.settings.storage_address.removeprefix("file://"))
