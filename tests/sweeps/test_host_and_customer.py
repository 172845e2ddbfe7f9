"""The councils as host and customer: the customer's desk learns nothing of the host's rows, whatever it asks."""

import pytest
from django.urls import reverse

from servicedesk.people.models import Agreement
from servicedesk.service_levels.models import ServiceLevel
from servicedesk.tickets.raising import raise_ticket
from tests.factories import a_requester
from tests.sweeps.asking import as_roles, ask, by_turns, everything_said, signed_in
from tests.sweeps.registry import Page, Row, addresses, entries
from tests.sweeps.world import BOTH_SIDES, World, build

pytestmark = pytest.mark.django_db
HOSTED = ["engineer", "queue_manager", "asset_manager", "cyber_officer"]
HOST, CUSTOMER = "OCC", "CDC"
THEIRS = " of the other council"


def build_world() -> World:
    made = build()
    agreement = Agreement.objects.get()
    agreement.kind, agreement.provider = Agreement.Kind.HOST, made.sides[HOST].council
    agreement.save()
    level = ServiceLevel(agreement=agreement, ticket_type="incident", priority="P4", metric="resolution")
    level.target_seconds = 60
    level.save()
    return made


@pytest.mark.parametrize("role", as_roles(HOSTED))
def test_customer_learns_nothing_of_the_host(world, role):
    """But for what the host itself has offered it."""
    client, leaks = signed_in(world.person(CUSTOMER, role)), []
    asked = addresses(world, Page)
    for name, entry in entries(Row).items():
        rows = [world.sides[HOST].rows[kind] for kind in entry.kinds]
        rows = by_turns(name, rows, HOSTED.index(role))
        rows += [world.sides[CUSTOMER].rows[kind] for kind in entry.kinds if kind in BOTH_SIDES]
        asked += [reverse(name, kwargs=entry.given(row)) for row in rows]
    for address in dict.fromkeys(asked):
        response, answer, _ = ask(client, "GET", address)
        said = everything_said(response, answer.body)
        found = world.hidden_marks(CUSTOMER, "requester", said)
        theirs = [kind.removesuffix(THEIRS) for kind in found if kind.endswith(THEIRS)]
        leaks += [(address, kind) for kind in theirs if kind not in BOTH_SIDES]

    assert leaks == []


def test_host_sees_of_the_customer_what_a_joint_desk_would(world):
    client = signed_in(world.person(HOST, "engineer"))
    rows = world.sides[CUSTOMER].rows
    seen = {
        kind: client.get(reverse(f"{page}", kwargs=given(rows[kind]))).status_code
        for kind, page, given in [
            ("shared", "tickets:ticket", lambda row: {"reference": row.reference}),
            ("own_council", "tickets:ticket", lambda row: {"reference": row.reference}),
            ("hr", "tickets:ticket", lambda row: {"reference": row.reference}),
            ("asset", "register:asset", lambda row: {"pk": row.pk}),
        ]
    }

    assert seen == {"shared": 200, "own_council": 404, "hr": 404, "asset": 200}


def test_customer_is_promised_what_the_agreement_says_and_the_host_is_not(world):
    promised = {}
    for code in (HOST, CUSTOMER):
        ben = a_requester(world.sides[code].council)
        ticket = raise_ticket(by=ben, requester=ben, type="incident", title="Down")
        promised[code] = ticket.clocks.get(metric="resolution").target_seconds

    assert promised == {HOST: 171_000, CUSTOMER: 60}
