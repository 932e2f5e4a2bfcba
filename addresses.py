"""Addresses an operator sets: of model servers, of the relay's roles, of a proxy. Checked once, at start.

People and models set none: nothing here is reachable from a request.
"""

import ipaddress
import socket
from urllib.parse import SplitResult, urlsplit

from errors import BadConfiguration

HTTP = ("http", "https")
WEBSOCKET = ("ws", "wss")
_METADATA_HOSTS = {"metadata.google.internal", "metadata.goog", "metadata", "instance-data.ec2.internal"}
_METADATA_ADDRESSES = {ipaddress.ip_address("fd00:ec2::254"), ipaddress.ip_address("100.100.100.200")}


def checked_url(setting: str, url: str, schemes: tuple[str, ...] = HTTP) -> str:
    """The address without trailing slashes. Loopback and private addresses are fine: local servers live there.

    Raises:
        BadConfiguration: of another scheme, carries a password, query or fragment, or names a cloud metadata service.
    """
    parts = _split(setting, url.strip(), schemes)
    if parts.scheme not in schemes or not parts.hostname:
        raise BadConfiguration(_no_address(setting, schemes))
    if parts.username or parts.password or parts.query or parts.fragment:
        raise BadConfiguration(f"{setting} must be a plain address: no user name, password, query or fragment.")
    if is_metadata(parts.hostname):
        raise BadConfiguration(f"{setting} names a link-local or cloud metadata address, where no server of yours is.")
    return url.strip().rstrip("/")


def _split(setting: str, url: str, schemes: tuple[str, ...]) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises on a port that is none
    except ValueError:
        raise BadConfiguration(_no_address(setting, schemes)) from None
    return parts


def _no_address(setting: str, schemes: tuple[str, ...]) -> str:
    example = "http://127.0.0.1:1234/v1" if schemes == HTTP else "ws://127.0.0.1:8081"
    return f"{setting} must be a web address ({' or '.join(schemes)}), for example {example}."


def is_metadata(host: str) -> bool:
    """Whether a host is link-local or a cloud's metadata service, in any spelling of its address."""
    host = host.rstrip(".").lower()
    if host in _METADATA_HOSTS:
        return True
    address = _address(host)
    if address is None:
        return False
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return address.is_link_local or address in _METADATA_ADDRESSES


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        pass
    try:
        return ipaddress.IPv4Address(socket.inet_aton(host))  # 0xA9FEA9FE and 2852039166 are 169.254.169.254 too
    except OSError:
        return None
