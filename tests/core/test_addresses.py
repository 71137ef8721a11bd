import pytest

from chat_project.core.addresses import client_address, network_of


@pytest.mark.parametrize(
    ("trusted", "peer", "forwarded_for", "expected"),
    [
        ([], "192.0.2.1", "", "192.0.2.1"),
        ([], "192.0.2.1", "203.0.113.9", "192.0.2.1"),
        (["192.0.2.1"], "192.0.2.1", "203.0.113.9", "203.0.113.9"),
        (["192.0.2.0/24"], "192.0.2.1", "198.51.100.1, 203.0.113.9", "203.0.113.9"),
        (["192.0.2.0/24", "203.0.113.9"], "192.0.2.1", "198.51.100.1, 203.0.113.9", "198.51.100.1"),
        (["192.0.2.0/24"], "192.0.2.1", "198.51.100.1, 192.0.2.7", "198.51.100.1"),
        (["192.0.2.0/24"], "192.0.2.1", "", "192.0.2.1"),
        (["192.0.2.0/24"], "192.0.2.1", "nonsense", "192.0.2.1"),
        (["192.0.2.0/24"], "192.0.2.1", "203.0.113.9, nonsense", "192.0.2.1"),
        (["::1"], "::1", "2001:db8::1", "2001:db8::1"),
        (["127.0.0.1"], "::ffff:127.0.0.1", "203.0.113.9", "203.0.113.9"),
        ([], "", "203.0.113.9", None),
        ([], None, "203.0.113.9", None),
    ],
)
def test_only_trusted_proxies_are_believed(settings, trusted, peer, forwarded_for, expected):
    settings.TRUSTED_PROXIES = trusted
    assert client_address(peer=peer, forwarded_for=forwarded_for) == expected


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("", ""),
        (None, ""),
    ],
)
def test_limits_count_an_ipv6_connection_as_one(address, network):
    assert network_of(address) == network
