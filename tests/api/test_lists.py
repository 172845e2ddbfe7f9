"""Lists: pages by cursor, orders, filters, and as many questions for many rows as for one."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from assets.register.models import Asset
from servicedesk.lists.keyset import PAGE_SIZE
from servicedesk.tickets.models import Ticket
from servicedesk.tickets.raising import raise_ticket
from servicedesk.tickets.replying import say
from tests.api.calling import PROBLEM, as_person, invalid
from tests.factories import (
    LONG_AGO,
    a_council,
    a_model,
    a_person,
    a_requester,
    a_service,
    a_site,
    a_team,
    a_ticket,
    an_asset,
    an_engineer,
)

pytestmark = pytest.mark.django_db

LISTS = [
    "tickets/",
    "assets/",
    "asset-models/",
    "manufacturers/",
    "councils/",
    "sites/",
    "teams/",
    "people/",
    "services/",
    "imports/",
    "exports/",
]


def everybody():
    """Somebody who sees every list."""
    return a_person(a_council("OCC"), "engineer", "asset_manager", name="Eve")


def all_pages(caller, path: str, step: str = "next") -> list[dict]:
    """Every row of a list, page by page."""
    rows, url = [], path
    while url:
        body = caller.get(url).json()
        rows += body["results"]
        assert len(body["results"]) <= PAGE_SIZE
        url = body[step]
    return rows


@pytest.fixture
def many_tickets():
    ben = a_requester(a_council("OCC"))
    return [
        a_ticket(ben, due_at=None if number % 3 else LONG_AGO + timedelta(hours=number % 4))
        for number in range(120)
    ]


@pytest.mark.parametrize("ordering", ["due", "-due", "reported", "-reported"])
def test_pages_of_tickets_part_the_list_in_order(many_tickets, ordering):
    caller = as_person(an_engineer(a_council("OCC")))
    column = {"due": "sort_due", "reported": "reported_at"}[ordering.lstrip("-")]
    falling = "-" if ordering.startswith("-") else ""
    wanted = Ticket.objects.order_by(f"{falling}{column}", f"{falling}id").values_list("reference", flat=True)

    rows = all_pages(caller, f"tickets/?ordering={ordering}")

    assert [row["reference"] for row in rows] == list(wanted)


def test_pages_lead_back_the_way_they_came(many_tickets):
    caller = as_person(an_engineer(a_council("OCC")))
    first = caller.get("tickets/").json()
    second = caller.get(first["next"]).json()
    third = caller.get(second["next"]).json()
    assert (first["previous"], third["next"]) == (None, None)
    assert caller.get(third["previous"]).json()["results"] == second["results"]
    assert caller.get(second["previous"]).json()["results"] == first["results"]


def test_a_new_row_neither_repeats_nor_hides_another(many_tickets):
    caller = as_person(an_engineer(a_council("OCC")))
    first = caller.get("tickets/?ordering=-reported").json()
    a_ticket(many_tickets[0].requester, reported_at=LONG_AGO + timedelta(days=1))

    rest = all_pages(caller, first["next"])

    seen = [row["reference"] for row in first["results"] + rest]
    assert len(seen) == len(set(seen)) == 120


def test_pages_keep_what_narrows_the_list(many_tickets):
    Ticket.objects.filter(pk__in=[ticket.pk for ticket in many_tickets[::2]]).update(priority="P2")
    rows = all_pages(as_person(an_engineer(a_council("OCC"))), "tickets/?priority=P2")
    assert (len(rows), {row["priority"] for row in rows}) == (60, {"P2"})


def test_pages_of_assets_part_the_list():
    for number in range(PAGE_SIZE + 3):
        an_asset(a_council("OCC"), f"T{number % 7}-{number}")
    rows = all_pages(as_person(everybody()), "assets/")
    tags = Asset.objects.order_by("asset_tag", "id").values_list("asset_tag", flat=True)
    assert [row["asset_tag"] for row in rows] == list(tags)


def test_comments_come_in_pages():
    asha, ben = an_engineer(), a_requester()
    ticket = raise_ticket(by=ben, requester=ben, type="incident", title="No sound", now=LONG_AGO)
    for number in range(PAGE_SIZE + 1):
        say(
            ticket,
            by=asha,
            body=f"Word {number}",
            visibility="internal",
            now=LONG_AGO + timedelta(minutes=number),
        )
    rows = all_pages(as_person(asha), f"tickets/{ticket.reference}/comments/")
    assert [row["body"] for row in rows] == [f"Word {number}" for number in range(PAGE_SIZE + 1)]


@pytest.mark.parametrize("path", LISTS)
def test_an_order_that_is_not_offered_is_refused(path):
    caller = as_person(everybody())
    for ordering in (
        "password",
        "--due",
        "due,id",
        "?",
        "-",
        "requester__password",
        "purchase_cost_ex_vat",
        "id",
    ):
        answer = caller.get(f"{path}?ordering={ordering}")
        assert (answer.status_code, list(answer.json()["errors"])) == (400, ["ordering"]), ordering


def test_an_order_that_is_not_offered_says_which_are():
    answer = as_person(an_engineer()).get("tickets/?ordering=priority")
    sentence = "This list has no such order. It has: due, -due, reported, -reported."
    assert answer.json() == invalid(ordering=[sentence])


@pytest.mark.parametrize("path", LISTS)
def test_a_filter_that_the_list_does_not_have_is_refused(path):
    caller = as_person(everybody())
    for name in (
        "password",
        "requester__password__startswith",
        "_connector",
        "__",
        "council__name",
        "fields",
        "\0",
        "é",
    ):
        answer = caller.get(path, {name: "x"})
        assert (answer.status_code, answer["Content-Type"]) == (400, PROBLEM)
        assert list(answer.json()["errors"]) == [name]


def test_a_filter_that_the_list_does_not_have_says_which_it_has():
    answer = as_person(everybody()).get("councils/?name=x")
    assert answer.json() == invalid(name=["This list has no such filter. It has none."])


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "W10",
        "WzBd",
        "bnVsbA",
        "WzAsbnVsbCxudWxsXQ",
        "=",
        "%00",
        "é",
        "WzAsIiIsIiJd",
        "9" * 10_000,
        "[" * 999,
    ],
)
@pytest.mark.parametrize("path", LISTS)
def test_a_cursor_that_was_not_given_out_is_refused(path, cursor):
    answer = as_person(everybody()).get(path, {"cursor": cursor})
    assert (answer.status_code, answer["Content-Type"]) == (400, PROBLEM)


def named_lists() -> dict:
    """Some rows, and which of them each filter finds."""
    county, district = a_council("OCC"), a_council("CDC")
    asha = an_engineer(county)
    team, service = a_team(members=(asha,)), a_service()
    ben, carol = a_requester(county), a_requester(district)
    mine = a_ticket(
        ben, team=team, assignee=asha, service=service, priority="P2", type="request", title="Mine"
    )
    late = a_ticket(carol, breached_at=LONG_AGO, due_at=LONG_AGO, last_comment_by=carol)
    done = a_ticket(ben, state="closed", resolved_at=LONG_AGO, assignee=ben, title="Done")
    found = {
        "council=CDC": [late],
        f"team={team.pk}": [mine],
        f"service={service.pk}": [mine],
        "priority=P2": [mine],
        "type=request": [mine],
        "state=closed": [done],
        "state=open": [mine, late],
        "mine=true": [mine],
        "own=true": [],
        "own=false": [mine, late, done],
        "mine=false": [late, done],
        "my_teams=true": [mine],
        "unassigned=true": [late],
        "breached=true": [late],
        "breached=false": [mine, done],
        "customer_replied=true": [late],
        "state=open&council=OCC": [mine],
        "": [mine, late, done],
    }
    return {"person": asha, "found": found}


def test_tickets_are_narrowed_as_in_the_queue():
    given = named_lists()
    caller = as_person(given["person"])
    found = {query: caller.get(f"tickets/?{query}").json()["results"] for query in given["found"]}
    assert {query: {row["reference"] for row in rows} for query, rows in found.items()} == {
        query: {ticket.reference for ticket in tickets} for query, tickets in given["found"].items()
    }


@pytest.mark.parametrize(
    "query",
    ["state=nix", "council=XXX", "team=999999", "service=x", "priority=9", "mine=perhaps", "q=" + "x" * 201],
)
def test_a_filter_with_an_odd_value_is_refused_by_name(query):
    answer = as_person(an_engineer()).get(f"tickets/?{query}")
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [query.split("=")[0]])


def test_assets_are_found_by_tag_and_serial_number():
    county, district = a_council("OCC"), a_council("CDC")
    ours, theirs = an_asset(county, "A/1", serial_number="S1"), an_asset(district, "A/1", serial_number="S2")
    caller = as_person(everybody())

    found = {
        query: caller.get("assets/", dict([query])).json()["results"]
        for query in [
            ("asset_tag", "A/1"),
            ("serial_number", "s2"),
            ("council", "OCC"),
            ("asset_tag", "A"),
            ("q", "S1"),
        ]
    }

    assert {query: [row["id"] for row in rows] for query, rows in found.items()} == {
        ("asset_tag", "A/1"): [ours.pk, theirs.pk],
        ("serial_number", "s2"): [theirs.pk],
        ("council", "OCC"): [ours.pk],
        ("asset_tag", "A"): [],
        ("q", "S1"): [ours.pk],
    }


def fill(rounds: int) -> dict:
    """So many rows of every list, each with all that it points at; and the lists below one row."""
    for _ in range(rounds):
        council = a_council("OCC")
        site, asha = a_site(council), an_engineer(council)
        team = a_team(members=(asha,))
        service = a_service(team=team)
        ben = a_requester(council, site=site)
        firm = a_team(kind="supplier")
        model = a_model(maker=f"Maker of {asha}")
        ticket = raise_ticket(by=ben, requester=ben, type="incident", title="No sound", service=service)
        Ticket.objects.filter(pk=ticket.pk).update(
            assignee=asha, affected_person=asha, supplier_team=firm, site=site
        )
        asset = an_asset(
            council,
            model=model,
            manufacturer=model.manufacturer,
            holder=ben,
            site=site,
            department=council.departments.create(name=f"Of {asha}"),
            legal_hold_by=asha,
            legal_hold_reason="Inquiry",
            legal_hold_since=LONG_AGO,
        )
    for _ in range(rounds):
        say(ticket, by=asha, body="Hello", visibility="public")
    for row in Ticket.objects.all():
        asset.service_records.create(council=asset.council, ticket=row)
    return {"ticket": ticket.reference, "asset": asset.pk}


BELOW = [
    "tickets/{ticket}/comments/",
    "tickets/{ticket}/deadlines/",
    "assets/{asset}/tickets/",
    "assets/{asset}/history/",
]
ASKED = {
    "tickets/": 7,
    "assets/": 7,
    "asset-models/": 6,
    "manufacturers/": 6,
    "councils/": 5,
    "sites/": 6,
    "teams/": 7,
    "people/": 6,
    "services/": 8,
    "tickets/{ticket}/comments/": 10,
    "tickets/{ticket}/deadlines/": 12,
    "assets/{asset}/tickets/": 8,
    "assets/{asset}/history/": 8,
}


@pytest.mark.parametrize("path", [path for path in (*LISTS, *BELOW) if path not in ("imports/", "exports/")])
def test_a_list_asks_as_much_for_three_rows_as_for_one(path):
    caller, counts, rows = as_person(everybody()), [], []
    for rounds in (1, 2):
        below = fill(rounds)
        with CaptureQueriesContext(connection) as queries:
            body = caller.get(path.format(**below)).json()
        counts.append(len(queries))
        rows.append(len(body["results"]))
    assert counts == [ASKED[path]] * 2
    assert rows[1] > rows[0] or path in ("councils/", *BELOW[1::2])
