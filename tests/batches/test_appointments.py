"""People are asked when their equipment is replaced; they choose, come or do not, and the swap closes everything."""

from datetime import date, datetime, time, timedelta
from html import unescape

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.utils import timezone

from assets.batches.appointments import assign, book, call_off, miss, offer
from assets.batches.inviting import invite_and_remind
from assets.batches.items import move_item, move_items
from assets.batches.models import Appointment, Batch, BatchItem, SwapSlot
from assets.batches.slots_of_sites import free_slots, offer_day
from assets.batches.swapping import swap, to_swap
from assets.batches.workflow import move
from assets.register.lifecycle import MoveRefused
from assets.register.models import Custody
from servicedesk.history.models import Change
from servicedesk.notifications.models import Message
from tests.batches.waves import NOW, TODAY, laptops, people
from tests.factories import a_council_alone, a_model, a_person, a_requester, a_site, a_team, a_ticket

pytestmark = [pytest.mark.django_db, pytest.mark.once]
DAY = date(2026, 12, 8)


@pytest.fixture(autouse=True)
def on_the_day(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture
def world():
    """Two laptops of Jo's and one of Kim's in a batch that is under way, each with its new one."""
    world = people()
    world.hall = a_site(world.county, "County Hall")
    world.kim = a_requester(world.county, name="Kim")
    model = a_model("E14")
    old = laptops(world.county, 3, "O", model=model, holder=world.jo, state="in_use", site=world.hall)
    old[2].holder = world.kim
    old[2].save()
    new = laptops(world.county, 3, "N", model=model, state="in_stock")
    world.batch = Batch.objects.create(
        council=world.county,
        reference="RB-2026-000001",
        title="Wave 1",
        owner=world.ada,
        as_at=TODAY,
        base_fy="2026/27",
        state="under_way",
        state_since=NOW,
        planned_from=date(2026, 12, 20),
    )
    world.items = [
        BatchItem.objects.create(
            batch=world.batch,
            council=world.county,
            asset=one,
            category="laptop",
            replacement=other,
            state="allocated",
            state_since=NOW,
            locked=True,
        )
        for one, other in zip(old, new, strict=True)
    ]
    return world


def times(world, capacity: int = 1, **more) -> list[SwapSlot]:
    """9:00 and 9:30 at County Hall on 8 December."""
    given = {"begins": time(9), "ends": time(10), "minutes": 30, "capacity": capacity, **more}
    return offer_day(given.pop("site", world.hall), DAY, by=world.ada, now=NOW, **given)


def offered(world) -> list[Appointment]:
    return offer(world.items, by=world.eng, now=NOW).made


def as_(person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def text(answer) -> str:
    return unescape(answer.content.decode())


def test_a_site_offers_the_times_of_a_day_within_its_hours_once(world):
    found = times(world, 2)

    assert [(one.starts_at, one.ends_at, one.capacity) for one in found] == [
        (datetime(2026, 12, 8, 9, 0, tzinfo=NOW.tzinfo), datetime(2026, 12, 8, 9, 30, tzinfo=NOW.tzinfo), 2),
        (datetime(2026, 12, 8, 9, 30, tzinfo=NOW.tzinfo), datetime(2026, 12, 8, 10, 0, tzinfo=NOW.tzinfo), 2),
    ]
    with pytest.raises(ValidationError, match="offers some of these times already"):
        times(world, begins=time(9, 15))
    with pytest.raises(PermissionDenied):
        offer_day(
            world.hall, DAY, by=world.dee, begins=time(9), ends=time(10), minutes=30, capacity=1, now=NOW
        )


@pytest.mark.parametrize(
    ("day", "values", "field"),
    [
        (date(2026, 12, 25), {}, "day"),
        (date(2026, 12, 12), {}, "day"),
        (date(2026, 11, 20), {}, "day"),
        (date(9999, 12, 31), {"ends": time(23, 59)}, "day"),
        (DAY, {"ends": time(9)}, "ends"),
        (DAY, {"minutes": 1}, "minutes"),
        (DAY, {"ends": time(17), "minutes": 5}, "minutes"),
    ],
)
def test_closed_days_and_odd_times_are_said_before_anything_is_saved(world, day, values, field):
    given = {"begins": time(9), "ends": time(10), "minutes": 30, "capacity": 1, **values}

    with pytest.raises(ValidationError) as refused:
        offer_day(world.hall, day, by=world.ada, now=NOW, **given)

    assert list(refused.value.message_dict) == [field]
    assert not SwapSlot.objects.exists()


def test_whoever_has_it_is_asked_chooses_and_is_told_and_may_choose_again(world):
    first, second = times(world)
    mine, _, _ = offered(world)
    assert Message.objects.filter(person=world.jo).count() == 2

    booked = book(mine, first, by=world.jo, now=NOW)
    item = BatchItem.objects.get(pk=mine.item_id)
    assert (booked.state, item.state, item.scheduled_for) == ("booked", "scheduled", first.starts_at)
    book(booked, second, by=world.jo, now=NOW)

    assert BatchItem.objects.get(pk=mine.item_id).scheduled_for == second.starts_at
    assert list(free_slots(world.hall, NOW)) == [first]
    subjects = list(Message.objects.order_by("pk").values_list("subject", flat=True))
    assert subjects[0].startswith("Choose when we replace your ")
    assert subjects[-1].endswith("on Tuesday 8 December 2026, 9:30am")
    deed = Change.objects.filter(kind="batches.appointment").last().change_set
    assert (deed.by_label, {one.kind for one in deed.changes.all()}) == (
        "Jo",
        {"batches.appointment", "batches.batchitem"},
    )


def test_clashes_are_said_and_nothing_is_booked(world):
    first, second = times(world)
    depot = a_site(world.county, "Depot")
    (there, _) = times(world, site=depot)
    mine, other, kims = offered(world)
    book(mine, first, by=world.jo, now=NOW)

    def said(appointment, slot, by, now=NOW) -> list[str]:
        with pytest.raises(ValidationError) as refused:
            book(appointment, slot, by=by, now=now)
        return refused.value.message_dict["slot"]

    assert said(kims, first, world.kim) == ["This time is full. Choose another"]
    assert said(other, there, world.jo) == [
        "Jo has an appointment at that time already: O-01 in RB-2026-000001"
    ]
    assert said(kims, second, world.kim, second.ends_at) == ["This time is past. Choose another"]
    kims = book(kims, there, by=world.kim, now=NOW)
    assign(mine, by=world.eng, engineer=world.sam, now=NOW)
    with pytest.raises(ValidationError, match="Sam is at County Hall on Tuesday 8 December 2026, 9am"):
        assign(kims, by=world.eng, engineer=world.sam, now=NOW)
    with pytest.raises(ValidationError, match="Jo does not handle assets"):
        assign(kims, by=world.eng, engineer=world.jo, now=NOW)


def test_a_clash_with_what_another_council_owns_does_not_say_what_it_is(world):
    first, _ = times(world)
    mine, _, kims = offered(world)
    book(mine, first, by=world.jo, now=NOW)
    far = a_council_alone("XYZ")
    slot = SwapSlot.objects.create(
        council=far,
        site=a_site(far, "Far Hall"),
        starts_at=first.starts_at,
        ends_at=first.ends_at,
        capacity=1,
    )
    Appointment.objects.filter(pk=kims.pk).update(council=far, person=world.jo)
    BatchItem.objects.filter(pk=kims.item_id).update(council=far)
    xena = a_person(far, "asset_manager", name="Xena")

    for by, said in (
        (world.jo, "Jo has an appointment at that time already: O-01 in RB-2026-000001"),
        (xena, "Jo has an appointment at that time already"),
    ):
        with pytest.raises(ValidationError) as refused:
            book(Appointment.objects.get(pk=kims.pk), slot, by=by, now=NOW)
        assert refused.value.message_dict["slot"] == [said]


def test_nobody_need_come_for_a_batch_that_is_cancelled(world):
    first, _ = times(world)
    mine, other, _ = offered(world)
    book(mine, first, by=world.jo, now=NOW)
    Batch.objects.update(state="approved")
    before = Message.objects.count()

    move(world.batch, "cancel", by=world.ada, given={"reason": "No money"}, now=NOW)

    assert set(Appointment.objects.values_list("state", flat=True)) == {"cancelled"}
    assert list(free_slots(world.hall, NOW))[0] == first
    assert invite_and_remind(first.starts_at - timedelta(days=1)) == 0
    assert Message.objects.count() == before
    cancelled = Change.objects.filter(kind="batches.appointment", object_id=other.pk).order_by("pk").last()
    assert cancelled.fields["state"][:2] == ["offered", "cancelled"]


def test_only_whose_it_is_or_the_desk_chooses_and_others_do_not_see_it(world):
    first, _ = times(world)
    mine = offered(world)[0]

    with pytest.raises(PermissionDenied):
        book(mine, first, by=world.kim, now=NOW)
    with pytest.raises(PermissionDenied):
        book(mine, first, by=world.dee, now=NOW)
    at = f"/refresh/appointments/{mine.pk}/"
    assert as_(world.kim).get(at).status_code == 404
    assert as_(world.dee).post(at, {"slot": first.pk}).status_code == 403
    own = text(as_(world.jo).get(at))
    assert ("Tuesday 8 December 2026, 9am, County Hall" in own, "N-01" in own) == (True, False)
    assert as_(world.jo).get("/refresh/appointments/").status_code == 403
    done = as_(world.jo).post(at, {"slot": first.pk, "version": "1"}, follow=True)
    assert "Booked: Tuesday 8 December 2026, 9am, County Hall" in text(done)
    assert "O-01" in text(as_(world.jo).get("/home/"))


def test_who_did_not_come_is_asked_again_and_the_try_is_counted(world):
    first, _ = times(world)
    mine = book(offered(world)[0], first, by=world.jo, now=NOW)

    with pytest.raises(MoveRefused, match="It is not until"):
        miss(mine, by=world.eng, now=NOW)
    again = miss(mine, by=world.eng, now=first.ends_at)

    mine.refresh_from_db()
    item = BatchItem.objects.get(pk=mine.item_id)
    assert (mine.state, again.state, item.state, item.attempts) == ("missed", "offered", "no_show", 1)


def test_an_appointment_is_called_off_with_a_reason_and_may_be_offered_again(world):
    first, _ = times(world)
    mine = book(offered(world)[0], first, by=world.jo, now=NOW)

    with pytest.raises(ValidationError):
        call_off(mine, by=world.eng, reason=" ")
    off = call_off(mine, by=world.eng, reason="Jo is ill", now=NOW)

    assert (off.state, BatchItem.objects.get(pk=mine.item_id).scheduled_for) == ("cancelled", None)
    with pytest.raises(MoveRefused, match="This appointment is “cancelled”"):
        book(off, first, by=world.jo, now=NOW)
    assert len(offer(world.items, by=world.eng, now=NOW).made) == 1


def test_an_appointment_ends_with_its_item_however_that_is_moved(world):
    mine, other, _ = offered(world)
    away = {"reason": "Long absence", "deferred_until": date(2027, 9, 1)}

    move_item(other.item, "defer", by=world.ada, given=away, now=NOW)
    move_items(
        [mine.item], "swap", by=world.eng, given={"old": "O-01", "new": "N-01", "signed_by": "Jo"}, now=NOW
    )

    assert list(Appointment.objects.order_by("pk").values_list("state", flat=True)) == [
        *("done", "cancelled", "offered"),
    ]


def test_the_swap_closes_custodies_appointment_item_and_request_in_one_deed(world):
    first, _ = times(world)
    a_team("Desk", world.county, members=(world.eng,))
    ticket = a_ticket(world.jo, type="request", reference="REQ-2026-000009", title="New laptop")
    mine = book(offered(world)[0], first, by=world.jo, now=NOW)
    mine = assign(mine, by=world.eng, engineer=world.eng, ticket=ticket, now=NOW)
    given = {"old": "O-01", "new": "n-01", "signed_by": "Jo"}

    with pytest.raises(ValidationError) as refused:
        swap(mine.item, by=world.eng, data_saved=False, now=NOW, **given)
    assert list(refused.value.message_dict) == ["data_saved"]
    made = swap(to_swap(world.eng, "O-01"), by=world.eng, data_saved=True, now=NOW, **given)

    mine.refresh_from_db()
    ticket.refresh_from_db()
    assert (made.item.state, made.item.signed_by, mine.state) == ("swapped", "Jo", "done")
    assert (made.resolved, ticket.state) == (ticket, "resolved")
    held = {
        str(one.asset): (one.kind, str(one.person or one.pool))
        for one in Custody.objects.filter(ended_at=None)
    }
    assert (held["N-01"], held["O-01"]) == (("person", "Jo"), ("pool", "Taken away by Eng"))
    deed = Change.objects.get(kind="batches.batchitem", move="swap").change_set
    assert {"batches.appointment", "batches.batchitem", "register.asset", "tickets.ticket"} <= {
        one.kind for one in deed.changes.all()
    }


def test_the_swap_page_asks_for_old_new_and_one_signature(world):
    eng, at = as_(world.eng), "/refresh/appointments/swap/"

    assert "Nothing that waits to be swapped is called X" in text(eng.get(f"{at}?old=X"))
    found = text(eng.get(f"{at}?old=o-01"))
    assert ('value="Jo"' in found, "N-01" in found) == (True, True)
    sent = {"old": "O-01", "new": "N-01", "stays": "no", "signed_by": "Jo", "signed": "on"}
    assert "My data are saved" in text(eng.post(at, sent))
    wrong = eng.post(at, {"old": "O-01", "new": "N-02"})
    assert (wrong.status_code, "This is not N-01, which is kept for O-01" in text(wrong)) == (422, True)
    done = eng.post(at, {**sent, "data_saved": "on"}, follow=True)
    assert "O-01 is swapped for N-01" in text(done)
    assert as_(world.jo).get(at).status_code == 403


def test_the_day_sheet_lists_what_is_left_to_do_at_a_site(world):
    first, _ = times(world)
    mine = book(offered(world)[0], first, by=world.jo, now=NOW)
    assign(mine, by=world.eng, engineer=world.sam, now=NOW)
    at = f"/refresh/appointments/day-sheet/?site={world.hall.pk}&day=8/12/2026"

    sheet = text(as_(world.eng).get(at))

    assert "County Hall: Tuesday 8 December 2026" in sheet
    assert "1 to do, 0 done." in sheet
    assert [word in sheet for word in ("O-01", "N-01", "Jo", "Sam")] == [True] * 4


def test_the_pages_of_staff_offer_times_and_appointments_and_say_who_did_not_come(world, monkeypatch):
    ada, eng = as_(world.ada), as_(world.eng)
    sent = {"site": world.hall.pk, "day": "8/12/2026", "begins": "9:00", "ends": "10:00", "minutes": "30"}

    closed = ada.post("/refresh/appointments/times/", {**sent, "day": "25/12/2026", "capacity": "1"})
    assert (closed.status_code, "is closed on Friday 25 December 2026" in text(closed)) == (422, True)
    assert "2 times offered" in text(
        ada.post("/refresh/appointments/times/", {**sent, "capacity": "1"}, follow=True)
    )
    assert "3 appointments offered" in text(
        eng.post("/refresh/appointments/", {"batch": world.batch.pk}, follow=True)
    )
    mine, slot = Appointment.objects.order_by("pk")[0], SwapSlot.objects.order_by("pk")[0]
    at = f"/refresh/appointments/{mine.pk}/"
    assert eng.post(at, {"slot": slot.pk, "version": "1"}).status_code == 302
    other = SwapSlot.objects.exclude(pk=slot.pk).get()
    stale = eng.post(at, {"slot": other.pk, "version": "1"})
    assert stale.status_code == 409
    assert eng.post(f"{at}assign/", {"engineer": "", "ticket": ""}).status_code == 302
    early = eng.post(f"{at}miss/")
    assert (early.status_code, "It is not until" in text(early)) == (409, True)
    monkeypatch.setattr(timezone, "now", lambda: slot.ends_at)
    eng = as_(world.eng)  # the session of two weeks ago is over
    assert "Jo is asked to choose another time" in text(eng.post(f"{at}miss/", follow=True))
    again = Appointment.objects.order_by("-pk")[0]
    assert eng.post(f"/refresh/appointments/{again.pk}/cancel/", {}).status_code == 422
    off = eng.post(f"/refresh/appointments/{again.pk}/cancel/", {"reason": "Ill"}, follow=True)
    assert "The appointment is cancelled" in text(off)
