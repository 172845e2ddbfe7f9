"""What the child does with a reading: it writes it down line by line, within limits.

A large sheet comes in pieces. Where there are two processors a second process makes every other piece meanwhile; what
it makes is passed on in order.
"""

import os
import struct
from collections.abc import Callable, Iterator, Sequence
from typing import BinaryIO, NamedTuple, NoReturn

from servicedesk.spreadsheets.formats import wire
from servicedesk.spreadsheets.formats.workbook import (
    NEEDS_MORE_MEMORY,
    TOO_MUCH,
    Limits,
    Piece,
    Pieces,
    Reading,
    Refused,
    too_many_rows,
)

HEAD = struct.Struct("<4Q")
REFUSAL = 2**64 - 1
FAILED = 1


def send(out: BinaryIO, reading: Reading, limits: Limits) -> None:
    """Write the whole reading. Raises Refused for a sheet with too many rows, or more than the parent should hold."""
    out.write(wire.head_out(reading))
    sent = _Sent(limits)
    for sheet in reading.sheets:
        out.write(wire.head_out(sheet))
        sent.begin(sheet.name)
        for batch in wire.batches(sheet.rows):
            sent.add(len(batch), sum(map(len, batch)), out.write(wire.batch_out(batch)))
        if sheet.pieces:
            _send_pieces(out, sheet.pieces, sent)
        if sheet.lines:
            out.write(wire.lines_out(sheet.lines))
    out.write(wire.end_out())


class _Sent:
    """How much has been handed over. Raises Refused for more than the limits allow."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.sheet, self.rows, self.cells, self.size = "", 0, 0, 0
        self.before = 0, 0

    def begin(self, sheet: str) -> None:
        self.sheet, self.rows = sheet, 0
        self.before = self.cells, self.size

    def again(self) -> None:
        """The rows of this sheet do not count so far."""
        self.rows, (self.cells, self.size) = 0, self.before

    def add(self, rows: int, cells: int, size: int) -> None:
        self.rows, self.cells, self.size = self.rows + rows, self.cells + cells, self.size + size
        if self.rows - 1 > self.limits.rows:
            raise Refused(too_many_rows(self.sheet, self.limits))
        if self.cells > self.limits.cells or self.size > self.limits.unpacked:
            raise Refused(TOO_MUCH)


class _Made(NamedTuple):
    """A piece as it is written: its rows begin in row `first`, `lines` hold them."""

    first: int
    rows: int
    cells: int
    lines: bytes


def _send_pieces(out: BinaryIO, pieces: Pieces, sent: _Sent) -> None:
    for made in _in_order(pieces.makers, sent.limits.workers):
        if (
            made.rows and made.first <= sent.rows
        ):  # the rows of the file are not in order: only as a whole they are
            out.write(wire.again_out())
            sent.again()
            _send_piece(out, _made(pieces.whole()), sent)
            return
        _send_piece(out, made, sent)


def _send_piece(out: BinaryIO, made: _Made, sent: _Sent) -> None:
    gap = made.first - 1 - sent.rows if made.rows else 0
    sent.add(gap + made.rows, made.cells, len(made.lines))
    out.write(made.lines)


def _made(piece: Piece) -> _Made:
    width = max(map(len, piece.rows), default=0)
    lines = [wire.notes_out(piece.notes)]
    if piece.rows:
        lines.append(wire.place_out(piece.first, width))
    lines += map(wire.batch_out, wire.batches(piece.rows))
    return _Made(piece.first, len(piece.rows), width * len(piece.rows), b"".join(lines))


def _in_order(makers: Sequence[Callable[[], Piece]], workers: int) -> Iterator[_Made]:
    if len(makers) < 2 or min(workers, len(os.sched_getaffinity(0))) < 2:
        yield from (_made(make()) for make in makers)
        return
    reading_end, writing_end = os.pipe()
    helper = os.fork()
    if helper == 0:
        os.close(reading_end)
        _help(writing_end, makers[1::2])
    os.close(writing_end)
    with open(reading_end, "rb") as pipe:
        for place, make in enumerate(makers):
            yield _received(pipe, helper) if place % 2 else _made(make())
    os.waitpid(helper, 0)


def _help(writing_end: int, makers: Sequence[Callable[[], Piece]]) -> NoReturn:
    """Make these pieces and end."""
    status = FAILED
    try:
        with open(writing_end, "wb") as pipe:
            for make in makers:
                try:
                    made = _made(make())
                except Refused as refusal:
                    sentence = str(refusal).encode()
                    pipe.write(HEAD.pack(REFUSAL, 0, 0, len(sentence)) + sentence)
                    break
                pipe.write(HEAD.pack(made.first, made.rows, made.cells, len(made.lines)))
                pipe.write(made.lines)
        status = 0
    except MemoryError:
        status = NEEDS_MORE_MEMORY
    finally:
        os._exit(status)


def _received(pipe: BinaryIO, helper: int) -> _Made:
    head = pipe.read(HEAD.size)
    if len(head) < HEAD.size:
        _end_like(helper)
    first, rows, cells, size = HEAD.unpack(head)
    lines = pipe.read(size)
    if first == REFUSAL:
        raise Refused(lines.decode())
    return _Made(first, rows, cells, lines)


def _end_like(helper: int) -> NoReturn:
    """The helper has died, so this process goes the same way."""
    _, status = os.waitpid(helper, 0)
    if os.WIFSIGNALED(status):
        os.kill(os.getpid(), os.WTERMSIG(status))
    if os.waitstatus_to_exitcode(status) == NEEDS_MORE_MEMORY:
        raise MemoryError
    raise ChildProcessError("The helper has failed")
