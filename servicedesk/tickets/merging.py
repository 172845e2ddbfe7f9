"""Merging: a ticket that is about the same thing as another ends, and goes on as that one.

A merge is a pointer. Nothing of either ticket is rewritten: what was said, sent and promised on the source is shown
with the target to whoever may see the source, and can come apart again for 24 hours. Nobody is told by mail.
"""

from datetime import datetime, timedelta

from django.core.exceptions import PermissionDenied
from django.db.models import F
from django.utils import timezone

from servicedesk.history.recording import change_set, record, snapshot
from servicedesk.people.models import Person
from servicedesk.tickets import clocks
from servicedesk.tickets.conversation import readable_by
from servicedesk.tickets.entries import tie, untie
from servicedesk.tickets.holding import keep_who_held
from servicedesk.tickets.joined import is_wider, people_of, root_of
from servicedesk.tickets.linking import locked_together
from servicedesk.tickets.models import Clock, Comment, Merge, Sharing, Ticket, TicketState
from servicedesk.tickets.rights import may_work
from servicedesk.tickets.states import MoveRefused
from servicedesk.tickets.workflow import check_version, fresh

UNDONE_WITHIN = timedelta(hours=24)


def merge(
    source: Ticket, target: Ticket, *, by: Person, version: int | None = None, now: datetime | None = None
) -> Merge:
    """Let the source go on as the target, or as that which the target itself was merged into.

    `version` is that of the source, as it was read. Of two who merge the same tickets at once one is refused. Raises
    PermissionDenied, StaleTicket, or MoveRefused with every reason that there is.
    """
    now = now or timezone.now()
    target = fresh(target)
    _check_works(by, target)  # which may be more private than that which it was merged into
    target = root_of(target)
    with change_set(by=by, reason="Merged", now=now) as deed:
        if source == target:
            raise MoveRefused(SAME)
        source, target = locked_together(source, target)
        _check_works(by, source, target)
        check_version(source, version)
        refused = obstacles(source, target)
        if refused:
            raise MoveRefused(" ".join(refused))
        before = snapshot([source])
        running = list(source.clocks.exclude(state=Clock.State.CANCELLED).values_list("pk", flat=True))
        merged = Merge.objects.create(
            source=source,
            target=target,
            by=by,
            at=now,
            before={"state": source.state, "duplicate_of": source.duplicate_of_id, "clocks": running},
        )
        source = _write(source, state=TicketState.CANCELLED, merged_into=target, duplicate_of=target)
        record(deed, [merged])
        record(deed, [source], before, move="merge")
        tie(deed, target, "merged", source)
        clocks.follow(source, move="merge", cause="merged", by=by, now=now)
        keep_who_held(source, now)
    return merged


def undo(merged: Merge, *, by: Person, now: datetime | None = None) -> Ticket:
    """Take a merge back, within 24 hours. Returns the source, as if it had never been merged.

    What was said on the target since stays there (`said_since`). Raises PermissionDenied, or MoveRefused.
    """
    now = now or timezone.now()
    with change_set(by=by, reason="Merge undone", now=now) as deed:
        source, target = locked_together(merged.source, merged.target)
        merged = Merge.objects.select_related("source", "target", "by", "undone_by").get(pk=merged.pk)
        _check_works(by, source, target)
        if merged.undone_at:
            raise MoveRefused(f"{merged.undone_by} has undone this merge already.")
        if now > undone_until(merged):
            raise MoveRefused("This was merged more than 24 hours ago, so it stays.")
        before, merge_before = snapshot([source]), snapshot([merged])
        was = merged.before
        merged.undone_by, merged.undone_at = by, now
        merged.save(update_fields=["undone_by", "undone_at"])
        source = _write(source, state=was["state"], duplicate_of_id=was["duplicate_of"], merged_into=None)
        record(deed, [merged], merge_before)
        record(deed, [source], before, move="unmerge")
        untie(deed, target, "merged", source)
        clocks.reinstate(source, was["clocks"], by=by, now=now)
    return source


def undone_until(merged: Merge) -> datetime:
    """Until when the merge can be undone."""
    return merged.at + UNDONE_WITHIN


def may_merge(person, source: Ticket) -> bool:
    """Whether the person may let the ticket go on as another."""
    return may_work(person, source)


def standing_merge(source: Ticket) -> Merge | None:
    """The merge by which the ticket goes on as another."""
    return source.merges.filter(undone_at=None).select_related("source", "target", "by").first()


def said_since(merged: Merge, person) -> list[Comment]:
    """What was said on the target while the merge stood, as far as the person may see it."""
    target = Ticket.objects.visible_to(person).filter(pk=merged.target_id).first()
    if target is None:
        return []
    said = readable_by(person, target).filter(at__gte=merged.at).select_related("author", "ticket")
    return list(said.filter(at__lt=merged.undone_at) if merged.undone_at else said)


SAME = "A request cannot be merged into itself."


def obstacles(source: Ticket, target: Ticket) -> list[str]:
    """Why the source cannot go on as the target, in sentences for somebody who sees both; none where it can."""
    if source.pk == target.pk:
        return [SAME]
    if source.merged_into_id:
        return [f"{source} was merged into {root_of(source)} already."]
    ended = [f"{ticket} has ended." for ticket in (source, target) if not ticket.is_open]
    return [*ended, *_of_sharing(source, target), *_of_people(source, target)]


def _of_sharing(source: Ticket, target: Ticket) -> list[str]:
    """What is said on the source from now on would be read by others than those who see the source."""
    if is_wider(target, source):
        narrow = "private" if source.sharing == Sharing.RESTRICTED else f"kept to {source.council}"
        return [f"{source} is {narrow} and {target} is not, so more people would read what is said on it."]
    if source.council_id != target.council_id and source.sharing != target.sharing:
        return [f"{source} and {target} are of two councils, and not shared alike."]
    if source.sharing == Sharing.RESTRICTED and source.case_group_id != target.case_group_id:
        return [f"{source} and {target} are of two case groups."]
    if source.sharing == Sharing.OWN_COUNCIL and source.council_id != target.council_id:
        return [f"{source} and {target} are each kept to a council of its own."]
    return []


def _of_people(source: Ticket, target: Ticket) -> list[str]:
    """Whoever asked for the source would be answered on the target, so they must see that one as it is."""
    return [
        f"{person} would be answered on {target}, which {target.requester} asked for and {person} may not see."
        for person in people_of(source)
        if not _sees(person, target)
    ]


def newcomers(source: Ticket, target: Ticket) -> list[Person]:
    """Who of the source is not of the target: they will hear of its replies, and what they write is read there."""
    return [person for person in people_of(source) if person not in people_of(target)]


def _sees(person: Person, target: Ticket) -> bool:
    return person in people_of(target) or Ticket.objects.visible_to(person).filter(pk=target.pk).exists()


def _check_works(by: Person, *tickets: Ticket) -> None:
    if not all(may_work(by, ticket) for ticket in tickets):
        raise PermissionDenied("You need the right to work on both requests.")


def _write(source: Ticket, **fields) -> Ticket:
    Ticket.objects.filter(pk=source.pk).update(version=F("version") + 1, **fields)
    return fresh(source)
