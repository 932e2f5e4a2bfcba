"""Text from models and strangers made harmless before a person sees it, in Discord and in a terminal.

What it takes the teeth out of: control and bidi characters, mentions, masked links to unknown hosts, invites, and
lines that imitate our own status line. In a closed fence or in backticks Discord mentions nobody: there mentions stay.
"""

import re
from urllib.parse import urlsplit

KNOWN_HOSTS = frozenset(
    {
        "developer.hashicorp.com",
        "docs.aws.amazon.com",
        "github.com",
        "media.dndbeyond.com",
        "registry.terraform.io",
        "www.dndbeyond.com",
    }
)
"""Hosts to which a link may carry another text than its address."""

_GAP = "\u200b"  # ends a mention or a marker without being seen
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # control characters other than tab and line feed
    "\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"  # bidi, zero width
    "\U000e0000-\U000e007f\ud800-\udfff]"  # tag characters, lone surrogates
)
_CODE = re.compile(r"(```.*?```|(?<!`)`[^`\n]+`(?!`))", re.DOTALL)
_INVITE = re.compile(
    r"(?:https?://)?(?:www\.|ptb\.|canary\.)?"
    r"(?:discord(?:app)?\.com/+invite|discord\.(?:gg|me|io|li)|dsc\.gg|invite\.gg)/+[\w-]+",
    re.IGNORECASE,
)
_MASKED = re.compile(
    r"!?\[(?P<text>(?:[^\[\]\\]|\\.|\[[^\[\]]{0,200}\]){0,500})\]"
    r"\(\s{0,9}<?(?P<url>[a-z][a-z0-9+.-]{0,30}:[^\s<>()]{0,2000}(?:\([^\s<>()]{0,200}\)[^\s<>()]{0,2000}){0,9})>?"
    r"(?:\s[^)]{0,300})?\)",
    re.IGNORECASE,
)
"""The usual masked link. Bounded, so that no text makes the search slow; what it misses `_LINKING` breaks."""
_LINKING = re.compile(
    r"\](?=\(\s*<?(?!https://(?:" + "|".join(map(re.escape, sorted(KNOWN_HOSTS))) + r")/)[a-z][a-z0-9+.-]*:)",
    re.IGNORECASE,
)
_MENTION = re.compile(r"<(?=@|#|/[^<>\n]{1,120}:\d|a?:\w|t:|id:)")
"""Of `</` only what mentions a command, name and number: closing tags of HTML are ordinary words of an answer."""
_EVERYONE = re.compile(r"@(?=everyone|here)", re.IGNORECASE)
_QUIET_LINE = re.compile(r"^([ \t>]*)-#(?=[^\S\n]*[*_~|`\\]*[✓✔☑◌↺⌁▲?✗])", re.MULTILINE)


def visible(text: str) -> str:
    """The text without characters that are not seen or turn its direction; line feeds and tabs stay."""
    return _UNSEEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def one_line(text: str) -> str:
    """The visible text in one line, so that none of it can stand as a line of its own."""
    return " ".join(visible(text).split())


def for_terminal(text: str) -> str:
    """Fit for a terminal: no escape sequence can be begun, nothing is hidden or reversed."""
    return visible(text)


def for_discord(text: str) -> str:
    """Fit for a Discord message: pings nobody, hides no address, invites nowhere, imitates no status line."""
    text = _INVITE.sub("[invite removed]", visible(text))
    # Also in what looks like code: where code begins and ends Discord decides, and a link may have code in its text.
    text = _LINKING.sub("] ", _MASKED.sub(_unmask, text))
    text = _QUIET_LINE.sub(r"\1\\-#", text)
    parts = _CODE.split(text)
    return "".join(part if index % 2 else _prose(part) for index, part in enumerate(parts))


def in_code(text: str) -> str:
    """Fit to stand between backticks or in a fence: cannot end it."""
    return _INVITE.sub("[invite removed]", visible(text)).replace("`", "ˋ")


def file_name(name: str) -> str:
    """A plain file name: no folder, no hidden file, at most 80 characters."""
    plain = re.sub(r"[^A-Za-z0-9._-]+", "_", visible(name).replace("\\", "/").rsplit("/", 1)[-1]).lstrip(".")
    return plain[-80:] or "file.txt"


def _prose(text: str) -> str:
    text = _MENTION.sub("<" + _GAP, text)
    return _EVERYONE.sub("@" + _GAP, text)


def _unmask(match: re.Match[str]) -> str:
    if _known(match["url"]) and "://" not in match["text"]:
        return f"[{match['text']}]({match['url']})"
    return f"{match['text']} ({match['url']})"


def _known(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:  # No address at all, for example an unclosed bracket in the host.
        return False
    return parts.scheme.lower() == "https" and parts.netloc.lower() in KNOWN_HOSTS
