"""The Dockerfile and the compose file: linted, and true to the settings there are."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.kernel.settings import Settings
from tests.containers import image
from tests.containers.dockerfile import ROOT, instructions, services
from tests.containers.running import VARIABLES
from tests.contract.programs import install_packages, run

pytestmark = pytest.mark.slow

HERE = Path(__file__).parent

_DOCKERFILE = (ROOT / "Dockerfile").read_text()
_COMPOSE = (ROOT / "compose.yaml").read_text()


def hadolint(file: Path) -> tuple[int, str]:
    program = ROOT / ".venv/bin/hadolint"
    found = program if program.exists() else shutil.which("hadolint")
    assert found, "hadolint is not installed: make lint"
    ended = run([found, "--failure-threshold", "style", "--no-color", file], cwd=ROOT)
    return ended.returncode, ended.stdout


def ours() -> Iterator[tuple[str, dict[str, Any]]]:
    for name, service in services(_COMPOSE, VARIABLES).items():
        if service["image"] == "skranke":
            yield name, service


def test_hadolint_finds_nothing_in_the_dockerfile() -> None:
    code, said = hadolint(ROOT / "Dockerfile")
    assert code == 0, said


def test_hadolint_would_notice_what_is_not_pinned(tmp_path: Path) -> None:
    planted = tmp_path / "Dockerfile"
    planted.write_text(_DOCKERFILE.replace(":3.11-slim-bookworm", ""))
    code, said = hadolint(planted)
    assert code != 0
    assert "DL3006" in said


def dclint(file: Path) -> tuple[int, str]:
    program = install_packages(HERE) / ".bin" / "dclint"
    ended = run([program, "--quiet", file], cwd=ROOT)
    return ended.returncode, ended.stdout


def test_dclint_finds_no_error_in_the_compose_file() -> None:
    code, said = dclint(ROOT / "compose.yaml")
    assert code == 0, said


def test_dclint_would_notice_a_slip_and_an_open_port(tmp_path: Path) -> None:
    planted = tmp_path / "compose.yaml"
    planted.write_text(_COMPOSE.replace("  restart:", "  restrat:"))
    assert "invalid-schema" in dclint(planted)[1]
    planted.write_text(_COMPOSE.replace("127.0.0.1:", ""))
    assert "no-unbound-port-interfaces" in dclint(planted)[1]


def test_every_variable_the_files_set_is_a_setting() -> None:
    known = {f"SKRANKE_{name.upper()}" for name in Settings.model_fields}
    known.add("SKRANKE_SUPERUSER_DATABASE_URL")  # an option of `skranke database`
    named = {
        variable
        for _, service in ours()
        for variable in service["environment"]
        if variable.startswith("SKRANKE_")
    }
    named |= set(re.findall(r"\b(SKRANKE_\w+)=", _DOCKERFILE))
    assert named
    assert named - known == set()


def test_whoever_serves_is_not_root_reads_only_and_has_no_privileges() -> None:
    assert [each.text for each in instructions(_DOCKERFILE) if each.keyword == "USER"] == ["10001"]
    for name, service in ours():
        assert service["read_only"], name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name


def test_no_service_is_told_the_password_of_a_role_it_does_not_sign_in_as() -> None:
    told = {
        name: {secret for secret in VARIABLES if VARIABLES[secret] in str(service["environment"])}
        for name, service in ours()
    }
    shared = {"SKRANKE_SECRET_KEY", "SKRANKE_STORAGE_PASSWORD"}
    assert told["api"] - shared == {"SKRANKE_APP_PASSWORD"}
    assert told["worker"] - shared == {"SKRANKE_WORKER_PASSWORD"}
    assert told["operator"] - shared == {"SKRANKE_WORKER_PASSWORD"}
    assert told["migrate"] == {"SKRANKE_OWNER_PASSWORD"}


def test_images_of_others_are_of_a_named_version() -> None:
    for name, service in services(_COMPOSE, VARIABLES).items():
        if service["image"] != "skranke":
            assert re.search(r":v?\d", service["image"]), name


def test_no_secret_stands_in_the_files() -> None:
    for text in (_COMPOSE, _DOCKERFILE):
        secrets = re.findall(r"(?im)^\s*\w*(?:password|secret\w*_key):\s*(\S+)", text)
        secrets += re.findall(r"//[^:@/\s]+:([^@\s]+)@", text)
        assert all(secret.startswith("${") for secret in secrets), secrets


def test_what_is_copied_is_not_ignored() -> None:
    for each in instructions(_DOCKERFILE):
        for source in each.words()[:-1] if each.keyword == "COPY" else []:
            assert (ROOT / source).exists(), source
            assert not image.is_ignored(source), source
    assert image.is_ignored("var/secret.key")
    assert image.is_ignored("app/kernel/__pycache__")
