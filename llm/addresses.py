"""Base URLs of model servers: set by the operator only, checked once at start."""

import ipaddress
import re
import socket
from urllib.parse import SplitResult, urlsplit

from errors import BadConfiguration

_VERSION = re.compile(r"v\d+[a-z0-9]*")
_METADATA_HOSTS = {"metadata.google.internal", "metadata.goog", "metadata", "instance-data.ec2.internal"}
_METADATA_ADDRESSES = {ipaddress.ip_address("fd00:ec2::254"), ipaddress.ip_address("100.100.100.200")}


def checked_base_url(setting: str, url: str) -> str:
    """The URL without trailing slashes. Loopback and private addresses are fine: local servers live there.

    Raises:
        BadConfiguration: not http(s), carries a password, query or fragment, or names a cloud metadata service.
    """
    parts = _split(setting, url.strip())
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise BadConfiguration(f"{setting} is not an http or https address.")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise BadConfiguration(f"{setting} must be a plain address: no user name, password, query or fragment.")
    if _is_metadata(parts.hostname):
        raise BadConfiguration(f"{setting} names a link-local or cloud metadata address, which no model server has.")
    return url.strip().rstrip("/")


def chat_completions_url(base_url: str) -> str:
    """The OpenAI-shaped endpoint under a base URL with or without ``/v1`` (or a provider's own version) at its end."""
    base = base_url.rstrip("/").removesuffix("/chat/completions")
    last = urlsplit(base).path.rpartition("/")[2]
    if not _VERSION.fullmatch(last) and last != "openai":
        base += "/v1"
    return base + "/chat/completions"


def without_suffix(base_url: str, *suffixes: str) -> str:
    """The base URL without the path an SDK appends itself, should the operator have written it."""
    for suffix in suffixes:
        base_url = base_url.rstrip("/").removesuffix(suffix)
    return base_url


def _split(setting: str, url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises on a port that is none
    except ValueError:
        raise BadConfiguration(f"{setting} is not an http or https address.") from None
    return parts


def _is_metadata(host: str) -> bool:
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
