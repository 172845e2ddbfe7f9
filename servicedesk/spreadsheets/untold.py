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
    Untold.objects.create(started=started, batch=0, first_row=keys[0], first_line=lines[0], created=named)


def tell(started: Import) -> None:
    """Write all history that is untold of an import."""
    while (untold := Untold.objects.filter(started=started).first()) is not None:
        _tell_part(untold)


def catch_up() -> None:
    """Write all history that is untold."""
    for started in Import.objects.exclude(untold=None).order_by("pk"):
        tell(started)


def catch_up_now() -> None:
    """Catch up without waiting for the schedule, after an import that is done: what fails is left to the schedule."""
    try:
        catch_up()
    except Exception:
        log.exception("The history of what was imported is not told yet")


def _tell_part(untold: Untold) -> None:
    """One part, unless somebody else was quicker. It is made before the transaction, which is kept short so."""
    started = Import.objects.select_related(*RELATED).get(pk=untold.started_id)
    parts = started.packed.filter(action=Action.CREATE, batch__gte=untold.batch).order_by("batch")
    part, *rest = parts[:2]
    names, history = _history(started, untold, part.data)
    rows = [(untold.first_line + at, untold.first_row + at, *told) for at, told in enumerate(history)]
    own = Untold.objects.filter(pk=untold.pk, batch=untold.batch)
    after = {"first_row": F("first_row") + part.count, "first_line": F("first_line") + part.count}
    with transaction.atomic():
        if own.update(batch=part.batch + 1, **after) if rest else own.delete()[0]:
            bulk.insert(Change, ["id", "object_id", *names], rows)


def _history(started: Import, untold: Untold, data: bytes) -> tuple[list[str], list[tuple]]:
    """What history says of the new rows of one part, as it would have said it in the transaction of the import."""
    created = {(name, said.encode()): key for name, said, key in untold.created}
    columns = columns_of(unpack(data), created)
    deed, moment = started.change_set_id, started.applied_at
    assert deed and moment  # noqa: S101, PT018 - only what was applied is untold
    return Creation(started, moment, lambda: [columns]).history(deed)
