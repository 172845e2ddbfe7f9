"""What one deed did to the register, seen whole, and undone as far as nothing has happened since."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404
from django.utils.text import capfirst

from assets.register.facts import label
from assets.register.history import Line, lines
from assets.register.lifecycle import MOVES
from assets.register.models import Asset, Disposal, Sanitisation
from assets.register.registering import EDITABLE
from servicedesk.history.models import Change, ChangeSet, Source
from servicedesk.history.taking_back import Left, plan
from servicedesk.history.undoing import Undone, undo
from servicedesk.people.access import councils_of, may
from servicedesk.people.models import Person
from servicedesk.people.roles import Permission

OF_THE_REGISTER = "register."
ASSET = Asset._meta.label_lower
EVIDENCE = (Sanitisation._meta.label_lower, Disposal._meta.label_lower)


class Told(NamedTuple):
    """What the deed did to one asset."""

    change: Change
    lines: list[Line]


def open_deed(person: Person, pk: int) -> ChangeSet:
    """A deed on assets of registers that the person keeps or handles; 404 for any other.

    It is their own, or did nothing but correct what may be corrected at any time.
    """
    handled = _handled(person)
    if not handled:
        raise Http404
    # Both are asked whatever there is, so that the time it takes tells nothing.
    deed = ChangeSet.objects.filter(pk=pk).first()
    touched = list(
        Change.objects.filter(change_set=pk).values_list("kind", "move", "council_id", "action", "fields")
    )
    councils = {council for kind, _, council, *_ in touched if kind == ASSET}
    if deed is None or not councils or not councils <= handled or not _is_theirs(person, deed, touched):
        raise Http404
    return deed


def may_undo(person: Person, deed: ChangeSet) -> bool:
    """Whether the person, who has opened the deed, may take it back here.

    What registered assets or gave them to another council, holds them for the law, left evidence, came from a
    spreadsheet, or touched more than the register, such as by raising a request, is undone elsewhere or not at all.
    """
    told = deed.changes.values_list("kind", "action", "move", "fields")
    return (
        deed.undoes_id is None
        and deed.source != Source.IMPORT
        and all(_goes_back(kind, action, move, fields) for kind, action, move, fields in told)
    )


def _goes_back(kind: str, action: str, move: str, fields: Mapping[str, list]) -> bool:
    """A correction or a move of the table, with what it left in the register or of what follows it; no transfer, hold,
    proof or new asset."""
    if kind != ASSET:
        of_ours = kind.startswith(OF_THE_REGISTER) or kind in settings.UNDONE_WITH_ASSETS
        return of_ours and kind not in EVIDENCE
    corrects = not move and set(fields) <= set(EDITABLE)
    return action != Change.Action.CREATE and (corrects or move in MOVES)


def _handled(person: Person) -> frozenset[int]:
    return councils_of(person, Permission.EDIT_ASSETS) | councils_of(person, Permission.MOVE_ASSETS)


def _of_assets(deed: ChangeSet) -> QuerySet[Change]:
    return deed.changes.filter(kind=ASSET)


def _is_theirs(person: Person, deed: ChangeSet, touched: list[tuple]) -> bool:
    """One's own deed; of a colleague's, a correction alone, which whoever keeps the register could correct again."""
    if deed.by_id == person.pk:
        return True
    keeps = councils_of(person, Permission.EDIT_ASSETS)
    return all(
        kind == ASSET
        and not move
        and council in keeps
        and action == Change.Action.UPDATE
        and set(fields) <= set(EDITABLE)
        for kind, move, council, action, fields in touched
    )


def told(person: Person, deed: ChangeSet) -> list[Told]:
    """What it did, asset by asset, without what the person may not know of them."""
    found = []
    for change in _of_assets(deed).order_by("label", "pk"):
        change.fields = {
            name: values
            for name, values in change.fields.items()
            if may_read_of(person, name, change.council_id) and name != "ticket"
        }
        found.append(Told(change, lines(change)))
    return found


def may_read_of(person: Person, name: str, council: int | None) -> bool:
    """Whether a column of the assets of a council is open to the person."""
    needed = Asset.guarded_fields.get(name)
    return needed is None or may(person, needed, council)


def what_stays(deed: ChangeSet) -> list[Left]:
    """What undoing it would leave as it is."""
    return [left for left in plan(deed).left if left.kind == ASSET]


def is_undone(deed: ChangeSet) -> ChangeSet | None:
    """The deed that undid this one, if one did."""
    return ChangeSet.objects.filter(undoes=deed).order_by("-pk").first()


def undo_deed(deed: ChangeSet, *, by: Person, now: datetime | None = None) -> Undone:
    """Undo it: what nobody changed since is as it was. Raises Http404, PermissionDenied or Overtaken."""
    deed = open_deed(by, deed.pk)
    if not may_undo(by, deed):
        raise PermissionDenied("This cannot be undone here.")
    return undo(deed, by=by, now=now)


def left_in_words(left: Left) -> str:
    """LT/17: Room. It was changed since."""
    names = ", ".join(capfirst(label(name)) for name in left.fields)
    return f"{left.label}: {names}. {left.why}" if names else f"{left.label}. {left.why}"
