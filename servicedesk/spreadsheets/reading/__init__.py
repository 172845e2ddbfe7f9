"""A file that a person sent, read in a child process that may die without harm.

    read_upload(path, name="", limits=Limits()) -> Workbook      raises Refused(sentence)

The format is decided by content, never by name. Every failure of the child (killed, out of memory, out of time,
aborted) comes back as a Refused sentence. The child gets the bytes on its standard input, an empty environment, and
limits on memory, processor time and what it may write; it imports no Django.
"""

import json
import logging
import signal
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import BinaryIO

from servicedesk.spreadsheets.reading import wire
from servicedesk.spreadsheets.reading.safe_xml import DAMAGED
from servicedesk.spreadsheets.reading.workbook import (
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

ROOT = Path(__file__).parents[3]
CHILD = [sys.executable, "-E", "-s", "-m", "servicedesk.spreadsheets.reading.child"]

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
    -signal.SIGXFSZ: TOO_LARGE,
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
    with open(path, "rb") as source, tempfile.TemporaryFile() as answer:
        _run_child(source, answer, limits)
        answer.seek(0)
        return wire.unpack(answer.read())


def _run_child(source: BinaryIO, answer: BinaryIO, limits: Limits) -> None:
    command = [*CHILD, json.dumps(asdict(limits))]
    with subprocess.Popen(  # noqa: S603 (our own interpreter and module, and numbers)
        command, stdin=source, stdout=answer, stderr=subprocess.PIPE, cwd=ROOT, env={}
    ) as child:
        try:
            _, complaint = child.communicate(timeout=limits.wall)
        except subprocess.TimeoutExpired:
            child.kill()
            raise Refused(TOO_SLOW) from None
    if child.returncode:
        logger.warning(
            "reading ended with %s: %s", child.returncode, complaint[-2_000:].decode(errors="replace")
        )
        raise Refused(ENDINGS.get(child.returncode, DAMAGED))


def _megabytes(size: int) -> str:
    return f"{size / 1_000_000:,.0f} MB"
