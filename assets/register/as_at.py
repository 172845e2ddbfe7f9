"""The estate as the register knew it at the end of a day: the rows of today, with what changed since taken back.

Honest about what it cannot know: what was registered later is not in it, whenever it was bought, and what an undoing
has removed since is told by its number alone. Values read as they were called at the time.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from django.db.models import Q
from django.utils import timezone

from assets.register.facts import COLUMNS
from assets.register.models import Asset
from servicedesk.history.as_at import AT_ONCE, Old, values_then
from servicedesk.history.models import Change
from servicedesk.people.models import Council, Person

KIND = Asset._meta.label_lower
READS = {
    "model": "model__name",
    "manufacturer": "manufacturer__name",
    "department": "department__name",
    "site": "site__name",
    "holder": "holder__display_name",
    "supplier": "supplier__name",
    "uplink": "uplink__asset_tag",
}
"""How what an asset points at reads: the path of it today. What it was called then stands in history."""


class Value(NamedTuple):
    """What stood in a field, and how it read."""

    value: Any
    words: str


@dataclass
class Since:
    """What happened after the moment: old values by asset and field, what was registered, and what is no more."""

    old: Old = field(default_factory=dict)
    registered: set[int] = field(default_factory=set)
    removed: set[int] = field(default_factory=set)


class Then(NamedTuple):
    """One asset as it was. `council` is whose it was then."""

    key: int
    council: int
    values: tuple[Value, ...]


def end_of(day: date) -> datetime:
    """The first moment after a day, by the clocks on the wall."""
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))


def estate(day: date, names: Sequence[str], councils: Iterable[int] | None = None) -> Iterator[Then]:
    """The assets at the end of a day by tag, with the fields named; of these councils, or of all.

    An asset that has gone to another council since stands with the one whose it was.
    """
    moment = end_of(day)
    since = _since(moment, {*names, "council"})
    known = None if councils is None else frozenset(councils)
    rows = Asset.objects.filter(registered_at__lt=moment)
    if known is not None:
        moved = [key for key, fields in since.old.items() if "council" in fields]
        rows = rows.filter(Q(council__in=known) | Q(pk__in=moved))
    paths = [READS.get(name, name) for name in names]
    keys = [f"{name}_id" for name in names if name in READS]
    held = rows.order_by("asset_tag", "id").values_list("pk", "council_id", *paths, *keys)
    for key, council, *values in held.iterator(chunk_size=AT_ONCE):
        if key in since.registered:
            continue
        old = since.old.get(key, {})
        if "council" in old:
            council = old["council"][0]
        if known is None or council in known:
            yield Then(key, council, tuple(_then(names, values, old)))


def removed_since(day: date, councils: Iterable[int]) -> int:
    """How many assets of these councils were in the register then and have been removed by an undoing since."""
    moment = end_of(day)
    gone = Change.objects.filter(
        kind=KIND, action=Change.Action.REMOVE, council_id__in=list(councils), change_set__at__gte=moment
    )
    there = Change.objects.filter(kind=KIND, action=Change.Action.CREATE, change_set__at__lt=moment)
    return there.filter(object_id__in=gone.values("object_id")).values("object_id").distinct().count()


def counted(rows: Iterable[Then], at: int) -> list[tuple[Any, str, int]]:
    """How many there were by what stands at a place: value, words, number; most first."""
    counts = Counter(row.values[at] for row in rows)
    listed = ((value.value, value.words, number) for value, number in counts.items())
    return sorted(listed, key=lambda each: (-each[2], each[1]))


def _since(moment: datetime, names: set[str]) -> Since:
    """What history tells of the time after a moment."""
    since = Since(values_then(KIND, moment, names))
    told = Change.objects.filter(kind=KIND, change_set__at__gte=moment)
    made = told.exclude(action__in=(Change.Action.UPDATE, Change.Action.MOVE))
    for key, action in made.values_list("object_id", "action").iterator(chunk_size=AT_ONCE):
        (since.registered if action == Change.Action.CREATE else since.removed).add(key)
    return since


def _then(names: Sequence[str], values: Sequence[Any], old: Mapping[str, list]) -> Iterator[Value]:
    """The values of one asset: as history keeps them where they changed since, else as they are."""
    keys = iter(values[len(names) :])
    for name, value in zip(names, values, strict=False):
        column: Any = COLUMNS[name]
        key = next(keys) if name in READS else value
        if name in old:
            was, words = old[name]
            yield Value(was if was is None or name in READS else column.to_python(was), words)
        elif name in READS:
            yield Value(key, str(value or ""))
        else:
            choices = CHOICES.get(name)
            yield Value(
                value, choices.get(value, str(value)) if choices else str("" if value is None else value)
            )


CHOICES = {name: dict(column.flatchoices) for name, column in COLUMNS.items() if column.choices}


class Rows:
    """The estate at the end of a day, in as much of a queryset's language as the writing of a sheet speaks."""

    def __init__(self, day: date, council: Council | None = None):
        self.day, self.council = day, council
        self.paths: tuple[str, ...] = ()

    def order_by(self, *names: str) -> "Rows":
        return self

    def values_list(self, *paths: str) -> "Rows":
        self.paths = paths
        return self

    def iterator(self, chunk_size: int = AT_ONCE) -> Iterator[tuple]:
        """The rows: what points elsewhere reads as it was called then. Versions, and what is reckoned, are of today, so
        they stay empty."""
        names = sorted(
            ({path.partition("__")[0] for path in self.paths} & COLUMNS.keys()) - {"council", "version"}
        )
        codes = dict(Council.objects.values_list("pk", "code"))
        emails = dict(Person.objects.values_list("pk", "email")) if "holder__email" in self.paths else {}
        places = {name: at for at, name in enumerate(names)}
        own = None if self.council is None else [self.council.pk]
        for row in estate(self.day, names, own):
            yield tuple(_cell(path, row, places, codes, emails) for path in self.paths)


def _cell(path: str, row: Then, places: Mapping[str, int], codes: Mapping, emails: Mapping) -> Any:
    name, _, inner = path.partition("__")
    if name in ("council_id", "council"):
        return codes[row.council] if inner else row.council
    if name not in places:
        return None
    value = row.values[places[name]]
    if path == "holder__email":
        return emails.get(value.value)
    return value.words if inner else value.value
