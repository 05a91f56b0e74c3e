"""A certified OpenID provider (npm `oidc-provider`), started beside the tests on this machine."""

import contextlib
import json
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2

from tests.contract.programs import install_packages
from tests.served import free_port

HERE = Path(__file__).parent
_PATIENCE = 30.0


class Provider:
    """A provider that is running; `whoever` says who signs in there next."""

    def __init__(self, port: int) -> None:
        self.issuer = f"http://127.0.0.1:{port}"

    def whoever(self, account: str, **more: Any) -> None:
        """From now on, whoever has not signed in there yet is `account`."""
        said = {"account": account, **more}
        httpx2.post(f"{self.issuer}/whoever", json=said).raise_for_status()


@contextlib.contextmanager
def certified_provider(*clients: dict[str, Any]) -> Iterator[Provider]:
    """For the block, a provider that knows `clients` (OpenID Connect Registration, 2)."""
    install_packages(HERE)
    port = free_port()
    said = json.dumps({"port": port, "clients": clients})
    process = subprocess.Popen(
        ["node", "provider.mjs", said],  # noqa: S607
        cwd=HERE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        provider = Provider(port)
        _wait_for(f"{provider.issuer}/.well-known/openid-configuration", process)
        yield provider
    finally:
        process.terminate()
        process.wait()


def client(base: str, **more: Any) -> dict[str, Any]:
    """A portal as the provider knows it."""
    return {
        "client_id": "portal",
        "client_secret": "only for tests, and long enough",
        "redirect_uris": [f"{base}/v1/oidc/callback"],
        **more,
    }


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        assert process.poll() is None, "the provider ended"
        with contextlib.suppress(httpx2.TransportError):
            if httpx2.get(url).status_code == 200:
                return
        time.sleep(0.05)
    raise AssertionError("the provider does not answer")
