"""Text files that come with a command: number, size and kind are checked before anything is downloaded.

Nothing is unpacked: an archive is refused by its name and by the type that Discord announces.
"""

from collections.abc import Mapping

import discord

from errors import UserMistake
from truth_blocks.contracts import SourceFile

FILE_BYTES = 512 * 1024
FILES = 2
"""Attachments of one command."""
TEXT_TYPES = ("text/", "application/json", "application/octet-stream", "application/x-terraform", "application/hcl")
"""Types that Discord announces for text; it guesses them by the name."""
KINDS = (".tf", ".tf.json", ".tfvars", ".hcl", ".json", ".txt", ".md")


async def read_all(attached: Mapping[str, discord.Attachment]) -> tuple[SourceFile, ...]:
    """Download what came with a command as text, by the option it was given for; all are checked before the first.

    Raises:
        UserMistake: too many, or as `read`.
    """
    if len(attached) > FILES:
        raise UserMistake(f"At most {FILES} files may come with a command. Nothing was downloaded.")
    for item in attached.values():
        check(item)
    return tuple([await read(item, option) for option, item in attached.items()])


def check(attachment: discord.Attachment) -> None:
    """Whether an attachment may be downloaded, by what Discord announces of it. Raises UserMistake."""
    name, kind = attachment.filename, (attachment.content_type or "").partition(";")[0].strip().lower()
    if not name.lower().endswith(KINDS):
        raise UserMistake(f"`{name}` is not a kind of file I read. I read {', '.join(KINDS)}. Nothing was downloaded.")
    if attachment.size > FILE_BYTES:
        raise UserMistake(
            f"`{name}` has {attachment.size // 1024} kB; the most I read is {FILE_BYTES // 1024} kB. "
            "Nothing was downloaded. Send the module in parts."
        )
    if attachment.size == 0:
        raise UserMistake(f"`{name}` is empty.")
    if kind and not kind.startswith(TEXT_TYPES):
        raise UserMistake(f"Discord announces {kind} for `{name}`. I read text only. Nothing was downloaded.")


async def read(attachment: discord.Attachment, option: str) -> SourceFile:
    """Download one attachment as text; ``option`` is the one it was given for.

    Raises:
        UserMistake: too large, of another kind, empty, or not UTF-8 text.
    """
    check(attachment)
    name = attachment.filename
    try:
        content = await attachment.read()
    except discord.HTTPException:
        raise UserMistake(f"`{name}` could not be fetched from Discord. Nothing was started; send it again.") from None
    if len(content) > FILE_BYTES:
        raise UserMistake(f"`{name}` is larger than announced; the most I read is {FILE_BYTES // 1024} kB.")
    return SourceFile(name, _decoded(name, content), option)


def _decoded(name: str, content: bytes) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UserMistake(
            f"`{name}` is not UTF-8 text (byte {error.start} does not fit). Save it as UTF-8 and send it again."
        ) from None
    if "\0" in text:
        raise UserMistake(f"`{name}` is a binary file. I read text only.")
    return text
