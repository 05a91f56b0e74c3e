"""A stand-in for Microsoft Entra ID and Graph on this machine, as far as their documentation says.

Directories with members and guests, personal accounts; discovery of one directory and of several
(a templated issuer), keys that name the issuer they sign for, invitations of guests, and the
question who is still there. What it answers with can be spoiled by `next_token` and `fails`.
"""

import base64
import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit
from uuid import uuid4

from joserfc import jwk, jws

PERSONAL = "9188040d-6c67-4c5b-b112-36a304b66dad"
SECRET = "only for tests, and long enough"
Claims = dict[str, Any]
Spoil = Callable[["Entra", Claims], "Claims | str"]


@dataclass
class Account:
    """Somebody in a directory; a guest's `home` is another one."""

    oid: str
    directory: str
    address: str
    home: str | None = None
    enabled: bool = True


@dataclass
class Entra:
    """What stands in: its directories, and whoever signs in next."""

    port: int
    client_id: str = "11111111-2222-4333-8444-555555555555"
    accounts: dict[str, Account] = field(default_factory=dict)
    who: Account | None = None
    #: Programs that ask for tokens of their own, by application id; their secret is `SECRET`.
    programs: dict[str, Account] = field(default_factory=dict)
    #: App roles that were assigned, by object id.
    roles: dict[str, list[str]] = field(default_factory=dict)
    invited: list[Claims] = field(default_factory=list)
    #: Paths that are answered with 503.
    fails: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)
    next_token: Spoil | None = None
    _codes: dict[str, Claims] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.key = jwk.RSAKey.generate_key(2048, {"kid": "first", "use": "sig"})
        self.foreign_key = jwk.RSAKey.generate_key(2048, {"kid": "personal", "use": "sig"})

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def account(self, directory: str, address: str, *, home: str | None = None) -> Account:
        """Somebody new in a directory."""
        made = Account(str(uuid4()), directory, address, home)
        self.accounts[made.oid] = made
        return made

    def issuer(self, directory: str) -> str:
        return f"{self.base}/{directory}/v2.0"

    def keys(self) -> list[Claims]:
        """The keys, each with the issuer it signs for."""
        public = self.key.as_dict(private=False)
        personal = self.foreign_key.as_dict(private=False)
        return [
            {**public, "issuer": f"{self.base}/{{tenantid}}/v2.0"},
            {**personal, "issuer": self.issuer(PERSONAL)},
        ]

    def signed(self, claims: Claims, **header: Any) -> str:
        """A token with these claims."""
        said = {"typ": "JWT", "alg": "RS256", "kid": "first", **header}
        return jws.serialize_compact(
            said, json.dumps(claims), self.key, registry=jws.JWSRegistry(strict_check_header=False)
        )

    def claims(self, who: Account, nonce: str) -> Claims:
        """An ID token of version 2.0, as documented."""
        now = int(time.time())
        said: Claims = {
            "aud": self.client_id,
            "iss": self.issuer(who.directory),
            "iat": now - 300,
            "nbf": now - 300,
            "exp": now + 3600,
            "tid": who.directory,
            "oid": who.oid,
            "sub": hashlib.sha256(f"{who.oid}{self.client_id}".encode()).hexdigest(),
            "preferred_username": who.address,
            "email": who.address,
            "name": "Somebody",
            "nonce": nonce,
            "ver": "2.0",
            "acct": 1 if who.home else 0,
        }
        if who.home:
            said["idp"] = f"https://sts.windows.net/{who.home}/"
        return said

    def access_claims(self, who: Account, audience: str, client: str) -> Claims:
        """An access token of version 2.0 for an API, as documented."""
        kept = {"iss", "iat", "nbf", "exp", "tid", "oid", "sub", "preferred_username", "name"}
        said = {name: value for name, value in self.claims(who, "").items() if name in kept}
        given = {"aud": audience, "azp": client, "azpacr": "0", "scp": "access_as_user openid"}
        return {**said, **given, "ver": "2.0", "aio": "x", "uti": "x", "rh": "x"}

    def program_claims(self, who: Account, audience: str, client: str) -> Claims:
        """An access token that a program got for itself (client credentials), as documented: with
        the optional claim `idtyp`, which an API has to ask for."""
        kept = {"iss", "iat", "nbf", "exp", "tid", "oid"}
        said = {name: value for name, value in self.claims(who, "").items() if name in kept}
        given = {"aud": audience, "azp": client, "azpacr": "1", "idtyp": "app", "sub": who.oid}
        return {**said, **given, "ver": "2.0", "aio": "x", "uti": "x", "rh": "x"}

    def token_of(self, asked: Claims) -> str:
        claims = self.claims(asked["who"], asked["nonce"])
        if self.next_token:
            spoilt = self.next_token(self, claims)
            return spoilt if isinstance(spoilt, str) else self.signed(spoilt)
        return self.signed(claims)


@contextmanager
def entra(port: int) -> Iterator[Entra]:
    """For the block, the stand-in answers on `port`."""
    held = Entra(port)
    server = ThreadingHTTPServer(("127.0.0.1", port), _handler(held))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield held
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(held: Entra) -> type[BaseHTTPRequestHandler]:  # noqa: C901 (it is many small ones)
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            held.asked.append(parts.path)
            if self._fails(parts.path):
                return
            if parts.path.endswith("/.well-known/openid-configuration"):
                self._say(200, _metadata(held, parts.path.split("/")[1]))
            elif parts.path.endswith("/keys"):
                self._say(200, {"keys": held.keys()})
            elif parts.path.endswith("/authorize"):
                self._authorize(query)
            elif parts.path.startswith("/v1.0/users"):
                self._users(parts.path, unquote(query.get("$filter", "")))
            else:
                self._say(404, {})

        def do_POST(self) -> None:
            path = urlsplit(self.path).path
            body = self.rfile.read(int(self.headers.get("content-length", "0")))
            held.asked.append(path)
            if self._fails(path):
                return
            if path.endswith("/token"):
                form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
                self._token(form)
            elif path == "/v1.0/invitations":
                self._invite(json.loads(body))
            else:
                self._say(404, {})

        def _fails(self, path: str) -> bool:
            if any(part in path for part in held.fails):
                self._say(503, {"error": "temporarily_unavailable"})
                return True
            return False

        def _authorize(self, query: Claims) -> None:
            assert query["code_challenge_method"] == "S256"
            code = str(uuid4())
            held._codes[code] = {**query, "who": held.who}
            back = {"code": code, "state": query["state"], "session_state": str(uuid4())}
            self.send_response(302)
            self.send_header("Location", f"{query['redirect_uri']}?{urlencode(back)}")
            self.end_headers()

        def _token(self, form: Claims) -> None:
            if form.get("scope", "").startswith("api://"):
                self._own_token(form)
                return
            if form["grant_type"] == "client_credentials":
                right = (form["client_id"], form["client_secret"]) == (held.client_id, SECRET)
                said = {"access_token": "graph", "token_type": "Bearer"}
                self._say(200 if right else 401, said if right else {"error": "invalid_client"})
                return
            asked = held._codes.pop(form["code"], None)
            digest = hashlib.sha256(form["code_verifier"].encode()).digest()
            challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
            if asked is None or challenge != asked["code_challenge"]:
                self._say(400, {"error": "invalid_grant"})
            else:
                self._say(200, {"id_token": held.token_of(asked), "token_type": "Bearer"})

        def _own_token(self, form: Claims) -> None:
            who = held.programs.get(form["client_id"])
            if who is None or form["client_secret"] != SECRET:
                self._say(401, {"error": "invalid_client"})
                return
            audience = form["scope"].removeprefix("api://").removesuffix("/.default")
            claims = held.program_claims(who, audience, form["client_id"])
            if who.oid in held.roles:
                claims["roles"] = held.roles[who.oid]
            token = held.signed(claims)
            self._say(200, {"access_token": token, "token_type": "Bearer", "expires_in": 3599})

        def _invite(self, sent: Claims) -> None:
            address = sent["invitedUserEmailAddress"]
            if address.endswith("@blocked.example"):
                self._say(400, {"error": {"code": "BadRequest"}})
                return
            directory = next(iter(held.accounts.values())).directory
            known = [each for each in held.accounts.values() if each.address == address]
            who = known[0] if known else held.account(directory, address, home=str(uuid4()))
            held.invited.append(sent)
            self._say(201, {"invitedUser": {"id": who.oid}, "status": "PendingAcceptance"})

        def _users(self, path: str, filter_: str) -> None:
            one = path.removeprefix("/v1.0/users").strip("/")
            if one:
                found = held.accounts.get(one)
                gone = {"error": {"code": "Request_ResourceNotFound"}}
                said = found and {"id": found.oid, "accountEnabled": found.enabled}
                self._say(200 if said else 404, said or gone)
                return
            users = [
                {"id": each.oid, "accountEnabled": each.enabled}
                for each in held.accounts.values()
                if f"'{each.oid}'" in filter_
            ]
            self._say(200, {"value": users})

        def _say(self, status: int, said: Claims) -> None:
            body = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Nothing is logged."""

    return Handler


def _metadata(held: Entra, place: str) -> Claims:
    several = place in {"organizations", "common"}
    return {
        "issuer": held.issuer("{tenantid}" if several else place),
        "authorization_endpoint": f"{held.base}/{place}/oauth2/v2.0/authorize",
        "token_endpoint": f"{held.base}/{place}/oauth2/v2.0/token",
        "jwks_uri": f"{held.base}/{place}/discovery/v2.0/keys",
        "end_session_endpoint": f"{held.base}/{place}/oauth2/v2.0/logout",
        "token_endpoint_auth_methods_supported": [
            "client_secret_post",
            "private_key_jwt",
            "client_secret_basic",
        ],
    }
