"""Rows as they were at a moment: what changed since, to be taken back."""

from collections.abc import Collection, Iterable
from datetime import datetime

from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast

from servicedesk import bulk
from servicedesk.history.models import Change

AT_ONCE = 5000
Old = dict[int, dict[str, list]]
"""{key of a row: {field: [value, how it read]}}"""


def values_then(
    kind: str, moment: datetime, names: Collection[str], keys: Iterable[int] | QuerySet | None = None
) -> Old:
    """What stood at a moment in those of the named fields that were changed at it or later, by row.

    Of all rows of the kind, or of these. The oldest change of a field says how it was.
    """
    changed = Change.objects.filter(
        kind=kind, change_set__at__gte=moment, action__in=(Change.Action.UPDATE, Change.Action.MOVE)
    )
    if keys is not None:
        changed = changed.filter(object_id__in=keys)
    told = changed.order_by("-pk").values_list("object_id", Cast("fields", TextField()))
    then: Old = {}
    for key, text in told.iterator(chunk_size=AT_ONCE):
        for name, (old, _, words, _) in bulk.from_json(text).items():
            if name in names:
                then.setdefault(key, {})[name] = [old, words]
    return then
