"""The queue with 100,000 tickets in it, and four people who raise tickets at once."""

import itertools
import threading
import time
from collections.abc import Iterator
from datetime import timedelta

from django.db import Error, connection
from django.db.models import Count, Q
from django.test import Client
from django.utils import timezone

from bench.measuring import Figure, ratio, seconds
from demo import bulk, loading
from servicedesk.lists.keyset import PAGE_SIZE, keyset_page
from servicedesk.people.models import Person
from servicedesk.reports.months import Month, month_before, year_before
from servicedesk.reports.report import JOINT
from servicedesk.reports.service_report import ServiceReport
from servicedesk.tickets.models import Clock, Ticket
from servicedesk.tickets.raising import raise_ticket
from servicedesk.tickets.tasks import keep_deadlines

TICKETS = 100_000
ENGINEER = "engineer@oxfordshire.example"
MANAGER = "queue.manager@oxfordshire.example"
EMPTY_PAGE, QUEUE = "/cookies/", "/queue/?state="
WRITERS, EACH = 4, 100
DUE_A_MINUTE = 20


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
    yield _report()
    yield _minute()
    yield _writers()


def _report() -> Figure:
    """The report of all councils and three months, to a plain count of the same requests by council and priority."""
    manager = Person.objects.get(email=MANAGER)
    first = month_before(timezone.localdate().replace(day=1))
    months = [Month.of(each, timezone.now()) for each in (first, month_before(first), year_before(first))]

    def count() -> None:
        for month in months:
            for rule in (
                Q(resolved_at__gte=month.begins, resolved_at__lt=month.ends),
                Q(resolved_at=None) | Q(resolved_at__gte=month.as_at),
            ):
                counted = Ticket.objects.filter(rule).order_by().values("council", "priority")
                list(counted.annotate(number=Count("pk")))

    return ratio(
        f"The monthly service report of {TICKETS:,} tickets, to a bare count of them",
        10,
        lambda: ServiceReport(manager, first, JOINT).tables,
        count,
    )


def _get(client: Client, address: str) -> None:
    response = client.get(address)
    if response.status_code != 200:
        raise RuntimeError(f"{address} answers {response.status_code}")


def _cursor_of_page(number: int) -> str:
    """The cursor that leads to a page of all tickets, as the page before it gives it."""
    seen = Ticket.objects.visible_to(Person.objects.get(email=ENGINEER)).only("id", "sort_due")
    return keyset_page(seen, ("sort_due", "id"), size=(number - 1) * PAGE_SIZE).next


def _minute() -> Figure:
    """The watch over deadlines that runs each minute, while so many clocks run of which some are due in this one."""
    running = Clock.objects.filter(state=Clock.State.RUNNING)
    tomorrow = timezone.now() + timedelta(days=1)
    count = running.update(due_at=tomorrow, warn_at=tomorrow, breached_at=None, warned_at=None)
    keys, minutes = list(running.order_by("pk").values_list("pk", flat=True)), itertools.count()

    def minute() -> None:
        due = keys[DUE_A_MINUTE * next(minutes) :][:DUE_A_MINUTE]
        Clock.objects.filter(pk__in=due).update(due_at=timezone.now())
        keep_deadlines()

    return ratio(
        f"The minute's watch over {count:,} running clocks, {DUE_A_MINUTE} of them due, to a second",
        1,
        minute,
        lambda: time.sleep(1),
        turns=5,
    )


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
