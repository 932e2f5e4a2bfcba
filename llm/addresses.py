"""Base URLs of model servers: what an SDK or a protocol adds to them, and what an operator may have written already."""

import re
from urllib.parse import urlsplit

from addresses import checked_url

_VERSION = re.compile(r"v\d+[a-z0-9]*")


def checked_base_url(setting: str, url: str) -> str:
    """The URL without trailing slashes. Raises BadConfiguration: see `addresses.checked_url`."""
    return checked_url(setting, url)


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
