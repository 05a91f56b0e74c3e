"""E-mail addresses: which can be written to, which are the same."""

import pytest

from app.domain.people.addresses import address_key, readable_address
from app.domain.people.problems import EmailInvalid


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Member@Acme.Example", "member@acme.example"),
        (" member@acme.example ", "member@acme.example"),
        ("ÅSE@acme.example", "a\u030ase@acme.example"),
        ("ﬁnn@acme.example", "finn@acme.example"),
        ("ｍｅｍｂｅｒ@acme.example", "member@acme.example"),
        ("me@bücher.example", "ME@XN--BCHER-KVA.EXAMPLE"),
        ("me@bu\u0308cher.example", "me@xn--bcher-kva.example"),
        ("me@Straße.example", "me@XN--STRAE-OQA.example"),
        ("me@ΒΌΛΟΣ.example", "me@βόλοσ.example"),
        ("me＠ａｃｍｅ。example", "me@acme.example"),
    ],
)
def test_addresses_that_differ_in_case_or_form_are_one(one: str, other: str) -> None:
    assert address_key(one) == address_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a@acme.example", "b@acme.example"),
        ("a@acme.example", "a@acme.example.example"),
        ("a+b@acme.example", "a@acme.example"),
        ("a.b@acme.example", "ab@acme.example"),
        # Which mail tells apart, and registries give to two (RFC 5894, 7.2).
        ("a@straße.example", "a@strasse.example"),
        ("a@xn--strae-oqa.example", "a@strasse.example"),
        ("a@βόλος.example", "a@βόλοσ.example"),
    ],
)
def test_addresses_that_may_be_two_peoples_are_two(one: str, other: str) -> None:
    assert address_key(one) != address_key(other)


@pytest.mark.parametrize(
    "text",
    [
        *("ÅSE@Bücher.example", "İ@x.example", "ß@x.example", "", "@", "a@xn--.example", "ǅ@x.y"),
        *("a@Straße.example", "a@ΒΌΛΟΣ.example", "a@ϲ.example", "a@b@c", "a@ x.example", "ß@ß"),
    ],
)
def test_a_key_compares_as_itself(text: str) -> None:
    assert address_key(address_key(text)) == address_key(text)


@pytest.mark.parametrize(
    "text",
    [
        "member",
        "@acme.example",
        "member@",
        "member@localhost",
        "mem ber@acme.example",
        "a\u202ebc@acme.example",
        "member@acme..example",
        "member@acme.example\n",
        "member@acme.example\r\nBcc: other@acme.example",
        "<member@acme.example>",
        "a@b.example, c@d.example",
        f"{'m' * 65}@acme.example",
        "member@[203.0.113.7]",
    ],
)
def test_what_no_mail_reaches_is_refused_with_its_place(text: str) -> None:
    with pytest.raises(EmailInvalid) as refused:
        readable_address(text)
    assert refused.value.faults[0].pointer == "/email"


def test_an_address_is_kept_as_it_is_written_but_for_its_domain() -> None:
    assert readable_address("Member@ACME.Example") == "Member@acme.example"
    assert readable_address("me@xn--bcher-kva.example") == "me@bücher.example"
