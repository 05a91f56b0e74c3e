"""Secrets a definition names are found under the portal's own name, and nowhere else."""

from pathlib import Path

import pytest

from app.kernel.named_secrets import named_secret, variable_of


def test_a_secret_is_found_in_a_file_or_in_a_variable_which_wins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "skill").mkdir()
    (tmp_path / "skill" / "microsoft").write_text("from the file\n")
    held = named_secret(tmp_path, "skill", "microsoft")
    assert held
    assert held.get_secret_value() == "from the file"
    assert "from the file" not in repr(held)
    monkeypatch.setenv("SKRANKE_SECRET__SKILL__MICROSOFT", "from the variable")
    held = named_secret(tmp_path, "skill", "microsoft")
    assert held
    assert held.get_secret_value() == "from the variable"
    assert named_secret(tmp_path, "tvox", "microsoft") is None
    assert named_secret(None, "tvox", "microsoft") is None


def test_no_portals_name_with_its_secrets_is_anothers() -> None:
    """`a-b` with `c` and `a` with `b-c` are two: names hold no two underscores in a row."""
    pairs = [("a-b", "c"), ("a", "b-c"), ("a-b-c", "d"), ("a", "b-c-d"), ("a-b", "c-d")]
    assert len({variable_of(portal, name) for portal, name in pairs}) == len(pairs)
