"""The proxies of docs/operating.md before API processes, as they stand there but for TLS."""

import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx2

from tests.contract.programs import missing
from tests.served import free_port

_PAGE = Path(__file__).parent.parent / "docs" / "operating.md"
_NGINX = """
daemon off;
worker_processes 1;
pid {folder}/pid;
error_log {folder}/log warn;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    client_body_temp_path {folder}/bodies;
    proxy_temp_path {folder}/answers;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
{example}
}}
"""
_CADDY = "{{\n\tadmin off\n\tauto_https off\n}}\n{example}"


@contextmanager
def before(kind: str, ports: Sequence[int]) -> Iterator[str]:
    """`nginx` or `caddy` before the API processes at two ports; yields the address to call."""
    port = free_port()
    folder = Path(tempfile.mkdtemp(prefix="skranke-proxy-"))
    folder.chmod(0o755)
    words = (_nginx if kind == "nginx" else _caddy)(folder, port, ports)
    with (folder / "said").open("wb") as said:
        process = subprocess.Popen(words, stdout=said, stderr=said, env=_at_home(folder))
    base = f"http://127.0.0.1:{port}"
    try:
        _wait_for(base, folder)
        yield base
    finally:
        process.terminate()
        process.wait(20)
        shutil.rmtree(folder)


def _nginx(folder: Path, port: int, ports: Sequence[int]) -> list[str | Path]:
    example = _at(_example("nginx"), ports)
    example = example.replace("listen 443 ssl http2;", f"listen 127.0.0.1:{port};")
    example = re.sub(r"ssl_certificate.*;", "", example)
    (folder / "nginx.conf").write_text(_NGINX.format(folder=folder, example=example))
    return [_program("nginx", "nginx-light"), "-p", folder, "-c", folder / "nginx.conf"]


def _caddy(folder: Path, port: int, ports: Sequence[int]) -> list[str | Path]:
    example = _at(_example("caddyfile"), ports)
    example = example.replace("support.example {", f"http://127.0.0.1:{port} {{")
    (folder / "Caddyfile").write_text(_CADDY.format(example=example))
    words: list[str | Path] = ["run", "--adapter", "caddyfile", "--config", folder / "Caddyfile"]
    return [_program("caddy", "caddy"), *words]


def _program(name: str, package: str) -> str:
    found = shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin")
    return found or missing(name, f"On Debian: apt-get install {package}.")


def _example(language: str) -> str:
    found = re.search(rf"^```{language}\n(.*?)^```", _PAGE.read_text(), re.DOTALL | re.MULTILINE)
    assert found, f"docs/operating.md shows no {language}"
    return found[1]


def _at(example: str, ports: Sequence[int]) -> str:
    for shown, real in zip(("127.0.0.1:8000", "127.0.0.1:8001"), ports, strict=True):
        assert shown in example
        example = example.replace(shown, f"127.0.0.1:{real}")
    return example


def _at_home(folder: Path) -> dict[str, str]:
    return {**os.environ, "HOME": str(folder), "XDG_DATA_HOME": str(folder)}


def _wait_for(base: str, folder: Path) -> None:
    for _ in range(100):
        try:
            # Whoever answers at all: what is behind may not be there yet.
            httpx2.get(f"{base}/v1/portals/nobody")
        except httpx2.TransportError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"the proxy did not come up: {(folder / 'said').read_text()}")
