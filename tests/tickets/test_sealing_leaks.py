"""A sealed ticket changes nothing of what those see who may not see it: no row, no count, no word, no extra question.

Whatever each outsider can ask is asked before there is a sealed ticket and after, and must be answered alike.
"""

import re
from collections.abc import Iterable

import pytest

from servicedesk.history.models import Change
from servicedesk.people.models import Person
from servicedesk.tickets.happenings import happenings_to
from servicedesk.tickets.models import Ticket
from servicedesk.tickets.raising import raise_ticket
from servicedesk.tickets.sealing import raise_sensitivity
from servicedesk.tickets.workflow import move
from tests.factories import a_case_group, a_council, a_person, a_requester, a_service, a_team, an_engineer
from tests.sweeps.asking import ask, signed_in

pytestmark = pytest.mark.django_db
OUTSIDERS = [
    ("engineer", "CDC"),
    ("engineer", "OCC"),
    ("queue_manager", "CDC"),
    ("service_owner", "CDC"),
    ("supplier_contact", "CDC"),
    ("administrator", "CDC"),
    ("auditor", "CDC"),
    ("cyber_officer", "OCC"),
]
FIELDS = ("q=payslip", "council=CDC", "state=new", "unassigned=true", "priority=P4")
ORDERS = ("-due", "reported")
ADDRESSES = [
    "/",
    "/queue/",
    "/queue/strip/",
    *(f"/queue/?{field}" for field in FIELDS),
    *(f"/queue/?ordering={order}" for order in ORDERS),
    *(f"/queue/strip/?{field}" for field in ("council=CDC", "my_teams=true")),
    "/search/?q=payslip",
    "/search/?q=ben",
    "/requests/",
    "/assets/",
    "/tickets/break-glass/",
    "/api/v1/tickets/",
    *(f"/api/v1/tickets/?{field}" for field in FIELDS),
    *(f"/api/v1/tickets/?ordering={order}" for order in ORDERS),
    "/api/v1/search/?q=payslip",
    "/api/v1/search/?q=ben",
    "/api/v1/queue/",
    "/api/v1/queue/?council=CDC",
    "/api/v1/people/",
    "/api/v1/services/",
    "/api/v1/break-glass/",
]
FLEETING = [
    re.compile(rb'name="csrfmiddlewaretoken" value="[^"]*"'),
    re.compile(rb'name="token" value="[^"]*"'),
    re.compile(rb"\d+ (?:h|min)(?: \d+ min)?"),
]


class Desk:
    """Cherwell's desk, with a ticket of the same requester that everybody there may see."""

    def __init__(self) -> None:
        cdc = a_council("CDC")
        self.people = {pair: a_person(a_council(pair[1]), pair[0]) for pair in OUTSIDERS}
        self.ben = a_requester(cdc, name="Ben")
        self.hana = a_requester(cdc, name="Hana")
        self.group = a_case_group("hr", cdc, self.hana)
        firm = self.people["supplier_contact", "CDC"]
        a_team("Firm", cdc, kind="supplier", members=(firm,))
        owner = self.people["service_owner", "CDC"]
        self.service = a_service(
            "Payroll system", a_team("Desk", members=tuple(self.people.values())), owner=owner
        )
        self.plain = self.raised(title="Printer")

    def raised(self, **fields) -> Ticket:
        given = {"by": self.ben, "requester": self.ben, "type": "incident", "title": "Payslip of Zaphod"}
        return raise_ticket(**{**given, "service": self.service, **fields})


@pytest.fixture
def desk() -> Desk:
    return Desk()


def all_that_is_told(desk: Desk, outsiders: Iterable[tuple[str, str]] = OUTSIDERS) -> dict:
    """What each outsider is answered, by page or program, and how often the database was asked for it."""
    told = {}
    for pair in outsiders:
        client = signed_in(Person.objects.get(pk=desk.people[pair].pk))
        for address in ADDRESSES:
            for method in ("GET", "HEAD") if address in ("/queue/", "/api/v1/tickets/") else ("GET",):
                _, answer, _ = ask(client, method, address)
                body = answer.body
                for pattern in FLEETING:
                    body = pattern.sub(b"", body)
                headers = [line for line in answer.headers if line[0] not in ("ETag", "Content-Length")]
                told[(*pair, method, address)] = (answer.status, headers, body, answer.queries)
    return told


def differences(before: dict, after: dict) -> list:
    return [asked for asked in before if before[asked] != after[asked]]


@pytest.mark.once
def test_the_comparison_sees_a_ticket_that_is_not_sealed(desk):
    """Two of those who see such a ticket are enough to show that it would be noticed."""
    seers = [("engineer", "CDC"), ("auditor", "CDC")]
    before = all_that_is_told(desk, seers)
    desk.raised()

    after = all_that_is_told(desk, seers)
    assert {asked[0] for asked in differences(before, after)} == {"engineer", "auditor"}


def test_sealed_ticket_that_is_raised_changes_nothing_for_others(desk):
    before = all_that_is_told(desk)
    desk.raised(sensitivity="hr")

    assert differences(before, all_that_is_told(desk)) == []


@pytest.mark.once
def test_ticket_that_is_sealed_later_leaves_nothing_behind(desk):
    before = all_that_is_told(desk)
    ticket = desk.raised()
    dev = an_engineer(a_council("CDC"), name="Dev")
    move(ticket, "take", by=dev)
    raise_sensitivity(ticket, by=dev, sensitivity="hr")
    Person.objects.filter(pk=dev.pk).update(is_active=False)
    after = all_that_is_told(desk)

    lists_of_people = "/api/v1/people/"
    assert [asked for asked in differences(before, after) if asked[3] != lists_of_people] == []


@pytest.mark.once
def test_sealed_and_missing_are_answered_alike_at_every_address_of_a_ticket(desk):
    ticket = desk.raised(sensitivity="hr")
    tails = ("", "who-can-see/", "private/", "opening/", "opening/1/", "alert/", "change/", "comments/")
    for pair, person in desk.people.items():
        client = signed_in(person)
        for begin in ("/tickets/", "/api/v1/tickets/"):
            for tail in tails:
                answers = {
                    tuple(
                        ask(client, method, f"{begin}{reference}/{tail}")[1]
                        for method in ("GET", "HEAD", "POST")
                    )
                    for reference in (ticket.reference, "INC-2026-999999")
                }
                assert len(answers) == 1, (pair, begin, tail)


def test_history_of_another_ticket_does_not_name_a_sealed_one(desk):
    manager = desk.people["queue_manager", "CDC"]
    first = desk.raised(title="The same")
    move(desk.plain, "cancel", by=manager, reason="Twice", duplicate_of=first)
    raise_sensitivity(first, by=desk.ben, sensitivity="hr")

    engineer = Person.objects.get(pk=desk.people["engineer", "CDC"].pk)
    page = signed_in(engineer).get(f"/tickets/{desk.plain}/").content.decode()
    assert (first.reference in page, "Cancelled" in page) == (False, True)
    named = [line for happening in happenings_to(engineer, desk.plain) for line in happening.lines]
    assert [line for line in named if first.reference in line] == []


@pytest.mark.parametrize("column", ["parent", "merged_into", "duplicate_of"])
def test_no_column_that_points_at_a_ticket_tells_history_of_a_sealed_one(desk, column):
    sealed = desk.raised(sensitivity="hr")
    change = Change.objects.filter(kind="tickets.ticket", object_id=desk.plain.pk).first()
    Change.objects.create(
        change_set=change.change_set,
        kind="tickets.ticket",
        object_id=desk.plain.pk,
        label=desk.plain.reference,
        action="update",
        fields={column: [None, sealed.pk, "", sealed.reference]},
    )
    engineer = Person.objects.get(pk=desk.people["engineer", "CDC"].pk)

    assert sealed.reference not in str(happenings_to(engineer, desk.plain))
