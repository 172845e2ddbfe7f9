"""The compound file that an old Office document is: a small file system in one file, read as far as an .xls needs."""

import struct
from collections.abc import Iterator
from typing import NamedTuple

from servicedesk.spreadsheets.formats.safe_xml import DAMAGED
from servicedesk.spreadsheets.formats.workbook import Refused

HEADER, ENTRY = 512, 128
LAST_SECTOR = 0xFFFFFFFA
END = 0xFFFFFFFE
STREAM, ROOT = 2, 5


class Entry(NamedTuple):
    """A name in the directory: its stream begins in sector `start`."""

    kind: int
    start: int
    size: int


class Compound:
    """The directory of a compound file and its streams. Raises Refused for a damaged one."""

    def __init__(self, data: bytes) -> None:
        if len(data) < HEADER:
            raise Refused(DAMAGED)
        self.data = data
        shift, mini_shift = struct.unpack_from("<HH", data, 30)
        if shift not in (9, 12) or mini_shift != 6:
            raise Refused(DAMAGED)
        self.size, self.mini_size = 1 << shift, 1 << mini_shift
        directory, _, self.cutoff, mini_table, mini_count = struct.unpack_from("<IIIII", data, 48)
        self.table = self._table()
        self.entries = dict(self._entries(self._chain(directory)))
        self.mini_table: tuple[int, ...] = ()
        if mini_count:
            self.mini_table = _numbers(self._chain(mini_table))

    def stream(self, name: str) -> bytes:
        """The content of the stream of that name. Raises Refused where there is none."""
        entry = self.entries.get(name)
        if entry is None or entry.kind != STREAM or entry.size > len(self.data):
            raise Refused(DAMAGED)
        if entry.size >= self.cutoff:
            return self._chain(entry.start)[: entry.size]
        root = next((each for each in self.entries.values() if each.kind == ROOT), None)
        if root is None:
            raise Refused(DAMAGED)
        mini = self._chain(root.start)
        pieces = (
            mini[at * self.mini_size :][: self.mini_size] for at in _follow(self.mini_table, entry.start)
        )
        return b"".join(pieces)[: entry.size]

    def _table(self) -> tuple[int, ...]:
        """Which sector follows which."""
        places = list(struct.unpack_from("<109I", self.data, 76))
        more = struct.unpack_from("<I", self.data, 68)[0]
        while more < LAST_SECTOR and len(places) * self.size < len(self.data) * 2:
            *found, after = _numbers(self._sector(more))
            places += found
            more = after
        return _numbers(b"".join(self._sector(place) for place in places if place < LAST_SECTOR))

    def _sector(self, number: int) -> bytes:
        start = (number + 1) * self.size
        if start >= len(self.data):
            raise Refused(DAMAGED)
        return self.data[start : start + self.size].ljust(self.size, b"\0")

    def _chain(self, start: int) -> bytes:
        return b"".join(map(self._sector, _follow(self.table, start)))

    def _entries(self, directory: bytes) -> Iterator[tuple[str, Entry]]:
        for at in range(0, len(directory), ENTRY):
            length, kind = struct.unpack_from("<HB", directory, at + 64)
            start, size = struct.unpack_from("<II", directory, at + 116)
            if kind and 2 < length <= 64:
                name = directory[at : at + length - 2].decode("utf-16-le", errors="replace")
                yield name, Entry(kind, start, size)


def _follow(table: tuple[int, ...], start: int) -> Iterator[int]:
    seen = 0
    while start != END:
        if start >= len(table) or seen > len(table):
            raise Refused(DAMAGED)
        yield start
        start, seen = table[start], seen + 1


def _numbers(sector: bytes) -> tuple[int, ...]:
    return struct.unpack(f"<{len(sector) // 4}I", sector[: len(sector) // 4 * 4])
