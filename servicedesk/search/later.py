"""What is found by its words only a moment after it was written, where it is very much at once.

SQLite knows one writer at a time, and the words of a large import are a third of all its writing. So its transaction
only notes which rows are outstanding, and their documents follow in pieces between which others write. Who is killed
in between leaves the note behind, and the schedule goes on with it. PostgreSQL lets nobody wait and puts off nothing.
"""

import logging
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connection, models, transaction
from django.utils.module_loading import import_string

from servicedesk.search.index import forget as forget_at_once
from servicedesk.search.index import index
from servicedesk.search.models import Outstanding

log = logging.getLogger(__name__)
Texts = Callable[[Iterable[int]], Mapping[int, str]]
"""The present words of rows by key; a row that is not there has none. In settings.SEARCH_TEXTS by kind."""
FEW = 5_000
AT_ONCE = 2_000


def is_for_later(model: type[models.Model], count: int) -> bool:
    """Whether the words of so many rows of a model are put off; the history of so many new ones is too."""
    can_be = model._meta.label_lower in settings.SEARCH_TEXTS
    return can_be and connection.vendor == "sqlite" and count > FEW


def put_off(model: type[models.Model], first: int, last: int) -> None:
    """Note, in the caller's transaction, that rows with keys from first to last were written or removed."""
    Outstanding.objects.create(kind=model._meta.label_lower, first=first, last=last)


def forget(model: type[models.Model], keys: Collection[int]) -> None:
    """Take rows that are no more out of the search: in the caller's transaction, or later where they are many."""
    if is_for_later(model, len(keys)):
        put_off(model, min(keys), max(keys))
    else:
        forget_at_once(model, keys)


def catch_up() -> None:
    """Put right the documents of all that is outstanding, piece by piece. What is of a kind that is searched no more is
    dropped."""
    Outstanding.objects.exclude(kind__in=settings.SEARCH_TEXTS).delete()
    while (outstanding := Outstanding.objects.order_by("pk").first()) is not None:
        _put_right(outstanding)


def catch_up_now() -> None:
    """Catch up without waiting for the schedule, after a deed that is done: what fails is left to the schedule."""
    try:
        catch_up()
    except Exception:
        log.exception("The words of what was written are not in the search yet")


def _put_right(outstanding: Outstanding) -> None:
    """One piece, unless somebody else was quicker.

    Words are read before the transaction, which is kept short so; where a row has changed since, again within it.
    """
    model: Any = apps.get_model(outstanding.kind)
    texts_of: Texts = import_string(settings.SEARCH_TEXTS[outstanding.kind])
    end = min(outstanding.first + AT_ONCE, outstanding.last + 1)
    keys = range(outstanding.first, end)
    rows = model._base_manager.filter(pk__gte=keys.start, pk__lt=end).order_by()
    read = dict(rows.values_list("pk", "version"))
    texts = texts_of(keys)
    with transaction.atomic():
        own = Outstanding.objects.filter(pk=outstanding.pk, first=outstanding.first)
        if not (own.update(first=end) if end <= outstanding.last else own.delete()[0]):
            return
        now = dict(rows.values_list("pk", "version"))
        changed = texts_of([key for key, version in now.items() if read.get(key) != version])
        index(model, {key: text for key, text in {**texts, **changed}.items() if key in now})
        forget_at_once(model, [key for key in keys if key not in now])
