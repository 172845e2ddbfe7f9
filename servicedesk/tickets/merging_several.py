"""Merging several tickets into one as a single deed: all of them or none, and within 24 hours all back again.

Each is merged as `merging` merges one: the same is refused, the same is written down, and each comes apart by itself.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.utils import timezone

from servicedesk.history.recording import change_set
from servicedesk.people.models import Person
from servicedesk.tickets import merging
from servicedesk.tickets.joined import root_of
from servicedesk.tickets.linking import locked_together
from servicedesk.tickets.models import Merge, Ticket
from servicedesk.tickets.states import MoveRefused

MOST = 25
"""How many go into one at once."""
TOO_MANY = f"At most {MOST} requests can be merged at once."


def merge_several(
    sources: Iterable[Ticket],
    target: Ticket,
    *,
    by: Person,
    versions: Mapping[int, int] | None = None,
    now: datetime | None = None,
) -> list[Merge]:
    """Let each of the sources go on as the target. `versions` are those that they were read at, by key.

    Raises PermissionDenied, or MoveRefused that says of each source that cannot be merged why: then none is.
    """
    now, versions, target = now or timezone.now(), versions or {}, root_of(target)
    sources = list(dict.fromkeys(sources))
    if len(sources) > MOST:
        raise MoveRefused(TOO_MANY)
    with change_set(by=by, reason="Merged", now=now):
        # All at once and in the order of their keys, before each is locked again with the target.
        locked_together(*{*sources, target})
        merged, refused = [], []
        for source in sources:
            try:
                merged.append(merging.merge(source, target, by=by, version=versions.get(source.pk), now=now))
            except MoveRefused as why:
                refused.append(f"{source}: {why}")
        if refused:
            raise MoveRefused(" ".join(refused))
    return merged


def together_with(merged: Merge, person) -> list[Merge]:
    """What was merged by the same deed and still is, that which is asked about among it, as far as the person sees."""
    seen = Ticket.objects.visible_to(person)
    deed = Merge.objects.filter(target=merged.target_id, by=merged.by_id, at=merged.at, undone_at=None)
    return list(deed.filter(source__in=seen.values("pk")).select_related("source", "target").order_by("pk"))


def undo_together(merged: Merge, *, by: Person, now: datetime | None = None) -> list[Ticket]:
    """Take back all that was merged by the same deed, or nothing. Returns the sources. Raises as `undo` does."""
    now = now or timezone.now()
    together = together_with(merged, by)
    with change_set(by=by, reason="Merge undone", now=now):
        locked_together(*(one.source for one in together), merged.target)
        return [merging.undo(one, by=by, now=now) for one in together]
