"""Secrets taken out of text: registered values in any of their usual spellings, and whatever is shaped like a key.

Whatever leaves the process as text (logs, traces, error texts, the audit log) goes through `redact`; what people and
models write goes through `without_secrets`, which leaves other people's keys alone: a check must be able to find them.
"""

import html
import json
import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterable, Iterator
from functools import lru_cache
from urllib.parse import quote, quote_plus

GONE = "[redacted]"
SHORTEST = 6
"""Characters a value must have to be registered; a shorter one stands in too many words."""
WHOLE = 20
"""A longer spelling is also found by its beginning: texts are cut, and servers echo the first half of a key."""
HEAD = 12
_LEAST_ENCODED = 8
MOST = 32
"""Secrets known at a time; an installation has a dozen, a process that opens one after another forgets the first."""

_KEY_SHAPES = re.compile(
    r"\b(?:gsk_[A-Za-z0-9]{20,}|AIza[0-9A-Za-z_-]{30,}|sk-[A-Za-z0-9_-]{16,}"
    r"|[MNO][A-Za-z0-9_-]{23,27}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,})"
)
_IN_HEADERS = re.compile(r"(?i:(?<=bearer )|(?<=authorization: bot ))[A-Za-z0-9._-]{12,}")
_IN_PATHS = re.compile(r"(?<=hooks/)(\d{5,}/)[\w.%-]{20,}|(?<=interactions/)(\d{5,}/)[\w.%-]{20,}")
_known: dict[str | bytes, None] = {}
_spellings: dict[str, tuple[str, ...]] = {}
"""How secrets may stand in a text, by the part that is looked for; several may begin alike."""


def hide(secrets: Iterable[str | bytes]) -> None:
    """Register values that must never be let through; bytes (a key file) in the spellings that bytes have."""
    given = [secret for secret in secrets if len(secret) >= SHORTEST]
    known = all(secret in _known for secret in given)
    for secret in given:  # One that is registered again is the newest again: the oldest are forgotten first.
        _known.pop(secret, None)
        _known[secret] = None
    if known:
        return
    while len(_known) > MOST:
        _known.pop(next(iter(_known)))
    found = {spelling for secret in _known for spelling in _of(secret)}
    _spellings.clear()
    for spelling in sorted(found):
        head = spelling[:HEAD] if len(spelling) >= WHOLE else spelling
        _spellings[head] = (*_spellings.get(head, ()), spelling)


def redact(text: str) -> str:
    """The text without registered secrets and without anything shaped like a key of a known provider."""
    text = without_secrets(text)
    folded = text.casefold()
    if "bearer " in folded or ": bot " in folded:  # The look-behinds cost as much as all else here.
        text = _IN_HEADERS.sub(GONE, text)
    if "hooks/" in text or "interactions/" in text:  # Discord's tokens are part of an address
        text = _IN_PATHS.sub(lambda found: f"{found[1] or found[2]}{GONE}", text)
    return _KEY_SHAPES.sub(GONE, text)


def without_secrets(text: str) -> str:
    """The text without registered secrets."""
    for head, spellings in _spellings.items():
        if head in text:
            text = _without(text, head, spellings)
    return text


def _without(text: str, head: str, spellings: tuple[str, ...]) -> str:
    """The text without what begins so, each time as far as it follows one of the spellings."""
    parts, begin = [], 0
    while (at := text.find(head, begin)) >= 0:
        parts += [text[begin:at], GONE]
        begin = at + max(_followed(text, at, each) for each in spellings)
    return "".join([*parts, text[begin:]])


def _followed(text: str, at: int, spelling: str) -> int:
    """How many characters of a spelling stand there."""
    length = 0
    while length < len(spelling) and text.startswith(spelling[length], at + length):
        length += 1
    return length


@lru_cache(MOST)
def _of(secret: str | bytes) -> frozenset[str]:
    raw = secret.encode(errors="surrogateescape") if isinstance(secret, str) else secret
    found = {*_base64(raw), raw.hex(), raw.hex().upper(), quote(raw, safe=""), quote(raw), quote_plus(raw)}
    found |= {text.replace("%", "%25") for text in found if "%" in text}
    found |= {re.sub("%[0-9A-F]{2}", lambda code: code[0].lower(), text) for text in found if "%" in text}
    if isinstance(secret, str):
        found |= {secret, json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]}
        found |= {repr(secret)[1:-1], html.escape(secret)}
    else:
        found |= {repr(secret)[2:-1], secret.decode("latin-1")}
    found |= {json.dumps(text)[1:-1] for text in found if "\\" in text}
    return frozenset(text for text in found if len(text) >= SHORTEST)


def _base64(raw: bytes) -> Iterator[str]:
    """The part of the encoding that is the same whatever stands before and after, at each of the three offsets."""
    for encode in (b64encode, urlsafe_b64encode):
        for before in range(3):
            core = encode(bytes(before) + raw).decode()[(before * 4 + 2) // 3 : (before + len(raw)) * 8 // 6]
            if len(core) >= _LEAST_ENCODED:
                yield core
