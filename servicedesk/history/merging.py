"""Two people who edit one row at once: whose each edit is, told from what history keeps of the others.

What they changed apart is kept of both; what both changed is a `Difference`, to be shown with both values.
"""

from collections.abc import Callable, Collection, Iterable
from copy import copy
from datetime import datetime
from typing import Any, Generic, NamedTuple, TypeVar

from django.db.models import Model
from django.utils.text import capfirst

from servicedesk import wording
from servicedesk.history.models import Change, ChangeSet
from servicedesk.history.recording import change_set, snapshot

Row = TypeVar("Row", bound=Model)
THE_SYSTEM = "The system"


class Difference(NamedTuple):
    """A fact that two people changed: what one typed, what another has made of it meanwhile, who and when."""

    name: str
    typed: Any
    present: Any
    by: str
    at: datetime

    def said(self, words: str) -> str:
        """It in a sentence, what stands there now in words."""
        return f"{self.by} changed this to “{words or 'Nothing'}” on {wording.moment(self.at)}"


class Saved(NamedTuple, Generic[Row]):
    """A row as it now is, and a sentence on what others changed since the person read it."""

    row: Row
    meanwhile: str


def changes_since(row: Model, version: int) -> list[Change]:
    """What was done to the row after that version, oldest first; nothing where history stops short of how it is now.

    A change from before versions were kept counts as later than what was read, so that nothing is lost unseen; but
    for the first, which made version 1.
    """
    now: int = row.version  # type: ignore[attr-defined]
    if not 0 < version < now:
        return []
    done = list(
        Change.objects.filter(kind=row._meta.label_lower, object_id=row.pk)
        .select_related("change_set")
        .order_by("id")
    )
    known = [place for place, each in enumerate(done) if _version_of(each) <= version]
    since = done[known[-1] + 1 :] if known else done
    return since if since and since[-1].version in (None, now) else []


def own_edits(
    row: Model, since: list[Change], values: dict[str, Any]
) -> tuple[dict[str, Any], list[Difference]]:
    """Of the values that somebody typed who had not seen these changes, those that they edited themselves; and which of
    them others gave another value meanwhile. `row` is as it is now.

    Where the first change of a value has no version, what was read is unknown: it may have come before the reading.
    """
    first, last = _touched(reversed(since)), _touched(since)
    links = {field.name for field in row._meta.many_to_many}
    known = [name for name in values if name in first and first[name].version is not None]
    read = {name: first[name].fields[name][0] for name in known}
    read |= {name: sorted(read[name] or []) for name in links & read.keys()}
    present, typed = _as_kept(row, {}, values), _as_kept(row, values, values)
    own = {name: value for name, value in values.items() if typed[name] != (present | read)[name]}
    clashing = [name for name in own if name in last and typed[name] != present[name]]
    return own, [_difference(row, name, own[name], last[name]) for name in clashing]


def overtaken(name: str, differences: Iterable[Difference] = ()) -> str:
    """That what is called so was changed meanwhile, by those who changed the same, in a sentence."""
    people = listed(dict.fromkeys(each.by for each in differences))
    return f"{name} was changed {f'by {people} ' if people else ''}while you were looking at it."


def kept_of_both(model: type[Model], since: Iterable[Change], unseen: Collection[str] = ()) -> str:
    """Asha changed the site and category meanwhile. Both are kept. Nothing where nothing is told of what they did."""
    by_whom: dict[str, dict[str, None]] = {}
    for each in since:
        told = [label_of(model, name).lower() for name in each.fields if name not in unseen]
        if told:
            names = by_whom.setdefault(each.change_set.by_label or THE_SYSTEM, {})
            names |= dict.fromkeys(told)
    said = [f"{person} changed the {listed(names)} meanwhile." for person, names in by_whom.items()]
    return " ".join([*said, "Both are kept."]) if said else ""


def save_beside(change: Callable[..., Row], row: Row, *, by, version: int, **values: Any) -> Saved[Row]:
    """Let `change` save what somebody edited who read the row at `version`. Raises what it raises."""
    with change_set(by=by) as deed:
        row = change(row, by=by, version=version, **values)
        return Saved(row, _meanwhile(row, version, deed))


def label_of(model: type[Model], name: str) -> str:
    """A column in words; what a higher app recorded on the row, such as an asset, by the name that it gave.

    A model says in `words` how its links are called.
    """
    words = {column.name: column.verbose_name for column in model._meta.concrete_fields}
    words |= getattr(model, "words", {})
    return capfirst(str(words.get(name, name.replace("_", " "))))


def listed(names: Iterable[str]) -> str:
    """Site, category and priority."""
    words = list(names)
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def in_words(value: Any) -> str:
    """How a value reads beside another; several by their names."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if hasattr(value, "all"):
        value = list(value.all())
    if isinstance(value, list):
        return ", ".join(sorted(map(str, value)))
    return "" if value is None else str(value)


def _meanwhile(row: Model, version: int, own: ChangeSet) -> str:
    """What is known to have been changed after `version` in other deeds, and still stands."""
    since = changes_since(row, version)
    others = [each for each in since if each.version is not None and each.change_set_id != own.pk]
    written = {name for each in since if each.change_set_id == own.pk for name in each.fields}
    return kept_of_both(type(row), others, written)


def _version_of(done: Change) -> float:
    if done.version is None:
        return 1 if done.action == Change.Action.CREATE else float("inf")
    return done.version


def _touched(changes: Iterable[Change]) -> dict[str, Change]:
    """By field, the last of these changes that touched it."""
    return {name: each for each in changes for name in each.fields}


def _as_kept(row: Model, values: dict[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """What history would keep of the row by these names if it had these values: of links, their keys in order."""
    edited = copy(row)
    links = {field.name for field in row._meta.many_to_many}
    for name in values.keys() - links:
        setattr(edited, name, values[name])
    kept = {name: value for name, (value, _) in snapshot([edited])[row.pk].items()}
    for name in links.intersection(names):
        linked = values[name] if name in values else getattr(row, name).all()
        kept[name] = sorted(one.pk for one in linked)
    return {name: kept[name] for name in names}


def _difference(row: Model, name: str, typed: Any, last: Change) -> Difference:
    deed = last.change_set
    return Difference(name, typed, getattr(row, name), deed.by_label or THE_SYSTEM, deed.at)
