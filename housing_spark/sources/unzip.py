"""Gzip in pieces, as it comes from a stream."""

import zlib
from collections.abc import Iterator

CHUNK = 4 << 20


class Unzip:
    """What gzip packed, in pieces; members one after another are one content, as readers take them."""

    def __init__(self) -> None:
        self._member = zlib.decompressobj(wbits=31)

    @property
    def is_whole(self) -> bool:
        """Whether the last member has ended."""
        return self._member.eof

    def of(self, chunk: bytes) -> Iterator[bytes]:
        """The content of the next bytes of the file."""
        while chunk:
            if self._member.eof:
                self._member = zlib.decompressobj(wbits=31)
            yield self._member.decompress(chunk, CHUNK)
            chunk = self._member.unconsumed_tail or self._member.unused_data
