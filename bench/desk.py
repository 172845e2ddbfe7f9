"""The queue with 100,000 tickets in it, and four people who raise tickets at once."""

import threading
from collections.abc import Iterator

from django.db import Error, connection
from django.test import Client

from bench.measuring import Figure, ratio, seconds
from demo import bulk, loading
from servicedesk.lists.keyset import PAGE_SIZE, keyset_page
from servicedesk.people.models import Person
from servicedesk.tickets.models import Ticket
from servicedesk.tickets.raising import raise_ticket

TICKETS = 100_000
ENGINEER = "engineer@oxfordshire.example"
EMPTY_PAGE, QUEUE = "/cookies/", "/queue/?state="
WRITERS, EACH = 4, 100


def figures() -> Iterator[Figure]:
    loading.load()
    bulk.grow(TICKETS, say=lambda text: None)
    client = Client()
    client.force_login(Person.objects.get(email=ENGINEER))
    thousandth = f"{QUEUE}&cursor={_cursor_of_page(1000)}"
    yield ratio(
        f"A queue page of 50 out of {TICKETS:,} tickets, to an empty signed-in page",
        3,
        lambda: _get(client, "/queue/"),
        lambda: _get(client, EMPTY_PAGE),
        turns=40,
    )
    yield ratio(
        "Page 1,000 of the queue of all tickets, to its page 1",
        1.5,
        lambda: _get(client, thousandth),
        lambda: _get(client, QUEUE),
        turns=40,
    )
    yield _writers()


def _get(client: Client, address: str) -> None:
    response = client.get(address)
    if response.status_code != 200:
        raise RuntimeError(f"{address} answers {response.status_code}")


def _cursor_of_page(number: int) -> str:
    """The cursor that leads to a page of all tickets, as the page before it gives it."""
    seen = Ticket.objects.visible_to(Person.objects.get(email=ENGINEER)).only("id", "sort_due")
    return keyset_page(seen, ("sort_due", "id"), size=(number - 1) * PAGE_SIZE).next


def _writers() -> Figure:
    """Four who raise tickets at once, each over a connection of their own."""
    errors: list[str] = []
    people = list(Person.objects.filter(grants__role="requester").distinct().order_by("pk")[:WRITERS])
    writers = [threading.Thread(target=_write, args=(person, errors)) for person in people]

    def write() -> None:
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join()

    length = seconds(write)
    pace = f"{WRITERS} writers of {EACH} tickets each: {WRITERS * EACH / length:.0f} tickets a second"
    return Figure("Errors while four people raise tickets at once", str(len(errors)), "0", pace)


def _write(person: Person, errors: list[str]) -> None:
    try:
        for number in range(EACH):
            raise_ticket(by=person, requester=person, type="incident", title=f"Ticket {number}")
    except Error as error:
        errors.append(str(error))
    finally:
        connection.close()
