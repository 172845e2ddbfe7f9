"""Holders say whether they have what the register says they have; who keeps the register asks, and is told.

"I do not have this" raises a request about the asset, so that somebody looks for it. Who does not answer is reminded by
the outbox, which waits for the hours of each.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from assets.register import custody
from assets.register.facts import what_it_is
from assets.register.models import Asset, KitAnswer, KitCheck
from assets.register.querysets import KEPT
from assets.register.registering import link_raised
from servicedesk import wording
from servicedesk.history.recording import change_set, record, snapshot
from servicedesk.notifications.outbox import post
from servicedesk.people.access import require
from servicedesk.people.models import Council, Department, Person, Site
from servicedesk.people.roles import Permission
from servicedesk.tickets.models import Ticket, TicketType
from servicedesk.tickets.raising import raise_ticket

Answer = KitAnswer.Answer
SHOWN = ("council", "site", "department", "asked_by", "ended_by")
BATCH = 1000
ASKED = "kit_asked"
AFTER = timedelta(days=7)
"""How long nobody is told again: five working days."""
MOST_REMINDERS = 3
DAYS_TO_ANSWER = 14


def ask(
    *,
    by: Person,
    council: Council,
    site: Site | None = None,
    department: Department | None = None,
    answer_by: date | None = None,
    now: datetime | None = None,
) -> KitCheck:
    """Ask the people of a site or of a department about all that they have of the council.

    Raises PermissionDenied, or ValidationError where there is nobody to ask.
    """
    require(by, Permission.EDIT_ASSETS, council)
    place = site or department
    if place is None or (site and department) or place.council_id != council.pk:
        raise ValidationError(f"Choose a site or a department of {council}")
    now = now or timezone.now()
    held = _held_at(council, site, department)
    if not held:
        raise ValidationError(f"Nobody of {place} has anything that the register knows")
    with change_set(by=by, now=now) as deed:
        check = KitCheck.objects.create(
            council=council,
            site=site,
            department=department,
            asked_by=by,
            asked_at=deed.at,
            answer_by=answer_by or timezone.localdate(now) + timedelta(days=DAYS_TO_ANSWER),
        )
        record(deed, [check])
        KitAnswer.objects.bulk_create(
            [
                KitAnswer(check_asked=check, asset=asset, person=asset.holder, told_at=deed.at)
                for asset in held
            ],
            batch_size=BATCH,
        )
        _tell(check, 0, deed.at)
    return check


def _held_at(council: Council, site: Site | None, department: Department | None) -> list[Asset]:
    place = {"holder__site": site} if site else {"holder__department": department}
    held = Asset.objects.filter(KEPT, council=council, holder__is_active=True, **place)
    return list(held.select_related("holder").order_by("id"))


def end(check: KitCheck, *, by: Person, now: datetime | None = None) -> KitCheck:
    """Ask and remind no more. What was answered stays. Raises PermissionDenied."""
    require(by, Permission.EDIT_ASSETS, check)
    with change_set(by=by, now=now) as deed:
        check = KitCheck.objects.select_for_update(of=("self",)).select_related(*SHOWN).get(pk=check.pk)
        if check.ended_at is None:
            before = snapshot([check])
            check.ended_by, check.ended_at, check.version = by, deed.at, check.version + 1
            check.save(update_fields=["ended_by", "ended_at", "version"])
            record(deed, [check], before)
    return check


def answer(asset: Asset, *, by: Person, have: bool, note: str = "", now: datetime | None = None) -> KitAnswer:
    """Say whether one has an asset that one is the holder of. It answers every check that asks about it.

    Who has it has signed for it. Who has not raises a request, once, however often they say it. Returns the answer.
    Raises ValidationError where the asset is not theirs.
    """
    now = now or timezone.now()
    with change_set(by=by, now=now) as deed:
        held = Asset.objects.held_by(by).select_for_update(of=("self",)).filter(pk=asset.pk).first()
        if held is None:
            raise ValidationError("The register does not say that you have this")
        given: dict[str, Any] = {
            "answer": Answer.HAVE if have else Answer.HAVE_NOT,
            "answered_at": deed.at,
            "note": note.strip(),
        }
        if not have:
            given["ticket"] = _look_for(held, by, given["note"], deed.at)
        waiting = KitAnswer.objects.filter(asset=held, person=by, answer="", check_asked__ended_at=None)
        if not waiting.update(**given):
            KitAnswer.objects.create(asset=held, person=by, **given)
        signing = custody.to_sign(by, held) if have else None
        if signing:
            custody.sign(signing, by=by, now=deed.at)
    return last_of(by, [held])[held.pk]


def _look_for(asset: Asset, by: Person, note: str, now: datetime) -> Ticket:
    """The request to look for it: still open from before, or a new one."""
    before = (
        KitAnswer.objects.filter(asset=asset, person=by, ticket__is_open=True)
        .select_related("ticket")
        .first()
    )
    if before and before.ticket:
        return before.ticket
    ticket = raise_ticket(
        by=by,
        requester=by,
        type=TicketType.REQUEST,
        title=f"I do not have {asset}",
        description=f"The register says that I have {what_it_is(asset)}, {asset}, and I do not.\n\n{note}",
        now=now,
    )
    link_raised(asset, ticket, by=by, now=now)
    return ticket


def last_of(person: Person, assets: Iterable[Asset]) -> dict[int, KitAnswer]:
    """What the person said last of each asset, by asset."""
    said = KitAnswer.objects.filter(person=person, asset__in=[asset.pk for asset in assets])
    answered = said.exclude(answer="").select_related("ticket").order_by("answered_at", "id")
    return {answer.asset_id: answer for answer in answered}


def asked_of(person: Person) -> dict[int, date]:
    """The assets that the person is asked about, each with the day to answer by."""
    waiting = KitAnswer.objects.filter(person=person, answer="", check_asked__ended_at=None)
    return dict(waiting.order_by("-check_asked__answer_by").values_list("asset", "check_asked__answer_by"))


def remind(now: datetime | None = None) -> int:
    """Remind whoever has been asked a while ago and has not answered: run each day. Returns how many were reminded."""
    now, told = now or timezone.now(), 0
    due = _still_waiting().filter(told_at__lte=now - AFTER, reminders__lt=MOST_REMINDERS)
    for check in KitCheck.objects.filter(pk__in=due.values("check_asked")).select_related(*SHOWN):
        with transaction.atomic():
            late = list(due.filter(check_asked=check).values_list("reminders", flat=True))
            told += _tell(check, max(late, default=0) + 1, now)
            due.filter(check_asked=check).update(told_at=now, reminders=max(late, default=0) + 1)
    return told


def _still_waiting() -> QuerySet[KitAnswer]:
    """What waits for somebody who still has the asset."""
    return KitAnswer.objects.filter(answer="", check_asked__ended_at=None, asset__holder=F("person"))


def _tell(check: KitCheck, time: int, now: datetime) -> int:
    """One message to each person, about all that they have not answered yet."""
    by_person: defaultdict[Person, list[Asset]] = defaultdict(list)
    waiting = (
        _still_waiting()
        .filter(check_asked=check)
        .select_related("person", "asset__model", "asset__manufacturer")
    )
    for one in waiting.order_by("asset__asset_tag"):
        by_person[one.person].append(one.asset)
    told = 0
    for person, assets in by_person.items():
        told += post(
            [person],
            ASKED,
            about=check,
            council=check.council,
            subject=f"{'Reminder: ' if time else ''}Do you have this? Please tell us by {wording.day(check.answer_by)}",
            body=_letter(check, assets),
            cause=f"kit {check.pk} {time}",
            by=None,
            now=now,
        )
    return told


def _letter(check: KitCheck, assets: list[Asset]) -> str:
    things = "\n".join(f"- {what_it_is(asset)}, {asset}" for asset in assets)
    return (
        f"{check.council} is checking its register. It says that you have:\n\n{things}\n\n"
        f"Sign in, and say of each whether you have it, by {wording.day(check.answer_by)}."
    )
