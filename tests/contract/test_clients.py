"""Clients generated from the document compile, in the languages people use."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.contract.programs import HERE, MODULES, npm_program, run
from tests.served import Served

pytestmark = pytest.mark.slow

STRICTLY = (
    *("--noEmit", "--strict", "--noUncheckedIndexedAccess", "--target", "es2022"),
    *("--lib", "es2022,dom", "--module", "esnext", "--moduleResolution", "bundler"),
)
IMPORT_ALL = """
import importlib, pkgutil, sys
import generated
names = [m.name for m in pkgutil.walk_packages(generated.__path__, "generated.")]
for name in names:
    importlib.import_module(name)
print(len(names))
"""


@pytest.fixture
def file(built: dict[str, str], tmp_path: Path) -> Path:
    file = tmp_path / "openapi.json"
    file.write_text(built["openapi.json"])
    return file


def test_typescript_types_compile_and_fit_a_frontend(file: Path, tmp_path: Path) -> None:
    types = tmp_path / "api.d.ts"
    made = run(
        [npm_program("openapi-typescript"), file, "--default-non-nullable", "false", "-o", types],
        cwd=tmp_path,
    )
    assert made.returncode == 0, made.stdout
    shutil.copy(HERE / "client.ts", tmp_path)
    (tmp_path / "node_modules").symlink_to(MODULES)
    (tmp_path / "package.json").write_text('{"type": "module"}')
    compiled = run([npm_program("tsc"), *STRICTLY, "api.d.ts", "client.ts"], cwd=tmp_path)
    assert compiled.returncode == 0, compiled.stdout


def test_the_python_client_is_generated_whole_and_imports(file: Path, tmp_path: Path) -> None:
    made = generate_python_client(file, tmp_path / "generated")
    # It leaves out what it cannot express and says so; nothing may be left out.
    assert "WARNING" not in made
    assert "Warning(s)" not in made
    compiled = run([sys.executable, "-m", "compileall", "-q", "generated"], cwd=tmp_path)
    assert compiled.returncode == 0, compiled.stdout
    imported = run([sys.executable, "-W", "error", "-c", IMPORT_ALL], cwd=tmp_path)
    assert imported.returncode == 0, imported.stdout
    assert int(imported.stdout.split()[-1]) > 10


def test_the_journey_of_a_ticket_goes_through_the_python_client(
    served: Served, built: dict[str, str], tmp_path: Path
) -> None:
    file = tmp_path / "openapi.json"
    file.write_text(built["openapi.json"])
    generate_python_client(file, tmp_path / "generated")
    people = [
        word
        for email in ("member@acme.example", "agent@crm.example")
        for word in (email, served.password_of(email, "crm-service"))
    ]
    shutil.copy(HERE / "python_client_journey.py", tmp_path)
    ended = run(
        [sys.executable, "python_client_journey.py", served.base, "crm-service", *people],
        cwd=tmp_path,
    )
    assert ended.returncode == 0, ended.stdout


def generate_python_client(document: Path, package: Path) -> str:
    """Write the client's package; its generator's words."""
    programs = Path(sys.executable).parent
    ended = subprocess.run(
        [
            *(programs / "openapi-python-client", "generate", "--meta", "none"),
            *("--path", document, "--output-path", package),
            *("--config", HERE / "python_client.yaml"),
        ],
        # It formats what it wrote with ruff and looks for it on the path.
        env=os.environ | {"PATH": f"{programs}:{os.environ['PATH']}"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=110,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout
    return ended.stdout
