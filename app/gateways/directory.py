"""A tenant's directory at Microsoft (Graph): guests invited, and asked whether they are there.

As the application itself (client credentials): `User.Invite.All`, `User.Read.All`.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import SecretStr

from app.gateways.failures import GatewayFailure
from app.gateways.outgoing import Answer, Outgoing, OutgoingFailed, OutgoingRefused

#: What Graph takes in one `in (…)`.
_AT_ONCE = 15
_ID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


class DirectoryUnavailable(GatewayFailure):
    """The directory does not answer as it should; nothing is known. `reason` is a code."""


class DirectoryRefused(GatewayFailure):
    """The directory will not do this, now or later. `reason` is a code of ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Directory:
    """One directory, asked as one application."""

    outgoing: Outgoing
    authority: str
    directory: str
    graph: str
    client_id: str
    client_secret: SecretStr

    async def invite(self, *, email: str, name: str, language: str, return_to: str) -> str:
        """Make a guest, or find the one there is: his object id. Microsoft mails nothing.

        Raises `DirectoryRefused`, `DirectoryUnavailable`."""
        sent = {
            "invitedUserEmailAddress": email,
            "invitedUserDisplayName": name,
            "inviteRedirectUrl": return_to,
            "sendInvitationMessage": False,
            "invitedUserMessageInfo": {"messageLanguage": language},
        }
        answer = await self._ask("POST", "/v1.0/invitations", json=sent)
        if answer.status in {400, 403}:
            raise DirectoryRefused("directory-refused")
        if answer.status != 201:
            raise DirectoryUnavailable(f"status-{answer.status}")
        user = _object(answer).get("invitedUser")
        found = user.get("id") if isinstance(user, dict) else None
        if not isinstance(found, str) or not _ID.fullmatch(found):
            raise DirectoryUnavailable("no-user")
        return found.lower()

    async def gone(self, user_ids: Collection[str]) -> set[str]:
        """Which of these are no longer there, or may no longer sign in there.

        Nobody is gone because of an answer that fails: raises `DirectoryUnavailable`."""
        asked = sorted(user_ids)
        found: set[str] = set()
        for start in range(0, len(asked), _AT_ONCE):
            found |= await self._present(asked[start : start + _AT_ONCE])
        return {user for user in asked if user not in found and await self._is_gone(user)}

    async def _present(self, user_ids: Sequence[str]) -> set[str]:
        named = ",".join(f"'{user}'" for user in user_ids if _ID.fullmatch(user))
        path = f"/v1.0/users?$filter=id in ({named})&$select=id,accountEnabled"
        answer = await self._ask("GET", path.replace(" ", "%20"))
        users = _object(answer).get("value")
        if answer.status != 200 or not isinstance(users, list):
            raise DirectoryUnavailable(f"status-{answer.status}")
        return {
            str(user.get("id")).lower()
            for user in users
            if isinstance(user, dict) and user.get("accountEnabled") is not False
        }

    async def _is_gone(self, user_id: str) -> bool:
        """Asked by himself, so that a list that was cut short shuts nobody out."""
        answer = await self._ask("GET", f"/v1.0/users/{user_id}?$select=id,accountEnabled")
        if answer.status == 404:
            error = _object(answer).get("error")
            return isinstance(error, dict) and error.get("code") == "Request_ResourceNotFound"
        if answer.status != 200:
            raise DirectoryUnavailable(f"status-{answer.status}")
        return _object(answer).get("accountEnabled") is False

    async def _ask(self, method: str, path: str, *, json: Any = None) -> Answer:
        headers = {"Authorization": f"Bearer {await self._token()}", "Accept": "application/json"}
        try:
            return await self.outgoing.ask(
                method, f"{self.graph.rstrip('/')}{path}", headers=headers, json=json
            )
        except (OutgoingFailed, OutgoingRefused) as error:
            raise DirectoryUnavailable(error.reason) from error

    async def _token(self) -> str:
        form = {
            "grant_type": "client_credentials",
            "client_id": self.client_id,
            "client_secret": self.client_secret.get_secret_value(),
            "scope": f"{self.graph.rstrip('/')}/.default",
        }
        place = f"{self.authority.rstrip('/')}/{self.directory}/oauth2/v2.0/token"
        try:
            answer = await self.outgoing.ask("POST", place, form=form)
        except (OutgoingFailed, OutgoingRefused) as error:
            raise DirectoryUnavailable(error.reason) from error
        token = _object(answer).get("access_token")
        if answer.status != 200 or not isinstance(token, str):
            raise DirectoryUnavailable(f"token-{answer.status}")
        return token


def _object(answer: Answer) -> dict[str, Any]:
    try:
        return answer.json_object()
    except OutgoingFailed as error:
        raise DirectoryUnavailable(error.reason) from error
