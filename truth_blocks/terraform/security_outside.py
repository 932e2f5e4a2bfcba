"""What leaves the plan: programs that run, state kept on another host, modules fetched from elsewhere."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from truth_blocks.terraform.conditions import Hit
from truth_blocks.terraform.model import Attribute, Block, Expression, ObjectItem, ObjectValue, literal_text, walk
from truth_blocks.terraform.survey import Placed

_TOKEN_PROGRAMS = frozenset({"aws", "aws-iam-authenticator", "gcloud", "gke-gcloud-auth-plugin", "kubelogin", "az"})
"""The clouds' own programs that fetch a cluster's token."""
_DOES = {"file": "copies files over a connection", "local-exec": "runs a program on the machine that applies it"}
UNKNOWN = "?"
"""Stands for a host that an expression decides; no request names it."""
_PUBLIC = "app.terraform.io"
_PLACES = re.compile(r"host|hostname|address|lock_address|unlock_address|url|conn_str|\w*endpoints?|repo")
"""Arguments of a backend that name a host."""
_OWN_HOSTS: dict[str, tuple[str, ...]] = {
    "s3": (".amazonaws.com", ".amazonaws.com.cn"),
    "gcs": (".googleapis.com",),
    "azurerm": (".azure.com", ".windows.net"),
}


def outside(block: Block) -> Iterator[Hit]:
    """What a top-level block runs, where it keeps state, what it fetches without a pin."""
    yield from programs(block)
    for backend in backends(block):
        hosts = [host for host in hosts_of(backend) if host != _PUBLIC]
        if hosts:
            yield "SEC-043", backend, f"keeps its state on {shown(hosts[0])}"
    if block.type == "module":
        source = block.attribute("source")
        text = literal_text(source.value) if source else None
        if source is not None and text and is_remote(text) and not _pinned(block, text):
            yield "SEC-044", source, "is fetched from elsewhere without a fixed version"


def programs(block: Block) -> Iterator[Hit]:
    """Provisioners, ``external`` data sources, programs that a provider or a release starts."""
    if block.type == "resource":
        for inner in block.blocks:
            if inner.type in ("provisioner", "dynamic") and "provisioner" in (inner.type, *inner.labels[:1]):
                name = inner.labels[0] if inner.labels else "provisioner"
                yield "SEC-041", inner, f"{_DOES.get(name, 'runs a program on the machine it makes')} ({name})"
        for at, _ in _settings_of(block, "postrender"):
            yield "SEC-042", at, "runs a program on what it installs (postrender)"
    elif block.type == "data" and block.labels[:1] == ("external",):
        yield "SEC-042", block.attribute("program") or block, "runs a program while Terraform plans"
    elif block.type == "provider":
        for at, command in _settings_of(block, "exec"):
            if command not in _TOKEN_PROGRAMS:
                yield "SEC-042", at, "runs a program for its credentials"
    elif block.type == "check":
        for inner in block.blocks:
            yield from programs(inner)


def backends(block: Block) -> list[Block]:
    """The ``backend`` and ``cloud`` blocks of a ``terraform`` block."""
    return [each for each in block.blocks if each.type in ("backend", "cloud")] if block.type == "terraform" else []


def hosts_of(backend: Block) -> list[str]:
    """The hosts a backend names, lower case; `UNKNOWN` for one that an expression decides."""
    kind = backend.labels[0] if backend.labels else "remote"
    hosts = []
    for attribute in backend.attributes:
        named = _PLACES.fullmatch(attribute.name) is not None
        for value in walk(attribute.value):
            text = literal_text(value)
            if text and (named or "://" in text):
                hosts.append(_host(text))
        if named and not any(literal_text(value) is not None for value in walk(attribute.value)):
            hosts.append(UNKNOWN)
    own = _OWN_HOSTS.get(kind, ())
    return [host for host in hosts if not (own and host.endswith(own))]


def foreign_backend(backend: Block, request: str) -> str:
    """The host of a drafted backend that the request does not name; ``""`` when there is none."""
    kind = backend.labels[0] if backend.labels else "remote"
    hosts = hosts_of(backend)
    if kind == "remote" and not hosts:
        hosts = [_PUBLIC]
    asked = request.lower()
    if re.search(r"terraform cloud|hcp terraform|tfc\b", asked):
        hosts = [host for host in hosts if host != _PUBLIC]
    return next((host for host in hosts if host == UNKNOWN or not _names(asked, host)), "")


def _names(request: str, host: str) -> bool:
    return re.search(rf"(?<![\w.-]){re.escape(host)}(?!-?\w|\.\w)", request) is not None


def shown(host: str) -> str:
    """The host in a sentence."""
    return "a host that an expression decides" if host == UNKNOWN else host


def is_remote(source: str) -> bool:
    """Is a module's source anything but a folder beside the file?"""
    return not source.startswith(("./", "../"))


def _pinned(block: Block, source: str) -> bool:
    version = block.attribute("version")
    return version is not None or re.search(r"[?&]ref=[^&]", source) is not None


def _host(text: str) -> str:
    try:
        return (urlsplit(text if "://" in text else f"//{text}").hostname or text).lower()
    except ValueError:
        return text.lower()


def _settings_of(block: Block, name: str) -> Iterator[tuple[Placed, str]]:
    """Nested blocks or objects of this name at any depth, each with its literal ``command``."""
    for attribute in block.attributes:
        yield from _objects(attribute, attribute.name, attribute.value, name)
    for inner in block.blocks:
        if name in (inner.type, *inner.labels[:1]):
            command = next((each.attribute("command") for each in [inner, *inner.blocks]), None)
            yield inner, (literal_text(command.value) if command else None) or ""
        else:
            yield from _settings_of(inner, name)


def _objects(at: Attribute | ObjectItem, key: str, value: Expression, name: str) -> Iterator[tuple[Placed, str]]:
    if key == name:
        items = value.items if isinstance(value, ObjectValue) else ()
        command = next((literal_text(item.value) for item in items if item.key == "command"), None)
        yield at, command or ""
        return
    for part in walk(value):
        for item in part.items if isinstance(part, ObjectValue) else ():
            if item.key == name:
                yield from _objects(item, name, item.value, name)
