"""What counts as one network, and how buckets are named."""

import pytest

from app.domain.sign_in.guesses import bucket_of, network_of


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("testclient", "unknown"),
        ("", "unknown"),
        (None, "unknown"),
    ],
)
def test_a_network_is_an_address_or_the_block_one_customer_of_a_provider_has(
    address: str | None, network: str
) -> None:
    assert network_of(address) == network


def test_a_bucket_is_named_without_naming_anybody() -> None:
    name = bucket_of("account", "member@acme.example")
    assert name.startswith("account:")
    assert "acme" not in name


def test_every_account_and_network_has_a_bucket_of_its_own() -> None:
    names = {
        bucket_of("account", "a@acme.example"),
        bucket_of("account", "b@acme.example"),
        bucket_of("account-network", "a@acme.example", "203.0.113.7"),
        bucket_of("account-network", "a@acme.example", "203.0.113.8"),
    }
    assert len(names) == 4
