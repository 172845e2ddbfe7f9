"""Reading bytes without a child process, for what is about content and not about limits."""

import io

from servicedesk.spreadsheets.formats import content, sending, wire
from servicedesk.spreadsheets.formats.workbook import Limits, Workbook


def read(data: bytes, limits: Limits | None = None) -> Workbook:
    """What the child would send for `data`, received. Raises Refused as it would."""
    limits = limits or Limits(workers=1)
    sent = io.BytesIO()
    sending.send(sent, content.read(data, limits), limits)
    sent.seek(0)
    return wire.receive(sent)
