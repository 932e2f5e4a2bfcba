"""What stands in the container: the manifest, then each database, compressed, in the manifest's order."""

import hashlib
import os
import struct
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from blackboard.backups.container import ContainerWriter, damaged, read_container
from blackboard.backups.contracts import Manifest
from blackboard.backups.pace import Pace
from errors import StoreTooNew

PORTION_BYTES = 256 * 2**10
LEVEL = 1
"""Of zlib: 1 halves the file at 100 MB/s and more, higher levels cost the processor and gain little."""
_LONGEST_MANIFEST = 16 * 2**20
_FORMAT = 1

Sink = Callable[[bytes], object]


def write_archive(path: Path, manifest: Manifest, copies: dict[str, Path], key: bytes | None, pace: Pace) -> None:
    """Write a new file with mode 600, on disk when this returns.

    Raises:
        OSError: it cannot be written. Stopping: see `Pace`.
    """
    path.unlink(missing_ok=True)
    # Never through a link that somebody laid there meanwhile.
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        out = ContainerWriter(file, key)
        head = msgspec.json.encode(manifest)
        out.write(struct.pack(">I", len(head)) + head)
        for member in manifest.databases:
            _deflate(copies[member.name], out, pace)
        out.close()


def _deflate(copy: Path, out: ContainerWriter, pace: Pace) -> None:
    packer = zlib.compressobj(LEVEL)
    with copy.open("rb") as source:
        while part := source.read(PORTION_BYTES):
            out.write(packer.compress(part))
            pace.breathe()
    out.write(packer.flush())


def read_archive(path: Path, key: bytes | None, sink_of: Callable[[str], Sink], pace: Pace) -> Manifest:
    """Read a backup to its end; the bytes of each database go to the sink that `sink_of` gives for its name.

    Raises:
        StoreCorrupt: it is not whole, or what it holds is not what its manifest says.
        StoreTooNew: a newer version of Vespera wrote it. BadConfiguration: the key is missing or wrong.
        OSError: it cannot be read, or a sink failed.
    """
    with path.open("rb") as file:
        stream = _Stream(path, read_container(file, path, key))
        manifest = _manifest(path, stream)
        for member in manifest.databases:
            digest, size = hashlib.sha256(), 0
            sink = sink_of(member.name)
            for part in stream.inflated():
                size += len(part)
                if size > member.bytes:
                    break
                digest.update(part)
                sink(part)
                pace.breathe()
            if size != member.bytes or digest.hexdigest() != member.sha256:
                raise damaged(path, f"{member.name}.sqlite in it is not what its manifest says")
        stream.end()
    return manifest


def read_manifest(path: Path, key: bytes | None) -> Manifest:
    """The manifest alone; nothing behind it is checked. Raises as `read_archive`."""
    with path.open("rb") as file:
        return _manifest(path, _Stream(path, read_container(file, path, key)))


def _manifest(path: Path, stream: "_Stream") -> Manifest:
    (length,) = struct.unpack(">I", stream.take(4))
    if length > _LONGEST_MANIFEST:
        raise damaged(path, "its manifest is too long")
    head = stream.take(length)
    try:
        form = msgspec.json.decode(head, type=dict[str, object]).get("format")
        if form != _FORMAT:
            raise StoreTooNew(
                f"{path} was written by a newer version of Vespera (format {form}; this version knows {_FORMAT}). "
                "Nothing was changed. Install that version."
            )
        return msgspec.json.decode(head, type=Manifest)
    except msgspec.MsgspecError as error:
        raise damaged(path, f"its manifest cannot be read ({error})") from error


class _Stream:
    """Takes the container's chunks apart."""

    def __init__(self, path: Path, chunks: Iterator[bytes]) -> None:
        self._path, self._chunks, self._ahead = path, chunks, b""

    def take(self, count: int) -> bytes:
        """Exactly so many bytes."""
        while len(self._ahead) < count:
            self._ahead += self._more()
        taken, self._ahead = self._ahead[:count], self._ahead[count:]
        return taken

    def inflated(self) -> Iterator[bytes]:
        """One compressed member, portion by portion."""
        unpacker = zlib.decompressobj()
        while not unpacker.eof:
            packed = unpacker.unconsumed_tail or self._ahead or self._more()
            self._ahead = b""
            try:
                yield unpacker.decompress(packed, PORTION_BYTES)
            except zlib.error as error:
                raise damaged(self._path, "a database in it cannot be unpacked") from error
        self._ahead = unpacker.unused_data

    def end(self) -> None:
        """Nothing may follow."""
        if self._ahead or next(self._chunks, b""):
            raise damaged(self._path, "something follows its last database")

    def _more(self) -> bytes:
        for chunk in self._chunks:
            if chunk:
                return chunk
        raise damaged(self._path, "it ends too early")
