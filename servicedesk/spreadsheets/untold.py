"""The history of new rows that follows them a moment later, where an import brings in very many.

SQLite knows one writer at a time, and a line of history for each new row is a third of all the writing. So the
transaction of a large import takes the keys of the lines and notes that they are untold; the lines are made afterwards
from the checked rows, which nobody changes any more, in parts between which others write. Who is killed in between
leaves the note behind, and the schedule goes on with it. Whoever takes the import back first tells what is untold.
"""

import logging
from collections.abc import Sequence

from django.db import transaction
from django.db.models import F

from servicedesk import bulk
from servicedesk.history.models import Change
from servicedesk.spreadsheets.creating import Created, Creation, columns_of
from servicedesk.spreadsheets.models import Action, Import, Untold
from servicedesk.spreadsheets.moving_on import RELATED
from servicedesk.spreadsheets.stored_rows import unpack

log = logging.getLogger(__name__)


def put_off(started: Import, keys: Sequence[int], created: Created) -> None:
    """Note, in the transaction of an import, that its new rows with these keys, one after the other, are untold."""
    lines = bulk.take_keys(Change, len(keys))
    named = [(name, said.decode(), key) for (name, said), key in created.items()]
    Untold.objects.create(
        started=started,
        council=str(started.council),
        batch=0,
        first_row=keys[0],
        first_line=lines[0],
        created=named,
    )


def tell(started: Import) -> None:
    """Write all history that is untold of an import."""
    while (note := Untold.objects.filter(started=started).first()) is not None:
        _tell_part(started, note)


def tell_now(started: Import) -> None:
    """Tell it without waiting for the schedule, after an import that is done: what fails is left to the schedule."""
    try:
        tell(started)
    except Exception:
        log.exception("The history of import %s is not told yet", started.pk)


def catch_up() -> None:
    """Write all history that is untold, of each import whatever becomes of the others."""
    for pk in Untold.objects.order_by("started").values_list("started", flat=True):
        tell_now(Import.objects.select_related(*RELATED).get(pk=pk))


def _tell_part(started: Import, note: Untold) -> None:
    """One part, unless somebody else was quicker. What it says is made before its transaction, which is short so."""
    parts = started.packed.filter(action=Action.CREATE, batch__gte=note.batch).order_by("batch")
    batch, count, data = parts.values_list("batch", "count", "data")[0]
    names, history = _history(started, note, data)
    rows = [(note.first_line + at, note.first_row + at, *told) for at, told in enumerate(history)]
    own = Untold.objects.filter(pk=note.pk, batch=note.batch)
    after = {"first_row": F("first_row") + count, "first_line": F("first_line") + count}
    is_last = not parts.filter(batch__gt=batch).exists()
    with transaction.atomic():
        if own.delete()[0] if is_last else own.update(batch=batch + 1, **after):
            bulk.insert(Change, ["id", "object_id", *names], rows)


def _history(started: Import, note: Untold, data: bytes | memoryview) -> tuple[list[str], list[tuple]]:
    """What history says of the new rows of one part, as it would have said it in the transaction of the import."""
    created = {(name, said.encode()): key for name, said, key in note.created}
    part = columns_of(unpack(data), created)
    deed, moment = started.change_set, started.applied_at
    assert deed and moment  # noqa: S101, PT018 - only what was applied is untold
    return Creation(started, moment, lambda: [part], council=note.council).history(deed)
