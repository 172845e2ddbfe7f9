"""What is due back: found by itself, chased in working days, and ended by what happens to the asset."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from assets.disposal import chasing
from assets.disposal.models import Chase, DueBack
from assets.disposal.slots import about_due_back
from assets.register import changes, workflow
from assets.register.handing_over import hand_over
from assets.register.lifecycle import MoveRefused
from assets.register.models import Loan
from servicedesk.history.models import Change, ChangeSet
from servicedesk.notifications.models import Message
from servicedesk.people.models import Person
from servicedesk.service_levels.promises import calendar_for
from servicedesk.service_levels.working_days import WorkingDays
from servicedesk.tickets.models import Ticket
from tests.factories import a_person, an_asset
from tests.register.life import a_world

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)
DAY = MONDAY.date()


@pytest.fixture
def world():
    return a_world()


def expected(world, why: str = "swapped", due_on: date = DAY) -> DueBack:
    asset = an_asset(world.county, "LT", holder=world.jo, site=world.site)
    return chasing.expect([asset], by=world.keeper, why=why, due_on=due_on, now=MONDAY)[0]


def told() -> list[tuple[str, str]]:
    return [(str(one.person), one.subject) for one in Message.objects.order_by("id")]


def after(days: int) -> datetime:
    return MONDAY + timedelta(days=days)


def test_what_leavers_have_and_what_is_out_after_its_loan_is_found_each_day(world):
    gone = a_person(world.county, name="Gone", employed_to=DAY - timedelta(days=3))
    off = a_person(world.county, name="Off", is_active=False)
    an_asset(world.county, "L1", holder=gone)
    an_asset(world.county, "L2", holder=off)
    an_asset(world.county, "STAYS", holder=world.jo)
    lent = an_asset(world.county, "LENT", holder=world.di)
    Loan.objects.create(
        council=world.county,
        receiver=world.district,
        asset=lent,
        person=world.di,
        starts_on=DAY - timedelta(days=30),
        ends_on=DAY - timedelta(days=1),
        reason="A project",
        state="agreed",
        offered_at=MONDAY,
    )
    chasing.keep_chasing(MONDAY)
    chasing.keep_chasing(MONDAY)

    assert list(DueBack.objects.values_list("asset__asset_tag", "person__display_name", "why", "due_on")) == [
        ("L1", "Gone", "leaver", DAY - timedelta(days=3)),
        ("LENT", "Di", "loan", DAY - timedelta(days=1)),
        ("L2", "Off", "leaver", DAY),
    ]


def test_a_day_far_ahead_comes_forward_when_the_holder_leaves_or_the_loan_is_over(world):
    ahead = DAY + timedelta(days=60)
    gone = a_person(world.county, name="Gone")
    kept, lent, asked = (
        an_asset(world.county, tag, holder=holder)
        for tag, holder in (("KEPT", gone), ("LENT", world.di), ("ASKED", world.jo))
    )
    for asset, why in ((kept, "swapped"), (lent, "other"), (asked, "other")):
        chasing.expect([asset], by=world.keeper, why=why, due_on=ahead, now=MONDAY)
    Person.objects.filter(pk=gone.pk).update(employed_to=DAY - timedelta(days=2))
    Loan.objects.create(
        council=world.county,
        receiver=world.district,
        asset=lent,
        person=world.di,
        starts_on=DAY - timedelta(days=30),
        ends_on=DAY - timedelta(days=1),
        reason="A project",
        state="agreed",
        offered_at=MONDAY,
    )

    assert [chasing.keep_chasing(MONDAY), chasing.keep_chasing(MONDAY)] == [2, 0]

    assert list(DueBack.objects.values_list("asset__asset_tag", "why", "due_on", "version")) == [
        ("KEPT", "swapped", DAY - timedelta(days=2), 2),
        ("LENT", "other", DAY - timedelta(days=1), 2),
        ("ASKED", "other", ahead, 1),
    ]
    moved = Change.objects.filter(kind="disposal.dueback", action="update").order_by("pk")
    assert [set(one.fields) for one in moved] == [{"due_on"}, {"due_on"}]


def test_reminders_go_in_working_days_each_once(world):
    manager = a_person(world.county, name="Mo")
    Person.objects.filter(pk=world.jo.pk).update(line_manager=manager)
    row = expected(world)

    for days in range(21):
        chasing.keep_chasing(after(days))

    subject = "Laptop is due back"
    assert told() == [
        ("Jo Okoro", subject),
        ("Mo", f"Reminder: {subject}"),
        ("Ada", f"Reminder: {subject}"),
    ]
    assert list(row.chases.order_by("at").values_list("how", "note", "at")) == [
        ("reminder", "Jo Okoro", MONDAY),
        ("reminder", "Mo", after(7)),
        ("reminder", "Ada", after(14)),
    ]


def test_what_a_leaver_has_is_asked_of_their_manager(world):
    manager = a_person(world.county, name="Mo")
    Person.objects.filter(pk=world.jo.pk).update(line_manager=manager, is_active=False)
    expected(world, why="leaver")
    chasing.keep_chasing(MONDAY)
    assert [person for person, _ in told()] == ["Mo"]


def test_days_late_are_working_days(world):
    days = WorkingDays()
    friday = date(2026, 11, 20)
    assert [
        days.since(world.county.pk, friday, friday + timedelta(days=at)) for at in (-1, 0, 1, 2, 3, 10)
    ] == [
        0,
        0,
        0,
        0,
        1,
        6,
    ]


def test_a_day_so_many_working_days_later_leaves_out_weekends_and_holidays(world):
    christmas = date(2026, 12, 24)
    found = [WorkingDays().after(world.county.pk, christmas, count) for count in (0, 1, 2, 5)]
    assert found == [christmas, date(2026, 12, 29), date(2026, 12, 30), date(2027, 1, 5)]


def test_where_a_desk_keeps_no_hours_days_of_the_calendar_are_counted(world):
    hours = calendar_for(world.county.pk)
    hours.windows = {"0": []}
    hours.save()
    found = [WorkingDays().after(world.county.pk, DAY, count) for count in (0, 1, 5)]
    assert found == [DAY, DAY + timedelta(days=1), DAY + timedelta(days=5)]


@pytest.mark.parametrize(
    ("move", "given", "state"),
    [("return", {"condition": "B"}, "back"), ("lose", {"what_happened": "Left on a bus"}, "lost")],
)
def test_it_ends_in_the_very_deed_by_which_the_asset_is_moved(world, move, given, state):
    row = expected(world)
    workflow.move(row.asset, move, by=world.engineer, given=given, now=MONDAY)

    row.refresh_from_db()
    assert (row.state, row.ended_by, row.ended_at) == (state, world.engineer, MONDAY)
    deed = Change.objects.get(kind="disposal.dueback", action="move").change_set
    assert deed.changes.filter(kind="register.asset", move=move).exists()
    assert chasing.keep_chasing(after(1)) == 0


def test_what_somebody_else_has_now_is_not_asked_of_the_first_any_more(world):
    row = expected(world, why="other")
    hand_over(row.asset, by=world.engineer, given={"person": world.keeper}, now=MONDAY)

    assert chasing.keep_chasing(after(1)) == 0
    row.refresh_from_db()
    assert (row.state, row.ended_by) == ("called_off", world.engineer)
    assert len(chasing.expect([row.asset], by=world.keeper, why="other", due_on=DAY, now=after(1))) == 1


def test_what_was_replaced_is_asked_of_whoever_has_it_now_until_it_is_back(world):
    """Told to Jo, handed to Mo, who is told at once; then their manager, and it ends when Mo brings it."""
    chief = a_person(world.county, name="Chief")
    mo, late = a_person(world.county, name="Mo", line_manager=chief), expected(world)
    soon = chasing.expect(
        [an_asset(world.county, "LT/2", holder=world.jo)],
        by=world.keeper,
        why="taken",
        due_on=DAY + timedelta(days=3),
        now=MONDAY,
    )[0]
    chasing.keep_chasing(MONDAY)

    for row in (late, soon):
        hand_over(row.asset, by=world.engineer, given={"person": mo}, now=MONDAY)
    chasing.keep_chasing(after(3))
    chasing.keep_chasing(after(8))

    assert [(row.person, row.state) for row in DueBack.objects.order_by("pk")] == [(mo, "open")] * 2
    subject = "Laptop is due back"
    assert told() == [
        ("Jo Okoro", subject),
        ("Mo", subject),
        ("Mo", subject),
        ("Chief", f"Reminder: {subject}"),
    ]
    hand_over(late.asset, by=world.engineer, given={"pool": "Front desk"}, now=after(8))
    assert chasing.keep_chasing(after(9)) == 0
    workflow.move(late.asset, "return", by=world.engineer, given={"condition": "B"}, now=after(9))
    late.refresh_from_db()
    assert (late.state, late.person) == ("back", mo)


def test_a_return_that_is_undone_in_the_register_asks_for_it_again(world):
    row = expected(world)
    workflow.move(row.asset, "return", by=world.keeper, given={"condition": "B"}, now=MONDAY)
    deed = ChangeSet.objects.filter(by_id=world.keeper.pk).latest("pk")
    assert changes.may_undo(world.keeper, deed)

    undone = changes.undo_deed(deed, by=world.keeper, now=MONDAY)

    row.refresh_from_db()
    assert (undone.left, row.state, row.person, row.ended_at) == ([], "open", world.jo, None)
    assert row.asset.holder == world.jo


def test_anybody_of_the_desk_asks_for_something_by_a_day_and_says_why(world):
    asset = an_asset(world.county, "LT", holder=world.jo)
    asked = {"by": world.engineer, "now": MONDAY}
    with pytest.raises(ValidationError) as refused:
        chasing.ask_back(asset, due_on=DAY, note=" ", **asked)
    assert refused.value.message_dict == {"note": ["Enter why it must come back"]}
    with pytest.raises(ValidationError) as refused:
        chasing.ask_back(asset, due_on=DAY - timedelta(days=1), note="Audit", **asked)
    assert refused.value.message_dict == {"due_on": ["The day must not be in the past"]}
    with pytest.raises(ValidationError) as refused:
        chasing.ask_back(asset, due_on=date(2027, 2, 19), note="Audit", **asked)
    said = "The day must be within 60 working days, by 18 February 2027"
    assert refused.value.message_dict == {"due_on": [said]}
    with pytest.raises(PermissionDenied):
        chasing.ask_back(asset, by=world.jo, due_on=DAY, note="Audit", now=MONDAY)

    row = chasing.ask_back(asset, due_on=DAY, note="Audit", **asked)

    assert (row.person, row.why, row.note, row.asked_by) == (world.jo, "other", "Audit", world.engineer)
    with pytest.raises(MoveRefused, match="LT is due back already, or nobody has it"):
        chasing.ask_back(asset, due_on=DAY, note="Again", **asked)
    with pytest.raises(MoveRefused, match="IDLE is due back already, or nobody has it"):
        chasing.ask_back(an_asset(world.county, "IDLE"), due_on=DAY, note="Audit", **asked)


def test_nobody_is_written_to_of_what_has_come_back_meanwhile(world):
    row = expected(world)
    chasing.keep_chasing(MONDAY)
    message = Message.objects.get()
    assert about_due_back(world.jo, message).subject == "Laptop is due back"
    chasing.bring_back(row, by=world.engineer, condition="C", now=MONDAY)
    assert about_due_back(world.jo, message) is None


def test_lost_is_one_deed_with_its_security_incident(world):
    row = expected(world)
    before = ChangeSet.objects.count()

    row = chasing.lose(row, by=world.engineer, what_happened="Left on a bus", now=MONDAY)

    row.asset.refresh_from_db()
    assert (row.state, row.asset.state, Ticket.objects.get().type) == ("lost", "lost_stolen", "security")
    assert ChangeSet.objects.count() == before + 1


def test_where_the_register_refuses_nothing_of_it_is_written(world):
    row = expected(world)
    with pytest.raises(ValidationError):
        chasing.bring_back(row, by=world.engineer, condition="", now=MONDAY)
    with pytest.raises(PermissionDenied):
        chasing.lose(row, by=world.jo, what_happened="Gone", now=MONDAY)
    row.refresh_from_db()
    assert (row.state, row.version) == ("open", 1)


def test_who_asked_by_hand_is_kept_and_must_say_what(world):
    row = expected(world)
    chase = chasing.chased_by_hand(row, by=world.engineer, note="Rang: tomorrow", now=MONDAY)
    assert (chase.by, chase.note, chase.at) == (world.engineer, "Rang: tomorrow", MONDAY)
    with pytest.raises(ValidationError, match="Enter whom you asked"):
        chasing.chased_by_hand(row, by=world.engineer, note=" ", now=MONDAY)
    assert Chase.objects.count() == 1


def test_only_who_keeps_the_register_calls_it_off_and_it_ends_once(world):
    row = expected(world)
    with pytest.raises(PermissionDenied):
        chasing.call_off(row, by=world.engineer, reason="Bought")
    chasing.call_off(row, by=world.keeper, reason="Bought", now=MONDAY)
    with pytest.raises(MoveRefused, match="is not due back any more: not expected any more"):
        chasing.bring_back(row, by=world.engineer, condition="B", now=MONDAY)
