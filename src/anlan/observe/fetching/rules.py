"""Which addresses may be asked: public ones, and those that the city allows by name."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from pathlib import Path
from urllib.parse import urlsplit

from anlan.city import City
from anlan.city.fault import Fault
from anlan.observe.sources.table import Table, city_faults
from anlan.refusal import Refusal

Address = IPv4Address | IPv6Address
# where machines of a cloud are told their secrets, beside the link-local 169.254.169.254:
# Azure (which looks public), Alibaba Cloud, AWS
INSIDE_CLOUDS = frozenset(
    ipaddress.ip_address(each) for each in ("168.63.129.16", "100.100.100.200", "fd00:ec2::254")
)
_UNICAST = ipaddress.ip_network("2000::/3")  # what is given out of IPv6
# IPv6 prefixes that carry an IPv4 address: its place in the 128 bits, counted from the right
_CARRIERS = (
    (ipaddress.ip_network("::ffff:0:0/96"), 0),  # IPv4-mapped, RFC 4291 2.5.5.2
    (ipaddress.ip_network("::ffff:0:0:0/96"), 0),  # IPv4-translated, RFC 2765
    (ipaddress.ip_network("::/96"), 0),  # IPv4-compatible, RFC 4291 2.5.5.1
    (ipaddress.ip_network("64:ff9b::/96"), 0),  # NAT64, RFC 6052
    (ipaddress.ip_network("64:ff9b:1::/48"), 0),  # NAT64 of a network of one's own, RFC 8215
    (ipaddress.ip_network("2002::/16"), 80),  # 6to4, RFC 3056
)
_TEREDO = ipaddress.ip_network("2001::/32")


def _resolve(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


@dataclass(frozen=True)
class Rules:
    """What the city allows beside the public network.

    Attributes:
        names: hosts, in lower case, whose addresses may be private.
        networks: private networks in which every address may be asked.
        resolve: (host, port) -> addresses as text; `OSError` when there are none.
    """

    names: frozenset[str] = frozenset()
    networks: tuple[IPv4Network | IPv6Network, ...] = ()
    resolve: Callable[[str, int], Sequence[str]] = _resolve


def rules(city: City) -> Rules:
    """The table ``[fetch]`` of ``city.toml``. Raises `Refusal` naming key, value and remedy."""
    return read(Table("city.toml", city.settings.get("fetch", {}), "fetch."))


def read(table: Table) -> Rules:
    """The same from the table itself."""
    table.known("allow")
    allowed = table.values.get("allow", [])
    remedy = 'names, addresses or networks, as in ["hydro.pinghu.lan", "10.20.0.0/16"]'
    if not isinstance(allowed, list) or not all(isinstance(each, str) for each in allowed):
        raise table.wrong("allow", allowed, "is not a list of texts", remedy)
    names, networks = set(), []
    for each in allowed:
        try:
            networks.append(ipaddress.ip_network(each))
            continue
        except ValueError:
            name = each.strip().lower().rstrip(".")
        if not name or not all(c.isalnum() or c in "-._" for c in name) or name[-1].isdecimal():
            raise table.wrong("allow", each, "is no name, address or network", remedy)
        names.add(name)
    return Rules(frozenset(names), tuple(networks))


def check(folder: Path) -> list[Fault]:
    """The first fault of ``[fetch]``; none while ``city.toml`` itself cannot be read."""
    return city_faults(folder, "fetch", read)


def judge(url: str, known: Rules) -> tuple[str, int, list[str]]:
    """The host, port and addresses that a URL names, all of which may be asked.

    The addresses are those to connect to: asking for them again might give others.

    Raises:
        Refusal: (forbidden) if scheme, form or any address is not allowed.
        OSError: if the name has no address.
    """
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError as problem:
        raise refused(url, f"cannot be read ({problem})", "https://host/path") from problem
    if parts.scheme not in ("http", "https"):
        raise refused(url, f"has the scheme '{parts.scheme[:20]}'", "http or https")
    if parts.username is not None or parts.password is not None:
        # the URL itself stays unsaid: it holds a password
        raise refused("", "holds a user name or password", "them where this source asks for them")
    if not host:
        raise refused(url, "names no host", "https://host/path")
    port = port or (443 if parts.scheme == "https" else 80)
    try:
        # as a resolver would: letters of other scripts may look like those of an allowed name
        name = host if ":" in host else host.encode("idna").decode()
    except UnicodeError as problem:
        raise refused(url, "names a host that cannot be", "https://host/path") from problem
    addresses = list(known.resolve(name, port))
    for text in addresses:
        address = ipaddress.ip_address(text.partition("%")[0])
        if not _allowed(address, name.lower(), known):
            raise refused(
                url,
                f"leads to {text}, which is not an address of the public network",
                f'"{name}" under [fetch] allow of city.toml if this host is to be asked',
            )
    return name, port, addresses


def _allowed(address: Address, name: str, known: Rules) -> bool:
    if any(address.version == net.version and address in net for net in known.networks):
        return True
    if is_public(address):
        return True
    # an allowed name may lie in a private network, but never at this machine's or a cloud's
    # own doors: those take an address
    inner = embedded(address) or address
    at_a_door = (
        inner.is_loopback
        or inner.is_link_local
        or inner.is_multicast
        or inner.is_unspecified
        or inner in INSIDE_CLOUDS
    )
    return name in known.names and not at_a_door


def embedded(address: Address) -> IPv4Address | None:
    """The IPv4 address that an IPv6 address stands for, if it does."""
    if isinstance(address, IPv4Address):
        return None
    if address in _TEREDO:
        return IPv4Address(~int(address) & 0xFFFFFFFF)
    for carrier, shift in _CARRIERS:
        if address in carrier:
            return IPv4Address(int(address) >> shift & 0xFFFFFFFF)
    return None


def is_public(address: Address) -> bool:
    """Whether anybody in the world may reach it."""
    inner = embedded(address)
    if inner is not None:
        return is_public(inner)
    if isinstance(address, IPv6Address) and address not in _UNICAST:
        return False
    return address.is_global and not address.is_multicast and address not in INSIDE_CLOUDS


def refused(url: str, what: str, remedy: str) -> Refusal:
    """The refusal of a URL, without what follows a question mark: keys stand there."""
    shown = url.partition("?")[0][:200]
    return Refusal(
        f"url {shown} {what}; write {remedy}",
        field="url",
        value=shown,
        remedy=remedy,
        kind="forbidden",
    )
