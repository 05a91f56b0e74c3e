"""Secrets cannot be guessed, are stored as hashes, and signatures hold for one purpose."""

from pathlib import Path

from pydantic import SecretStr

from app.kernel.secrets import Signer, fingerprint, kept_key, new_token

OURS = Signer(SecretStr("k" * 40))


def test_no_two_tokens_are_alike_and_each_says_what_it_is() -> None:
    tokens = {new_token("skl") for _ in range(100)}
    assert len(tokens) == 100
    assert all(token.startswith("skl_") and len(token) > 40 for token in tokens)


def test_what_is_stored_of_a_token_does_not_show_it() -> None:
    token = new_token("skl")
    assert token.encode() not in fingerprint(token)
    assert fingerprint(token) == fingerprint(token) != fingerprint(token + "x")


def test_a_fingerprint_is_taken_of_whatever_somebody_sends() -> None:
    assert len(fingerprint("\ud800 ä")) == 32


def test_a_signature_holds_for_its_text_purpose_and_key_alone() -> None:
    signature = OURS.sign("reply-address", "a/b")
    assert OURS.verifies("reply-address", "a/b", signature)
    assert not OURS.verifies("reply-address", "a/c", signature)
    assert not OURS.verifies("download", "a/b", signature)
    assert not Signer(SecretStr("o" * 40)).verifies("reply-address", "a/b", signature)
    assert not OURS.verifies("reply-address", "a/b", "\ud800")


def test_a_signature_survives_a_mail_address() -> None:
    signature = OURS.sign("reply-address", "a/b")
    assert signature == signature.lower()
    assert signature.isalnum()
    assert len(f"reply+{signature}") <= 64


def test_a_key_is_made_once_and_kept_for_its_owner(tmp_path: Path) -> None:
    file = tmp_path / "var" / "key"
    made = kept_key(file)
    assert kept_key(file) == made
    assert len(made.get_secret_value()) >= 32
    assert file.stat().st_mode & 0o077 == 0
