"""Where a webhook may lead: to a machine on the public internet, and to nothing of our own network.

A name is looked up here, and the connection goes to the very address that was found, so that a name which answers
differently the second time leads nowhere else.
"""

import ipaddress
import socket
from typing import NamedTuple
from urllib.parse import urlsplit

from django.conf import settings

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
NAT64 = ipaddress.ip_network("64:ff9b::/96")


class AddressRefused(ValueError):
    """The address is not one that we call; the text says why."""


class Target(NamedTuple):
    """Whom to call: the name for the certificate, the address to connect to, and what to ask for there."""

    secure: bool
    host: str
    ip: str
    port: int
    path: str


def target_of(url: str) -> Target:
    """Look up where the address leads. Raises AddressRefused."""
    parts = urlsplit(url)
    try:
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise AddressRefused("The address has a port that cannot be.") from None
    if parts.scheme not in _schemes() or not host:
        raise AddressRefused(f"The address must begin with {_schemes()[0]}://.")
    if parts.username is not None or parts.password is not None:
        raise AddressRefused("The address must not hold a name and password.")
    secure = parts.scheme == "https"
    port = port or (443 if secure else 80)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(secure, host, _reachable(host, port), port, path)


def is_public(address: str) -> bool:
    """Whether an IP address is on the public internet, also where it is an IPv6 address that wraps another."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    return all(each.is_global and not each.is_multicast for each in (ip, *_wrapped(ip)))


def _schemes() -> tuple[str, ...]:
    return ("https", "http") if settings.WEBHOOK_ALLOW_PRIVATE else ("https",)


def _reachable(host: str, port: int) -> str:
    """The first address of the host. One among them that is not public is one too many."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise AddressRefused("There is no machine of this name.") from None
    addresses = [str(answer[4][0]) for answer in found]
    if not settings.WEBHOOK_ALLOW_PRIVATE and not all(map(is_public, addresses)):
        raise AddressRefused("The address leads into a private network. We call only public addresses.")
    return addresses[0]


def _wrapped(ip: Address) -> list[Address]:
    """The IPv4 addresses that an IPv6 address stands for: mapped, compatible, 6to4, Teredo, NAT64."""
    if isinstance(ip, ipaddress.IPv4Address):
        return []
    inner: list[Address | None] = [ip.ipv4_mapped, ip.sixtofour, *(ip.teredo or ())]
    last = ipaddress.IPv4Address(int(ip) & 0xFFFF_FFFF)
    if ip in NAT64 or int(ip) >> 32 == 0:
        inner.append(last)
    return [each for each in inner if each is not None]
