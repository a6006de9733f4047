"""Tells addresses of the public internet from private and special ones."""

import ipaddress

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# IPv6 is public only in the range that the registries allocate from. That excludes loopback, link-local, unique
# local, multicast, IPv4-mapped (::ffff:0:0/96), IPv4-compatible (::/96) and NAT64 (64:ff9b::/96, 64:ff9b:1::/48).
_GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
# Ranges that some version of `ipaddress` calls global and that must not be reached all the same.
_REFUSED: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...] = (
    ipaddress.IPv4Network("0.0.0.0/8"),
    ipaddress.IPv4Network("100.64.0.0/10"),  # inside a provider's network
    ipaddress.IPv4Network("168.63.129.16/32"),  # Azure's own service, on every machine there
    ipaddress.IPv4Network("192.0.0.0/24"),  # protocol assignments; Oracle's metadata
    ipaddress.IPv4Network("192.88.99.0/24"),  # relays from IPv6 to IPv4
    ipaddress.IPv4Network("198.18.0.0/15"),
    ipaddress.IPv4Network("224.0.0.0/3"),  # multicast, reserved, broadcast
    ipaddress.IPv6Network("2001::/23"),  # Teredo and others that hold an IPv4 address
    ipaddress.IPv6Network("2001:db8::/32"),
    ipaddress.IPv6Network("2002::/16"),  # 6to4: holds an IPv4 address
    ipaddress.IPv6Network("3fff::/20"),
)


def is_public(address: Address) -> bool:
    """Whether an address is a public unicast address; gives the same result on every version of Python."""
    if isinstance(address, ipaddress.IPv6Address) and (
        address.scope_id or address not in _GLOBAL_UNICAST
    ):
        return False
    ordinary = address.is_global and not (address.is_multicast or address.is_reserved)
    return ordinary and not any(
        address in network for network in _REFUSED if network.version == address.version
    )
