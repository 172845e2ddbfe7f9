"""A file that a person sent, read in a child process that may die without harm.

    read_upload(path, name="", limits=Limits()) -> Workbook      raises Refused(sentence)

The format is decided by content, never by name; `name` only serves the sentences. Every failure of the child (killed,
out of memory, out of time, aborted) comes back as a Refused sentence.
"""

from servicedesk.spreadsheets.reading.workbook import Cell, Limits, Note, Refused, Row, Sheet, Workbook

__all__ = ["Cell", "Limits", "Note", "Refused", "Row", "Sheet", "Workbook"]
