"""What a move refuses, with the sentence for the person and nothing written."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from lxml import html

from assets.register.keeping import add_row
from assets.register.models import Contract, Supplier
from servicedesk.history.models import Change, ChangeSet
from servicedesk.tickets.models import Comment, Ticket
from servicedesk.tickets.raising import raise_ticket
from servicedesk.tickets.states import MoveRefused, StaleTicket
from servicedesk.tickets.tasking import add_task, change_task
from servicedesk.tickets.workflow import change, move
from tests.api.calling import as_person
from tests.factories import a_case_group, a_council, a_grant, a_requester, a_service, a_team, a_ticket
from tests.tickets.test_ticket_page import address, get, signed_in
from tests.tickets.world import MONDAY, a_world, restricted

pytestmark = pytest.mark.django_db


def refusal(world, name: str, who: str, **given):
    """What the refusal says; a move that was refused has written nothing."""
    before = everything()
    with pytest.raises((MoveRefused, ValidationError)) as refused:
        move(world.ticket, name, by=world.people[who], now=MONDAY, **given)
    assert everything() == before
    error = refused.value
    return error.message_dict if isinstance(error, ValidationError) else str(error)


def everything():
    return list(Ticket.objects.values()), *(model.objects.count() for model in (Change, ChangeSet, Comment))


@pytest.mark.parametrize(
    ("name", "state", "said"),
    [
        ("assign", "new", {"team": ["Choose a team"]}),
        ("put_back", "assigned", {"note": ["Enter a note for whoever takes this on"]}),
        ("hand_over", "in_progress", {"note": ["Enter a note for whoever takes this on"]}),
        ("ask_customer", "in_progress", {"question": ["Enter the question for the requester"]}),
        ("refer_to_supplier", "in_progress", {"supplier_team": ["Choose a supplier"]}),
        ("book", "in_progress", {"booked_for": ["Enter the date and time"]}),
        (
            "resolve",
            "in_progress",
            {
                "resolution_code": ["Choose how it was resolved"],
                "resolution_note": ["Enter what was done, in words for the requester"],
            },
        ),
        ("cancel", "new", {"reason": ["Enter the reason"]}),
    ],
)
def test_move_without_what_it_needs(name, state, said):
    world = a_world()
    world.stand(state)
    assert refusal(world, name, "queue manager") == said


def test_reject_without_a_reason():
    world = a_world()
    world.stand("waiting_approval")
    assert refusal(world, "reject", "approver") == {"reason": ["Enter the reason"]}


def test_move_with_something_it_does_not_take():
    world = a_world()
    assert refusal(world, "take", "engineer", note="Mine") == {"note": ["This move does not take that."]}


def test_take_of_what_somebody_has():
    world = a_world()
    world.stand("assigned")
    assert refusal(world, "take", "engineer") == (
        f"{world.ticket} is assigned to Dev. Use Hand over to take it on."
    )


def test_hand_over_to_where_it_is():
    world = a_world()
    world.stand("in_progress")
    same = {"team": ["Choose another team or another person."]}
    assert refusal(world, "hand_over", "engineer", note="Yours") == same
    assert refusal(world, "hand_over", "engineer", note="Yours", team=world.team) == same
    assert refusal(world, "hand_over", "engineer", note="Yours", assignee=world.people["assignee"]) == same


def test_giving_to_a_team_that_does_not_serve_the_council():
    world = a_world()
    elsewhere = a_team("Elsewhere", a_council("OCC"))
    said = {"team": ["Choose a team that works for this council."]}
    assert refusal(world, "assign", "engineer", team=elsewhere) == said
    sealed = a_case_group("legal", a_council("CDC"))
    assert refusal(world, "assign", "engineer", team=sealed) == said


def test_giving_to_somebody_who_may_not_work():
    world = a_world()
    said = {"assignee": ["Choose somebody who may work on this."]}
    assert refusal(world, "assign", "engineer", team=world.team, assignee=world.people["stranger"]) == said


def test_restricted_ticket_stays_with_its_case_group():
    world = a_world()
    restricted(world)
    world.stand("in_progress")
    team = {"team": ["Choose a team that works for this council."]}
    assert refusal(world, "hand_over", "case worker", note="Yours", team=world.team) == team
    person = {"assignee": ["Choose somebody who may work on this."]}
    assert (
        refusal(world, "hand_over", "case worker", note="Yours", assignee=world.people["engineer"]) == person
    )
    supplier = {"supplier_team": ["Choose a supplier that works for this council."]}
    assert refusal(world, "refer_to_supplier", "case worker", supplier_team=world.firm) == supplier


def test_referring_to_a_team_that_is_no_supplier():
    world = a_world()
    world.stand("in_progress")
    said = {"supplier_team": ["Choose a supplier that works for this council."]}
    assert refusal(world, "refer_to_supplier", "engineer", supplier_team=world.team) == said


# suppliers that have lapsed


ONLY = "Only a cyber security officer can refer this to it, with a reason. Ask them, or choose another."
EXPIRED = "The ISO 27001 certificate of ACME expired on 22 November 2026."
TODAY = MONDAY.date()


def a_world_with_a_supplier(**fields):
    world = a_world()
    world.stand("in_progress")
    return world, add_row(Supplier(name="ACME", **fields), by=None)


def a_contract(supplier, council, ends_on) -> Contract:
    return add_row(
        Contract(supplier=supplier, council=council, reference=f"C{ends_on}", ends_on=ends_on), by=None
    )


def expired(days: int = 1) -> dict:
    return {"certificate": "iso27001", "certificate_expiry": TODAY - timedelta(days=days)}


@pytest.mark.parametrize("fields", [expired(), {"status": "ended"}])
def test_supplier_that_has_lapsed_is_given_no_work_and_who_can_is_said_but_not_why(fields):
    world, _ = a_world_with_a_supplier(**fields)
    refused = refusal(world, "refer_to_supplier", "engineer", supplier_team=world.firm)
    assert refused == {"supplier_team": [f"Acme has lapsed. {ONLY}"]}
    own_reason = {"supplier_team": world.firm, "override": "I need them"}
    assert refusal(world, "refer_to_supplier", "engineer", **own_reason) == refused


def test_contract_of_the_requests_own_council_is_what_counts():
    world, supplier = a_world_with_a_supplier()
    yesterday = TODAY - timedelta(days=1)
    a_contract(supplier, a_council("OCC"), yesterday)
    given = {"by": world.people["engineer"], "now": MONDAY, "supplier_team": world.firm}
    assert move(world.ticket, "refer_to_supplier", **given).state == "waiting_supplier"

    world.stand("in_progress")
    council = world.ticket.council
    a_contract(supplier, council, yesterday)
    assert refusal(world, "refer_to_supplier", "engineer", supplier_team=world.firm) == {
        "supplier_team": [f"Acme has lapsed. {ONLY}"]
    }
    a_contract(supplier, council, TODAY)
    assert move(world.ticket, "refer_to_supplier", **given).state == "waiting_supplier"


def test_cyber_security_officer_lets_it_go_for_a_reason_that_history_keeps():
    world, _ = a_world_with_a_supplier(**expired())
    given = {"supplier_team": world.firm, "supplier_note": "The line is down"}
    assert refusal(world, "refer_to_supplier", "cyber officer", **given, override=" ") == {
        "override": [f"{EXPIRED} Enter why it is referred all the same."]
    }

    officer, reason = world.people["cyber officer"], "They renew it this week"
    moved = move(world.ticket, "refer_to_supplier", by=officer, now=MONDAY, **given, override=reason)

    deed = Change.objects.get(move="refer_to_supplier").change_set
    assert (moved.state, moved.supplier_team, deed.by_id, deed.reason) == (
        "waiting_supplier",
        world.firm,
        officer.pk,
        reason,
    )


@pytest.mark.parametrize("fields", [{}, expired(0), {"status": "at_risk"}])
def test_there_is_nothing_to_override_of_a_supplier_that_has_not_lapsed(fields):
    world, _ = a_world_with_a_supplier(**fields)
    given = {"supplier_team": world.firm, "override": "To be sure"}
    empty = {"override": [f"{world.firm} has not lapsed, so leave this empty."]}
    assert refusal(world, "refer_to_supplier", "engineer", **given) == empty
    assert refusal(world, "refer_to_supplier", "cyber officer", **given) == (
        f"{world.firm} has not lapsed, so whoever works on this refers it."
    )


@pytest.mark.parametrize(
    ("name", "state", "given"), [("assign", "new", {}), ("hand_over", "in_progress", {"note": "Yours"})]
)
def test_lapsed_supplier_gets_no_work_as_a_team_either(name, state, given):
    world, _ = a_world_with_a_supplier(**expired())
    world.stand(state)
    a_grant(world.people["cyber officer"], "engineer")
    said = [refusal(world, name, who, team=world.firm, **given) for who in ("engineer", "cyber officer")]
    by_referral = "To give it work all the same, use “Refer to a supplier” and enter why."
    assert said == [{"team": [f"Acme has lapsed. {ONLY}"]}, {"team": [f"{EXPIRED} {by_referral}"]}]


def test_lapsed_supplier_gets_no_task_and_keeps_the_one_it_had():
    world, supplier = a_world_with_a_supplier()
    engineer = world.people["engineer"]
    held = add_task(world.ticket, by=engineer, title="Swap it", team=world.firm, now=MONDAY)
    other = add_task(world.ticket, by=engineer, title="Look at it", team=world.team, now=MONDAY)
    Supplier.objects.filter(pk=supplier.pk).update(status="ended")

    refused = []
    for deed in (
        lambda: add_task(world.ticket, by=engineer, title="Fetch it", team=world.firm, now=MONDAY),
        lambda: change_task(other, by=engineer, version=other.version, team=world.firm, now=MONDAY),
    ):
        with pytest.raises(ValidationError) as error:
            deed()
        refused.append(error.value.message_dict)
    renamed = change_task(
        held, by=engineer, version=held.version, title="Swap both", team=world.firm, now=MONDAY
    )

    assert refused == [{"team": [f"Acme has lapsed. {ONLY}"]}] * 2
    assert (renamed.title, sorted(world.ticket.tasks.values_list("team__name", flat=True))) == (
        "Swap both",
        ["Acme", "Service desk"],
    )


@pytest.mark.parametrize(("status", "team"), [("active", "Acme"), ("ended", "Service desk")])
def test_what_a_service_gives_a_lapsed_supplier_goes_to_the_first_line(status, team):
    world, _ = a_world_with_a_supplier(status=status)
    ben = world.people["requester"]
    tills = a_service("Tills", world.firm)
    asked = raise_ticket(
        by=ben, requester=ben, type="incident", title="No receipt", service=tills, now=MONDAY
    )
    assert asked.team.name == team


def test_reason_is_asked_of_the_officer_alone_on_the_page_and_taken_from_programs():
    world, _ = a_world_with_a_supplier(**expired(10_000))
    asked = {who: 'name="override"' in get(world, who) for who in ("engineer", "cyber officer")}
    assert asked == {"engineer": False, "cyber officer": True}
    path = f"tickets/{world.ticket}/moves/refer_to_supplier/"
    sent = {"supplier_team": world.firm.pk}

    engineers = as_person(world.people["engineer"]).ask("POST", path, sent)
    officers = as_person(world.people["cyber officer"]).ask("POST", path, {**sent, "override": "Urgent"})

    assert (engineers.status_code, list(engineers.json()["errors"])) == (400, ["supplier_team"])
    assert (officers.status_code, officers.json()["state"]) == (200, "waiting_supplier")


def offered(page: str, form: str, field: str) -> list[str]:
    """What there is to choose from in a field of the form that is sent to an address like that."""
    [select] = html.fromstring(page).xpath(f"//form[contains(@action, '{form}')]//select[@name='{field}']")
    return [option.text_content().strip() for option in select.xpath("./option[@value!='']")]


@pytest.mark.parametrize(
    ("fields", "officers", "engineers"),
    [(expired(10_000), ["Acme (lapsed)"], ["Other firm"]), ({}, None, ["Acme", "Other firm"])],
)
def test_referring_is_offered_to_the_officer_where_a_supplier_has_lapsed_and_of_those_alone(
    fields, officers, engineers
):
    world, _ = a_world_with_a_supplier(**fields)
    officer = world.people["cyber officer"]

    moves = as_person(officer).get(f"tickets/{world.ticket}/").json()["moves"]
    assert ("refer_to_supplier" in moves) == bool(officers)
    page = get(world, "cyber officer")
    assert (
        offered(page, "refer_to_supplier", "supplier_team") if "/refer_to_supplier/" in page else None
    ) == officers
    assert offered(get(world, "engineer"), "refer_to_supplier", "supplier_team") == engineers


def test_lapsed_supplier_is_not_offered_as_a_team_but_where_it_has_the_task_already():
    world, supplier = a_world_with_a_supplier()
    engineer = world.people["engineer"]
    held = add_task(world.ticket, by=engineer, title="Swap it", team=world.firm, now=MONDAY)
    Supplier.objects.filter(pk=supplier.pk).update(status="ended")
    client = signed_in(engineer)
    teams = ["Other firm", "Service desk"]

    assert sorted(offered(get(world, "engineer"), "hand_over", "team")) == teams
    pages = [client.get(address(world, "tasks")), client.get(address(world, "tasks", str(held.pk), "change"))]
    listed = [offered(page.content.decode(), "", "team") for page in pages]
    assert [sorted(each) for each in listed] == [teams, ["Acme", *teams]]


def test_booking_in_the_past():
    world = a_world()
    world.stand("in_progress")
    said = {"booked_for": ["The date and time must be in the future."]}
    assert refusal(world, "book", "engineer", booked_for=MONDAY) == said


def test_resolving_with_open_children():
    world = a_world()
    world.stand("in_progress")
    first = a_ticket(world.people["requester"], parent=world.ticket)
    given = world.given("resolve")
    assert refusal(world, "resolve", "engineer", **given) == (
        f"{world.ticket} has 1 open child ({first}). End it first."
    )
    second = a_ticket(world.people["requester"], parent=world.ticket)
    assert refusal(world, "resolve", "engineer", **given) == (
        f"{world.ticket} has 2 open children ({first}, {second}). End them first."
    )


def test_resolving_with_an_open_child_that_the_person_may_not_see():
    world = a_world()
    world.stand("in_progress")
    a_ticket(world.people["requester"], parent=world.ticket, sharing="own_council")
    assert refusal(world, "resolve", "engineer", **world.given("resolve")) == (
        f"{world.ticket} has an open record that you cannot see. End it first."
    )


def test_resolving_with_open_tasks():
    world = a_world()
    world.stand("in_progress")
    asha, given = world.people["engineer"], world.given("resolve")
    add_task(world.ticket, by=asha, title="Order it", team=world.team, now=MONDAY)
    assert refusal(world, "resolve", "engineer", **given) == (
        f"{world.ticket} has 1 open task. End it first."
    )
    a_ticket(world.people["requester"], parent=world.ticket, sharing="own_council")
    assert refusal(world, "resolve", "engineer", **given) == (
        f"{world.ticket} has 1 open task and an open record that you cannot see. End them first."
    )


def test_resolving_a_security_incident_without_its_lessons():
    world = a_world()
    Ticket.objects.update(type="security")
    restricted(world, "cyber")
    world.stand("in_progress")
    given = {**world.given("resolve"), "containment": "Blocked the sender"}
    assert refusal(world, "resolve", "cyber officer", **given) == {
        "recovery": ["Enter how things were put right"],
        "lessons": ["Enter what was learnt"],
    }
    told = {"containment": "Blocked", "recovery": "Reset", "lessons": "Train"}
    resolved = move(world.ticket, "resolve", by=world.people["cyber officer"], **{**given, **told})
    assert (resolved.state, resolved.containment, resolved.recovery, resolved.lessons) == (
        "resolved",
        "Blocked",
        "Reset",
        "Train",
    )


def test_cancelling_once_work_has_begun():
    world = a_world()
    world.stand("in_progress")
    assert refusal(world, "cancel", "requester", reason="It works") == (
        "We have begun to work on this. Reply to tell us that you no longer need it."
    )


def test_duplicate_of_itself_or_of_what_is_hidden():
    world = a_world()
    hidden = a_ticket(a_requester(), sharing="restricted", case_group=a_case_group("legal", a_council("OCC")))
    said = {"duplicate_of": ["Enter the reference of another request that you can see."]}
    assert refusal(world, "cancel", "queue manager", reason="Twice", duplicate_of=world.ticket) == said
    assert refusal(world, "cancel", "queue manager", reason="Twice", duplicate_of=hidden) == said
    other = a_ticket(world.people["requester"])
    cancelled = move(
        world.ticket, "cancel", by=world.people["queue manager"], reason="Twice", duplicate_of=other
    )
    assert (cancelled.state, cancelled.duplicate_of) == ("cancelled", other)


def test_asking_the_requester_to_approve():
    world = a_world()
    said = {"approver": ["Nobody approves their own request."]}
    for who in ("requester", "affected person"):
        given = {"approver": world.people[who], "reason": "Dear"}
        assert refusal(world, "request_approval", "system", **given) == said


def test_move_from_where_the_ticket_no_longer_stands():
    world = a_world()
    world.stand("new", assignee=None)
    move(world.ticket, "take", by=world.people["assignee"], now=MONDAY)
    assert refusal(world, "take", "engineer") == (
        f"{world.ticket} is in progress, so “Take” is not possible. Dev was the last to change it."
    )


def test_requester_is_told_in_their_own_words():
    world = a_world()
    world.stand("closed")
    assert refusal(world, "close", "requester") == f"{world.ticket} has changed. It now says: Finished."


def test_move_over_a_newer_version():
    world = a_world()
    read = world.stand("in_progress").version
    change(world.ticket, by=world.people["engineer"], version=read, title="No sound at all", now=MONDAY)
    with pytest.raises(StaleTicket) as stale:
        move(world.ticket, "put_back", by=world.people["assignee"], version=read, note="x")
    assert str(stale.value) == f"{world.ticket} was changed by Asha while you were looking at it."


def test_change_over_a_newer_version_keeps_the_newer():
    world = a_world()
    change(world.ticket, by=world.people["engineer"], version=1, title="Newer", now=MONDAY)
    with pytest.raises(StaleTicket):
        change(world.ticket, by=world.people["assignee"], version=1, title="Older", now=MONDAY)
    world.ticket.refresh_from_db()
    assert world.ticket.title == "Newer"


def test_change_of_what_is_not_a_fact():
    world = a_world()
    with pytest.raises(ValidationError) as refused:
        change(world.ticket, by=world.people["engineer"], version=1, state="closed", now=MONDAY)
    assert refused.value.message_dict == {"state": ["This cannot be changed here."]}


def test_reopening_within_and_after_five_working_days():
    world = a_world()
    world.stand("resolved", resolved_at=MONDAY)
    until = MONDAY + timedelta(days=7)  # five working days of 8am to 5:30pm, from Monday 9:12 to Monday 9:12
    with pytest.raises(MoveRefused) as refused:
        move(world.ticket, "reopen", by=world.people["requester"], now=until + timedelta(seconds=1))
    assert str(refused.value) == ("This was finished more than 5 working days ago. Ask again about it.")
    reopened = move(world.ticket, "reopen", by=world.people["requester"], message="No", now=until)
    assert (reopened.state, reopened.reopen_count, reopened.resolved_at) == ("in_progress", 1, None)
