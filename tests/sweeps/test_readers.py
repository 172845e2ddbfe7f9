"""Whatever address lets somebody see a sealed ticket writes down that they did."""

import pytest
from django.db import connection
from django.urls import reverse

from servicedesk.tickets.models import Sighting, Ticket
from tests.sweeps.asking import ask, signed_in
from tests.sweeps.registry import Row, entries

pytestmark = pytest.mark.django_db
ANSWERED_NOTHING = {404, 405}


def forget() -> None:
    """So that each address is asked as if nobody had read for an hour; no code of ours could do this."""
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {Sighting._meta.db_table}")  # noqa: S608


def test_every_address_of_a_sealed_ticket_writes_down_who_read_it(world):
    side = world.sides["OCC"]
    unseen, asked = [], set()
    for name, entry in entries(Row).items():
        row = side.rows["hr"]
        if "hr" not in entry.kinds or not isinstance(row, Ticket):
            continue
        person = side.people["someone" if entry.own_only else "case worker"]
        for method in ("GET", "POST"):
            forget()
            _, answer, _ = ask(signed_in(person), method, reverse(name, kwargs=entry.given(row)))
            if answer.status in ANSWERED_NOTHING:
                continue
            asked.add(name)
            if not Sighting.objects.filter(person=person, ticket=row).exists():
                unseen.append((name, method, answer.status))

    assert unseen == []
    assert {"tickets:ticket", "portal:request", "api:ticket-detail", "api:ticket-comments"} <= asked
