"""A file that a person sent, read in a child process that may die without harm.

    read_upload(path, name="", limits=Limits(), encoding="") -> Workbook      raises Refused(sentence)
    read_pasted(text, limits=Limits()) -> Workbook               rows copied from a sheet; raises Refused(sentence)
    as_file(text) -> bytes                                       the same rows as a file to keep, read alike

The format is decided by content, never by name. Every failure of the child (killed, out of memory, out of time,
aborted) comes back as a Refused sentence. The child gets the bytes on its standard input, nothing of our environment,
and limits on memory, processor time and what it may write; it imports no Django.
"""

import gc
import json
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryDirectory, TemporaryFile
from threading import Timer
from typing import Any

from servicedesk.spreadsheets.formats import wire
from servicedesk.spreadsheets.formats.safe_xml import DAMAGED
from servicedesk.spreadsheets.formats.workbook import (
    NEEDS_MORE_MEMORY,
    Cell,
    Limits,
    Note,
    Refused,
    Row,
    Sheet,
    Workbook,
)

__all__ = [
    "ENCODINGS",
    "FORMATS",
    "Cell",
    "Limits",
    "Note",
    "Refused",
    "Row",
    "Sheet",
    "Workbook",
    "as_file",
    "read_pasted",
    "read_upload",
]

USUAL = Limits()
# what can be read, in words for whoever chooses a file
FORMATS = (
    "We can read an Excel workbook (.xlsx, .xlsb or .xls), an OpenDocument spreadsheet (.ods), a text file (.csv or"
    " .tsv) and a .zip that holds one .csv or .tsv file"
)
# what a text file may be written in, in words for whoever is asked
ENCODINGS = {
    "utf-8": "Unicode (UTF-8)",
    "utf-16": "Unicode (UTF-16)",
    "cp1252": "Windows (Western European)",
    "mac_roman": "Old Mac (Mac Roman)",
}
GUESSED = ("cp1252", "mac_roman")
"""In these any bytes make sense: a file is taken for one of them by how likely its letters are."""
logger = logging.getLogger(__name__)

ROOT = Path(__file__).parents[2]
CHILD = [sys.executable, "-E", "-s", "-m", "servicedesk.spreadsheets.formats.child"]
GIVING_BACK = [*CHILD[:-1], "servicedesk.spreadsheets.formats.giving_back"]
# Large pages, where the system has them, spare a fifth of the time of a process that fills fresh memory and ends.
SURROUNDINGS = {"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}

NOTHING_PASTED = "Paste the rows with their headings, or choose a file."
TOO_SLOW = "This file takes too long to read. Copy the rows you need into a new workbook and upload that."
TOO_LARGE = (
    "This file needs more memory than we allow. Copy the rows you need into a new workbook, without empty rows and"
    " columns at the end, save it as .xlsx and upload that."
)

ENDINGS = {
    -signal.SIGXCPU: TOO_SLOW,
    -signal.SIGKILL: TOO_SLOW,
    -signal.SIGABRT: TOO_LARGE,
    -signal.SIGSEGV: TOO_LARGE,
    NEEDS_MORE_MEMORY: TOO_LARGE,
}


def read_upload(path: str | Path, name: str = "", limits: Limits = USUAL, encoding: str = "") -> Workbook:
    """Read the spreadsheet at `path`; `name` is what its owner calls it. `encoding`, one of ENCODINGS, is what the
    owner says a text file is written in, where what we found is wrong; a workbook needs none.

    Raises Refused with a sentence for the owner whenever the file as a whole is not accepted.
    """
    size = Path(path).stat().st_size
    if size > limits.file_size:
        most = _megabytes(limits.file_size)
        raise Refused(f"{name or 'The file'} is {_megabytes(size)}. The most we accept is {most}.")
    command = [*CHILD, json.dumps(limits._asdict()), encoding]
    with open(path, "rb") as source, TemporaryFile() as complaint:
        child = subprocess.Popen(  # noqa: S603 (our own interpreter and module, and numbers)
            command,
            stdin=source,
            stdout=subprocess.PIPE,
            stderr=complaint,
            cwd=ROOT,
            env=SURROUNDINGS,
            start_new_session=True,
        )
        with child, _killed_after(limits.wall, child), _without_collecting():
            workbook = wire.receive(child.stdout or ())
        if workbook is None:
            complaint.seek(0)
            logger.warning("reading a file ended with %s: %s", child.returncode, complaint.read()[-2_000:])
            raise Refused(ENDINGS.get(child.returncode, DAMAGED))
    return workbook


def given_back(path: str | Path, wanted: Mapping[str, Any], limits: Limits = USUAL) -> bytes | None:
    """The .xlsx workbook at `path` as it came, with only those rows of one sheet that are wanted and what is said of
    them; None where that cannot be made of it. `wanted` is as `formats.giving_back` takes it.
    """
    command = [*GIVING_BACK, json.dumps(limits._asdict())]
    said = json.dumps(wanted).encode() + b"\n" + Path(path).read_bytes()
    try:
        with TemporaryDirectory() as folder:  # a child that is killed leaves the sheets that it was writing
            done = subprocess.run(  # noqa: S603 (our own interpreter and module, and numbers)
                command,
                input=said,
                capture_output=True,
                cwd=ROOT,
                env={**SURROUNDINGS, "TMPDIR": folder},
                timeout=limits.wall,
                start_new_session=True,
                check=False,
            )
    except subprocess.TimeoutExpired:
        return None
    if done.returncode:
        logger.warning("giving a file back ended with %s: %s", done.returncode, done.stderr[-2_000:])
    return done.stdout if not done.returncode else None


def read_pasted(text: str, limits: Limits = USUAL) -> Workbook:
    """Rows that somebody copied from a spreadsheet and pasted: read like a file that holds them. Raises Refused."""
    if not text.strip():
        raise Refused(NOTHING_PASTED)
    with NamedTemporaryFile() as copy:
        copy.write(as_file(text))
        copy.flush()
        return read_upload(copy.name, "What you have pasted", limits)


def as_file(text: str) -> bytes:
    """Pasted rows as a file: the mark in front says for good that they are UTF-8, whatever characters they hold."""
    return text.encode("utf-8-sig", errors="replace")


@contextmanager
def _killed_after(seconds: float, child: subprocess.Popen) -> Iterator[None]:
    """The child and whatever it has started end with the block, or after so many seconds."""
    alarm = Timer(seconds, _kill, [child])
    alarm.start()
    try:
        yield
    finally:
        alarm.cancel()
        _kill(child)


def _kill(child: subprocess.Popen) -> None:
    """The child has a session of its own and has not been waited for, so the group is still its own."""
    with suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)


@contextmanager
def _without_collecting() -> Iterator[None]:
    """The garbage collector would walk half a million new cells again and again, for a third of the time."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def _megabytes(size: int) -> str:
    return f"{size / 1_000_000:,.0f} MB"
