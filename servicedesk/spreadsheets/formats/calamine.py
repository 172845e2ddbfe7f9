"""The fast reader, whose errors and panics become a sentence."""

from collections.abc import Iterator
from contextlib import contextmanager

import python_calamine

from servicedesk.spreadsheets.formats.safe_xml import DAMAGED
from servicedesk.spreadsheets.formats.workbook import Refused

PANIC = "PanicException"


def rows(sheet: python_calamine.CalamineSheet) -> Iterator[list]:
    """The rows from the first of the sheet, with the empty columns on the left that calamine leaves out."""
    margin = [""] * (sheet.start[1] if sheet.start else 0)
    with damage_refused():
        yield from (margin + row for row in sheet.iter_rows()) if margin else sheet.iter_rows()


def rows_of_piece(sheet: python_calamine.CalamineSheet) -> list[list]:
    """The rows from the first that holds something."""
    margin = [""] * (sheet.start[1] if sheet.start else 0)
    with damage_refused():
        found = sheet.to_python()
    return [margin + row for row in found] if margin else found


@contextmanager
def damage_refused() -> Iterator[None]:
    """What the reader stumbles over is a damaged file."""
    try:
        yield
    except python_calamine.CalamineError:
        raise Refused(DAMAGED) from None
    except BaseException as panic:
        if type(panic).__name__ != PANIC:
            raise
        raise Refused(DAMAGED) from None
