"""A file that a person sent, read in a child process that may die without harm.

    read_upload(path, name="", limits=Limits()) -> Workbook      raises Refused(sentence)

The format is decided by content, never by name. Every failure of the child (killed, out of memory, out of time,
aborted) comes back as a Refused sentence. The child gets the bytes on its standard input, nothing of our environment,
and limits on memory, processor time and what it may write; it imports no Django.
"""

import gc
import json
import logging
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from threading import Timer

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

__all__ = ["Cell", "Limits", "Note", "Refused", "Row", "Sheet", "Workbook", "read_upload"]

USUAL = Limits()
logger = logging.getLogger(__name__)

ROOT = Path(__file__).parents[2]
CHILD = [sys.executable, "-E", "-s", "-m", "servicedesk.spreadsheets.formats.child"]
# Large pages, where the system has them, spare a fifth of the time of a process that fills fresh memory and ends.
SURROUNDINGS = {"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}

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


def read_upload(path: str | Path, name: str = "", limits: Limits = USUAL) -> Workbook:
    """Read the spreadsheet at `path`; `name` is what its owner calls it.

    Raises Refused with a sentence for the owner whenever the file as a whole is not accepted.
    """
    size = Path(path).stat().st_size
    if size > limits.file_size:
        most = _megabytes(limits.file_size)
        raise Refused(f"{name or 'The file'} is {_megabytes(size)}. The most we accept is {most}.")
    command = [*CHILD, json.dumps(limits._asdict())]
    with open(path, "rb") as source, TemporaryFile() as complaint:
        child = subprocess.Popen(  # noqa: S603 (our own interpreter and module, and numbers)
            command, stdin=source, stdout=subprocess.PIPE, stderr=complaint, cwd=ROOT, env=SURROUNDINGS
        )
        with child, _killed_after(limits.wall, child), _without_collecting():
            workbook = wire.receive(child.stdout or ())
        if workbook is None:
            complaint.seek(0)
            logger.warning("reading a file ended with %s: %s", child.returncode, complaint.read()[-2_000:])
            raise Refused(ENDINGS.get(child.returncode, DAMAGED))
    return workbook


@contextmanager
def _killed_after(seconds: float, child: subprocess.Popen) -> Iterator[None]:
    alarm = Timer(seconds, child.kill)
    alarm.start()
    try:
        yield
    finally:
        alarm.cancel()
        child.kill()


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
