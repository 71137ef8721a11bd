"""Where Web Push may go. The server posts to an address that a client names, so PUSH_HOSTS says which it takes."""

import re
import socket
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from urllib.parse import urlsplit

from django.conf import settings

HTTPS_PORT = 443
_PLAIN = re.compile(r"[!-~]+")
_PORTS = {"https": HTTPS_PORT, "http": 80}


class EndpointRefusedError(Exception):
    """Nothing is sent to this address."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A subscription's address in its parts. `is_own` says that PUSH_HOSTS names its very origin."""

    scheme: str
    host: str
    port: int
    target: str
    is_own: bool

    @property
    def authority(self) -> str:
        """The host as the Host header names it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def origin(self) -> str:
        """The push service, as a token for it names its audience."""
        return f"{self.scheme}://{self.authority}"


def read_endpoint(url: str) -> Endpoint:
    """Return an address to which Web Push may go: by https, on port 443, to a host of PUSH_HOSTS.

    An entry of PUSH_HOSTS may be a whole origin, of a push service of the operator's own: that one is taken as it is.

    Raises: EndpointRefusedError.
    """
    if not _PLAIN.fullmatch(url) or "\\" in url:
        raise EndpointRefusedError("not an address")
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError:
        raise EndpointRefusedError("not an address") from None
    host = parts.hostname or ""
    if not host or parts.scheme not in _PORTS or parts.username is not None or parts.fragment:
        raise EndpointRefusedError("not an address")
    target = parts.path or "/"
    if parts.query:
        target = f"{target}?{parts.query}"
    endpoint = Endpoint(parts.scheme, host, port, target, is_own=False)
    if endpoint.origin in settings.PUSH_HOSTS:
        return Endpoint(parts.scheme, host, port, target, is_own=True)
    if (parts.scheme, port) != ("https", HTTPS_PORT) or not any(_matches(host, entry) for entry in settings.PUSH_HOSTS):
        raise EndpointRefusedError("not a push service that PUSH_HOSTS names")
    return endpoint


def address_of(endpoint: Endpoint) -> str:
    """Return the address of the net to connect to: looked up once, so that what was judged is what is called.

    Raises: EndpointRefusedError where one of the host's addresses is not public; OSError where none is found.
    """
    found = socket.getaddrinfo(endpoint.host, endpoint.port, type=socket.SOCK_STREAM)
    addresses = [str(entry[4][0]) for entry in found]
    if not endpoint.is_own and not all(map(_is_public, addresses)):
        raise EndpointRefusedError("its host is no public one")
    return addresses[0]


def _matches(host: str, entry: str) -> bool:
    if entry.startswith("*."):
        return host.endswith(entry[1:])
    return host == entry


def _is_public(text: str) -> bool:
    address = ip_address(text)
    if isinstance(address, IPv6Address):
        embedded = address.ipv4_mapped or address.sixtofour
        if embedded is not None:
            address = embedded
    return address.is_global and not address.is_multicast
