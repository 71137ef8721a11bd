"""Where a call comes from: the client's address, through proxies that are trusted and no others."""

from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from django.conf import settings

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


def client_address(*, peer: str | None, forwarded_for: str) -> str | None:
    """Return the address of the client, None where it is not known.

    `peer` is who is connected, `forwarded_for` the X-Forwarded-For header, in which each proxy appends whom it
    heard from: it is read from its end, for as long as TRUSTED_PROXIES speak.
    """
    address = _parsed(peer or "")
    hops = [hop for hop in forwarded_for.split(",") if hop.strip()]
    while address is not None and hops and is_trusted(address):
        said = _parsed(hops.pop())
        if said is None:
            break
        address = said
    return str(address) if address is not None else None


def is_trusted(address: Address) -> bool:
    """Tell whether TRUSTED_PROXIES, addresses and networks, hold `address`."""
    return any(address in network for network in _networks(tuple(settings.TRUSTED_PROXIES)))


def is_loopback(address: str | None) -> bool:
    """Tell whether a client's address is this machine's own."""
    parsed = _parsed(address or "")
    return parsed is not None and parsed.is_loopback


def network_of(address: str | None) -> str:
    """Return what limits count a client's address as: itself, or the 64 bits that one connection has of IPv6."""
    parsed = _parsed(address or "")
    if isinstance(parsed, IPv6Address):
        return str(ip_network((parsed, 64), strict=False))
    return str(parsed or "")


@lru_cache
def _networks(entries: tuple[str, ...]) -> tuple[Network, ...]:
    return tuple(ip_network(entry, strict=False) for entry in entries)


def _parsed(text: str) -> Address | None:
    try:
        address = ip_address(text.strip())
    except ValueError:
        return None
    # A socket that listens for both kinds shows IPv4 peers so; they are one address all the same.
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
