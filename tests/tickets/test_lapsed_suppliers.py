"""A supplier that has lapsed is given no work, unless a cyber security officer refers it with a reason."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from lxml import html

from assets.register.keeping import add_row
from assets.register.models import Contract, Supplier
from servicedesk.history.models import Change
from servicedesk.tickets.raising import raise_ticket
from servicedesk.tickets.tasking import add_task, change_task
from servicedesk.tickets.workflow import move
from tests.api.calling import as_person
from tests.factories import a_council, a_grant, a_service
from tests.tickets.test_guards import refusal
from tests.tickets.test_ticket_page import address, get, signed_in
from tests.tickets.world import MONDAY, a_world

pytestmark = [pytest.mark.django_db, pytest.mark.once]
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
