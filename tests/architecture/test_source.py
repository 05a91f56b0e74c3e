"""What the source itself must keep to: who commits, who enters as the system, names and sizes."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.mutation.modules import MODULES as TRIED

ROOT = Path(__file__).parents[2]
APP = ROOT / "app"
MODULES = sorted(APP.rglob("*.py"))
MOST_LINES = 400
_NO_NAMES = re.compile(r"^(utils?|helpers?|common|misc|services?|managers?)$")

#: Where a transaction is ended by hand: (file, function).
COMMITS = {
    ("app/web/route.py", "_commit"),
    # What a session's own `commit` consists of.
    ("app/database/light_session.py", "commit"),
    ("app/database/light_session.py", "_ended"),
    # The attempt counts even if the process dies, and no connection waits for Argon2.
    ("app/domain/sign_in/actions.py", "sign_in"),
    # No connection waits for a provider; an attempt stays used whatever it answers.
    ("app/domain/federation/authentication_request.py", "look_up"),
    ("app/domain/federation/callback.py", "take_attempt"),
    ("app/domain/federation/callback.py", "read_callback"),
    ("app/domain/federation/callback.py", "read_logout_token"),
}
#: Where transactions are opened, and committed at their end.
OPENS = (
    "app/commands/",
    "app/jobs/",
    "app/database/light_session.py",
    "app/database/session.py",
    "app/web/health.py",
    # `system_transaction`, which is watched as `transaction` is.
    "app/access/system.py",
    # What the worker calls: read in one, work in none, note in another.
    "app/domain/attachments/reactions.py",
    "app/domain/invitations/guests.py",
    "app/domain/invitations/reactions.py",
    "app/domain/notifications/delivery.py",
    "app/domain/notifications/reactions.py",
    "app/domain/notifications/approval_reactions.py",
    "app/domain/notifications/registration_reactions.py",
    "app/domain/tickets/reactions.py",
    "app/domain/service_levels/following.py",
    # Each ticket has a savepoint; the request commits.
    "app/domain/bulk/actions.py",
)
#: Who says as whom a transaction is entered.
ENTERS = (
    *OPENS,
    "app/database/tenancy.py",
    "app/web/authentication.py",
    "app/web/directory_tokens.py",
    "app/web/downloads.py",
)

#: Where the settings that the wall reads are written from outside the database.
SETTINGS = {
    "app/database/tenancy.py",
    # The demo portals' past is played by its people, who are not signed in.
    "app/commands/demo_history/cast.py",
}


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def calls(path: Path) -> Iterator[tuple[str, str]]:
    """What a module calls, by its last name, and in which function."""

    def walk(node: ast.AST, function: str) -> Iterator[tuple[str, str]]:
        for child in ast.iter_child_nodes(node):
            inside = child.name if isinstance(child, _FUNCTIONS) else function
            if isinstance(child, ast.Call):
                if isinstance(child.func, ast.Attribute):
                    yield child.func.attr, inside
                elif isinstance(child.func, ast.Name):
                    yield child.func.id, inside
            yield from walk(child, inside)

    yield from walk(ast.parse(path.read_text(encoding="utf-8")), "")


_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def where(*names: str) -> set[tuple[str, str]]:
    """In which files and functions of the program any of these is called."""
    return {
        (name_of(path), function)
        for path in MODULES
        for called, function in calls(path)
        if called in names
    }


def test_only_the_unit_of_work_commits() -> None:
    assert where("commit") == COMMITS


def test_only_who_works_without_a_request_opens_transactions() -> None:
    opening = where("transaction", "system_transaction", "begin", "begin_nested")
    found = {file for file, _ in opening}
    assert sorted(file for file in found if not file.startswith(OPENS)) == []


def test_only_the_doors_say_as_whom_a_transaction_is_entered() -> None:
    found = where(
        "stand_behind",
        "AsSystem",
        "ByApp",
        "ByAttempt",
        "ByPortal",
        "ByRegistration",
        "BySecret",
        "ByToken",
        "Nowhere",
    )
    assert sorted(file for file, _ in found if not file.startswith(ENTERS)) == []


def test_there_is_one_place_where_an_act_goes_on_as_the_system() -> None:
    assert {file for file, _ in where("change_side")} == {"app/access/system.py"}


def test_the_walls_settings_are_written_in_few_places() -> None:
    found = {name_of(path) for path in MODULES if "set_config(" in path.read_text("utf-8")}
    assert found == SETTINGS


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_every_module_says_what_it_is(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree), "a module begins with the sign on its door"


def test_every_room_has_its_sign() -> None:
    rooms = {path.parent for path in MODULES}
    assert sorted(name_of(room) for room in rooms if not (room / "__init__.py").exists()) == []


def test_no_name_says_nothing() -> None:
    named = {part for path in MODULES for part in path.relative_to(APP).with_suffix("").parts}
    assert sorted(name for name in named if _NO_NAMES.match(name)) == []


def test_a_file_is_read_in_one_sitting() -> None:
    lengths = {name_of(path): len(path.read_text("utf-8").splitlines()) for path in MODULES}
    assert {name: lines for name, lines in lengths.items() if lines > MOST_LINES} == {}


def test_migrations_stand_on_their_own() -> None:
    """The program changes, what a migration once did does not."""
    for path in sorted((ROOT / "migrations").rglob("*.py")):
        if path.name == "env.py":
            continue
        imported = {
            module.partition(".")[0]
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            for module in _imports(node)
        }
        assert "app" not in imported, name_of(path)


def _imports(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module or ""] if isinstance(node, ast.ImportFrom) else []


def test_every_rule_of_the_law_is_tried_by_the_mutation_check() -> None:
    law = {
        ".".join(file.relative_to(ROOT).with_suffix("").parts)
        for pattern in ("access/[a-z]*.py", "domain/*/policy.py", "domain/*/lifecycle.py")
        for file in APP.glob(pattern)
    }
    assert law == set(TRIED)
    assert all((ROOT / test).is_file() for tests in TRIED.values() for test in tests)
