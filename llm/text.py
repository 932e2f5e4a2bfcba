"""Text that goes to a model and comes back: fences, thoughts, token estimates."""

CHARACTERS_PER_TOKEN = 3.5
"""A rule of thumb for English and JSON, used where a provider reports no usage."""

_THINK, _THOUGHT_ENDS, _FENCE = "<think>", "</think>", "```"


def json_text(reply: str) -> str:
    """The reply without a reasoning model's leading ``<think>`` blocks and without one surrounding code fence.

    Nothing else is mended: whether the rest is JSON of the agreed shape is the critic's to decide. Linear in the
    length of the reply, whatever it holds.
    """
    return _without_fence(reply[_after_thoughts(reply) :].strip())


def _after_thoughts(reply: str) -> int:
    start = 0
    while True:
        begin = start
        while begin < len(reply) and reply[begin].isspace():
            begin += 1
        end = reply.find(_THOUGHT_ENDS, begin) if reply.startswith(_THINK, begin) else -1
        if end < 0:
            return start
        start = end + len(_THOUGHT_ENDS)


def _without_fence(text: str) -> str:
    header, newline, rest = text.partition("\n")
    if not (newline and header.startswith(_FENCE) and rest.endswith(_FENCE)):
        return text
    language, body = header.removeprefix(_FENCE).strip(), rest.removesuffix(_FENCE)
    if _FENCE in body or (language and not language.replace("-", "a").isalnum()):
        return text
    return body.strip()


def estimated_tokens(*texts: str) -> int:
    """Tokens of the texts together, estimated from their length."""
    return round(sum(map(len, texts)) / CHARACTERS_PER_TOKEN)


def whole_characters(text: str) -> str:
    """The text with split pairs of surrogates joined, and a half without its other replaced: no file takes one."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text
