"""Breaking the glass of a sealed ticket, and who reads it."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from django.utils import timezone

from servicedesk.history.models import AppendOnlyError, Change
from servicedesk.notifications.models import Message
from servicedesk.notifications.sending import send_waiting
from servicedesk.people.models import Grant, Membership, Person
from servicedesk.tickets.breaking_glass import TooManyTries, break_glass, end_glass
from servicedesk.tickets.conversation import readable_by
from servicedesk.tickets.letters import about_refused_glass
from servicedesk.tickets.models import BreakGlass, How, RefusedGlass, Sighting, Ticket
from servicedesk.tickets.raising import raise_ticket
from servicedesk.tickets.replying import say
from servicedesk.tickets.rights import moves_open_to
from servicedesk.tickets.sealing import raise_sensitivity
from servicedesk.tickets.sight import open_ticket, write_down
from servicedesk.tickets.states import MoveRefused
from servicedesk.tickets.workflow import change
from tests.factories import a_case_group, a_council, a_person, a_requester

pytestmark = pytest.mark.django_db
MAY = {"queue_manager": "own", "cyber_officer": "both", "administrator": "own", "auditor": "own"}
REASON = "The case group is away and a safeguarding date falls today"


@pytest.fixture
def ticket() -> Ticket:
    """A personnel matter of Cherwell's."""
    cdc = a_council("CDC")
    ben, hana = a_requester(cdc, name="Ben"), a_requester(cdc, name="Hana")
    a_case_group("hr", cdc, hana)
    ticket = raise_ticket(by=ben, requester=ben, type="request", title="Payslip", sensitivity="hr")
    say(ticket, by=hana, body="A note", visibility="internal")
    return ticket


def sees(person: Person, ticket: Ticket) -> bool:
    return Ticket.objects.visible_to(Person.objects.get(pk=person.pk)).filter(pk=ticket.pk).exists()


@pytest.mark.parametrize(
    "role",
    [
        "requester",
        "engineer",
        "queue_manager",
        "asset_manager",
        "cyber_officer",
        "service_owner",
        "supplier_contact",
        "budget_approver",
        "administrator",
        "auditor",
    ],
)
def test_who_may_break_the_glass_and_of_which_council(ticket, role):
    came_in = []
    for code in ("CDC", "OCC"):
        person = a_person(a_council(code), role)
        if role not in MAY:
            with pytest.raises(PermissionDenied):
                break_glass(by=person, reference=ticket.reference, reason=REASON)
            continue
        glass = break_glass(by=person, reference=ticket.reference.lower() + " ", reason=REASON)
        came_in.append(bool(glass))
        assert sees(person, ticket) == bool(glass)

    assert came_in == {"own": [True, False], "both": [True, True]}.get(MAY.get(role), [])


def test_glass_lets_read_all_and_do_nothing(ticket):
    auditor = a_person(ticket.council, "auditor")
    break_glass(by=auditor, reference=ticket.reference, reason=REASON)
    auditor = Person.objects.get(pk=auditor.pk)

    assert [comment.body for comment in readable_by(auditor, ticket)] == ["A note"]
    assert moves_open_to(auditor, ticket) == []
    for deed in (
        lambda: say(ticket, by=auditor, body="x", visibility="internal"),
        lambda: say(ticket, by=auditor, body="x", visibility="public"),
        lambda: change(ticket, by=auditor, version=ticket.version, title="x"),
        lambda: raise_sensitivity(ticket, by=auditor, sensitivity="hr"),
    ):
        with pytest.raises(PermissionDenied):
            deed()


def test_glass_closes_by_itself_after_four_hours(ticket):
    auditor, now = a_person(ticket.council, "auditor"), timezone.now()
    glass = break_glass(by=auditor, reference=ticket.reference, reason=REASON, now=now)

    assert glass.ends_at - glass.starts_at == timedelta(hours=4)
    assert sees(auditor, ticket)
    BreakGlass.objects.update(starts_at=now - timedelta(hours=4), ends_at=now)
    assert not sees(auditor, ticket)


def test_lost_role_closes_the_glass(ticket):
    auditor = a_person(ticket.council, "auditor")
    break_glass(by=auditor, reference=ticket.reference, reason=REASON)
    Grant.objects.filter(person=auditor).update(role="engineer")

    assert not sees(auditor, ticket)


def test_glass_opens_its_own_ticket_and_no_other(ticket):
    auditor = a_person(ticket.council, "auditor")
    other = raise_ticket(
        by=ticket.requester, requester=ticket.requester, type="request", title="Other", sensitivity="hr"
    )
    break_glass(by=auditor, reference=ticket.reference, reason=REASON)

    assert not sees(auditor, other)


def test_what_is_not_there_not_sealed_or_out_of_reach_is_refused_alike_and_kept(ticket):
    manager = a_person(a_council("OCC"), "administrator")
    plain = raise_ticket(by=ticket.requester, requester=ticket.requester, type="incident", title="Sound")
    for reference in (ticket.reference, plain.reference, "REQ-2026-999999", "nothing at all" * 5):
        assert break_glass(by=manager, reference=reference, reason=REASON) is None

    kept = RefusedGlass.objects.order_by("id").values_list("reference", flat=True)
    assert list(kept) == [
        ticket.reference,
        plain.reference,
        "REQ-2026-999999",
        ("NOTHING AT ALL" * 5)[:40],
    ]
    assert BreakGlass.objects.count() == 0


def test_five_tries_in_an_hour_and_no_more_whatever_came_of_them(ticket):
    auditor, now = a_person(ticket.council, "auditor"), timezone.now()
    break_glass(by=auditor, reference=ticket.reference, reason=REASON, now=now - timedelta(minutes=59))
    end_glass(BreakGlass.objects.get(), by=auditor, now=now - timedelta(minutes=58))
    for number in range(4):
        break_glass(by=auditor, reference=f"REQ-2026-99999{number}", reason=REASON, now=now)
    for reference in (ticket.reference, "REQ-2026-999999"):
        with pytest.raises(TooManyTries):
            break_glass(by=auditor, reference=reference, reason=REASON, now=now)

    later = now + timedelta(minutes=2)
    assert break_glass(by=auditor, reference=ticket.reference, reason=REASON, now=later)


def test_without_a_reason_nothing_is_opened_and_no_try_counted(ticket):
    auditor = a_person(ticket.council, "auditor")
    with pytest.raises(ValidationError) as refused:
        break_glass(by=auditor, reference=ticket.reference, reason="  ")

    assert refused.value.message_dict == {"reason": ["Enter the reason"]}
    assert (BreakGlass.objects.count(), RefusedGlass.objects.count()) == (0, 0)


def test_whoever_sees_it_need_not_break_anything(ticket):
    officer = a_person(ticket.council, "auditor")
    mine = raise_ticket(by=ticket.requester, requester=ticket.requester, type="incident", title="Sound")
    with pytest.raises(MoveRefused):
        break_glass(by=officer, reference=mine.reference, reason=REASON)
    break_glass(by=officer, reference=ticket.reference, reason=REASON)
    with pytest.raises(MoveRefused):
        break_glass(by=Person.objects.get(pk=officer.pk), reference=ticket.reference, reason=REASON)


def test_glass_is_seen_by_who_broke_it_the_case_group_and_the_officer(ticket):
    auditor = a_person(ticket.council, "auditor")
    glass = break_glass(by=auditor, reference=ticket.reference, reason=REASON)
    hana = Person.objects.get(display_name="Hana")
    officer, other = a_person(a_council("OCC"), "cyber_officer"), a_person(ticket.council, "administrator")

    people = (auditor, hana, officer, other, ticket.requester)
    assert [list(BreakGlass.objects.visible_to(person)) for person in people] == [
        [glass],
        [glass],
        [glass],
        [],
        [],
    ]
    written = Change.objects.get(kind="tickets.breakglass", object_id=glass.pk)
    assert (written.change_set.by_id, written.change_set.reason) == (auditor.pk, REASON)


@pytest.mark.parametrize("who", ["auditor", "Hana", "officer"])
def test_glass_is_ended_early(ticket, who):
    people = {
        "auditor": a_person(ticket.council, "auditor"),
        "Hana": Person.objects.get(display_name="Hana"),
        "officer": a_person(a_council("OCC"), "cyber_officer"),
    }
    glass = break_glass(by=people["auditor"], reference=ticket.reference, reason=REASON)
    with pytest.raises(PermissionDenied):
        end_glass(glass, by=a_person(ticket.council, "administrator"))
    end_glass(glass, by=people[who])

    assert not sees(people["auditor"], ticket)
    with pytest.raises(MoveRefused):
        end_glass(glass, by=people[who])


def test_tries_that_failed_are_for_the_officer(ticket):
    auditor = a_person(ticket.council, "auditor")
    break_glass(by=auditor, reference="REQ-2026-999999", reason=REASON)
    officer = a_person(a_council("OCC"), "cyber_officer")

    assert [RefusedGlass.objects.visible_to(person).count() for person in (officer, auditor)] == [1, 0]


def test_each_reading_of_a_sealed_ticket_is_written_down_once_an_hour(ticket):
    hana, now = Person.objects.get(display_name="Hana"), timezone.now()
    for minutes in (0, 10, 59, 61):
        write_down(hana, ticket, How.PAGE, now + timedelta(minutes=minutes))
    write_down(hana, ticket, How.API, now)
    write_down(ticket.requester, ticket, How.PAGE, now)

    read = Sighting.objects.order_by("id").values_list("person__display_name", "how")
    assert list(read) == [("Hana", "page"), ("Hana", "page"), ("Hana", "api"), ("Ben", "page")]


def test_what_is_not_sealed_and_what_is_refused_is_not_written_down(ticket):
    plain = raise_ticket(by=ticket.requester, requester=ticket.requester, type="incident", title="Sound")
    open_ticket(ticket.requester, plain.reference, How.PAGE)
    with pytest.raises(Http404):
        open_ticket(a_person(ticket.council, "engineer"), ticket.reference, How.PAGE)

    assert Sighting.objects.count() == 0


def test_sighting_is_neither_altered_nor_deleted(ticket):
    write_down(ticket.requester, ticket, How.PAGE)
    with pytest.raises(AppendOnlyError):
        Sighting.objects.update(how="api")
    with pytest.raises(AppendOnlyError):
        Sighting.objects.all().delete()


def told() -> list[tuple[str, str]]:
    return list(Message.objects.order_by("id").values_list("person__display_name", "subject"))


def test_officer_and_case_group_are_told_without_a_word_of_what_it_is_about(ticket):
    a_person(a_council("OCC"), "cyber_officer", name="Cy")
    auditor = a_person(ticket.council, "auditor", name="Audrey")
    Message.objects.all().delete()
    break_glass(by=auditor, reference=ticket.reference, reason=REASON)

    subject = f"Private request opened in an emergency: {ticket.reference}"
    assert sorted(told()) == [("Cy", subject), ("Hana", subject)]
    bodies = " ".join(Message.objects.values_list("body", flat=True))
    assert "Audrey has opened" in bodies
    assert [word for word in ("Payslip", "Ben", REASON) if word in bodies] == []


def test_officer_is_told_of_a_try_that_failed_and_nobody_else(ticket):
    a_person(a_council("OCC"), "cyber_officer", name="Cy")
    auditor = a_person(ticket.council, "auditor", name="Audrey")
    Message.objects.all().delete()
    break_glass(by=auditor, reference="REQ-2026-999999", reason=REASON)

    assert told() == [("Cy", "Somebody tried in vain to open a private request")]
    message = Message.objects.select_related("person").get()
    assert about_refused_glass(message.person, message).subject == message.subject
    assert about_refused_glass(auditor, message) is None


SUNDAY_NIGHT = datetime(2026, 11, 22, 23, tzinfo=UTC)


def mailed(now: datetime = SUNDAY_NIGHT) -> set[str]:
    """To whom mail goes at this moment, in which nothing stands of what the ticket is about."""
    mail.outbox.clear()
    send_waiting(lambda: now)
    for letter in mail.outbox:
        assert [word for word in ("Payslip", "Ben", REASON) if word in letter.subject + letter.body] == []
    return {letter.to[0] for letter in mail.outbox}


@pytest.mark.parametrize("reference", ["", "REQ-2026-999999"])
def test_mail_of_it_goes_at_once_though_it_is_night(ticket, reference):
    officer = a_person(a_council("OCC"), "cyber_officer")
    hana = Person.objects.get(display_name="Hana")
    Message.objects.all().delete()
    auditor = a_person(ticket.council, "auditor")

    break_glass(by=auditor, reference=reference or ticket.reference, reason=REASON, now=SUNDAY_NIGHT)

    assert mailed() == {officer.email} | (set() if reference else {hana.email})


def test_officer_who_breaks_it_is_watched_by_another_and_by_the_case_group(ticket):
    first, second = (a_person(a_council("OCC"), "cyber_officer") for _ in range(2))
    hana = Person.objects.get(display_name="Hana")
    Message.objects.all().delete()

    break_glass(by=first, reference=ticket.reference, reason=REASON, now=SUNDAY_NIGHT)

    assert mailed() == {second.email, hana.email}


def test_sole_officer_is_watched_by_the_case_group_and_without_one_by_who_could_open_it_too(ticket):
    officer = a_person(ticket.council, "cyber_officer")
    hana = Person.objects.get(display_name="Hana")
    others = {a_person(ticket.council, role).email for role in ("administrator", "auditor", "queue_manager")}
    a_person(ticket.council, "engineer")
    a_person(a_council("OCC"), "administrator")
    Message.objects.all().delete()

    break_glass(by=officer, reference="REQ-2026-999999", reason=REASON, now=SUNDAY_NIGHT)
    assert mailed() == others
    broken = break_glass(by=officer, reference=ticket.reference, reason=REASON, now=SUNDAY_NIGHT)
    assert mailed() == {hana.email}
    end_glass(broken, by=officer, now=SUNDAY_NIGHT)

    Membership.objects.all().delete()
    BreakGlass.objects.update(ends_at=SUNDAY_NIGHT)
    again = Person.objects.get(pk=officer.pk)
    break_glass(by=again, reference=ticket.reference, reason=REASON, now=SUNDAY_NIGHT)
    assert mailed() == others


def test_nobody_opens_what_nobody_else_would_be_told_of(ticket):
    admin = a_person(ticket.council, "administrator")
    Person.objects.filter(display_name="Hana").update(email=None)

    with pytest.raises(MoveRefused, match="Nobody else could be told"):
        break_glass(by=admin, reference=ticket.reference, reason=REASON)

    assert (BreakGlass.objects.count(), sees(admin, ticket)) == (0, False)


def test_mail_about_a_sealed_ticket_has_no_title(ticket):
    Message.objects.all().delete()
    say(ticket, by=Person.objects.get(display_name="Hana"), body="Which month?", visibility="public")

    assert told() == [("Ben", f"Update on your request {ticket.reference}")]
    assert "Payslip" not in Message.objects.get().body and "month" not in Message.objects.get().body
