"""A sender that is killed, at whatever moment, loses no message and sends none that looks like another."""

import os
import signal
import subprocess
import sys
from collections import Counter
from contextlib import contextmanager
from datetime import datetime
from queue import Queue

import pytest
from django.db import connection
from django.utils import timezone

from servicedesk.config.environment import BASE_DIR
from servicedesk.notifications.models import Message
from servicedesk.notifications.trying import LEASE
from tests.factories import a_requester, a_ticket
from tests.notifications.smtp_sink import smtp_sink
from tests.notifications.writing import a_message

# Begins a sender of its own for each line, and says its number: the moment, in seconds, that it takes for now.
SENDERS = """
import os, sys
from datetime import UTC, datetime
import django
django.setup()
from servicedesk.notifications.sending import send_waiting
for line in sys.stdin:
    sender = os.fork()
    if not sender:
        send_waiting(lambda: datetime.fromtimestamp(float(line), UTC))
        os._exit(0)
    print(sender, flush=True)
    print(os.waitpid(sender, 0)[1], flush=True)
"""
KILLS, MESSAGES = 20, 50
STEPS = ("mail", "rcpt", "data", "body", "taken")
IN_THE_WINDOW = ("body", "taken")
"""The server has the whole message and the sender has not yet marked it: here, and only here, it goes again."""


@contextmanager
def senders(port: int):
    """Real processes on the database of the test, which send to the port."""
    held = connection.settings_dict
    address = f"sqlite:///{held['NAME']}"
    if connection.vendor == "postgresql":
        who = f"{held['USER']}:{held['PASSWORD']}"
        where = (
            f"{held['HOST']}:{held['PORT']}" if held["PORT"] else f"/{held['HOST']}"
        )  # a folder of sockets
        address = f"postgres://{who}@{where}/{held['NAME']}"
    own = {"DATABASE_URL": address, "EMAIL_URL": f"smtp://127.0.0.1:{port}"}
    process = subprocess.Popen(  # noqa: S603
        [sys.executable, "-c", SENDERS],
        cwd=BASE_DIR,
        env={**os.environ, **own, "DJANGO_SETTINGS_MODULE": "servicedesk.config.settings"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        yield process
        process.stdin.close()


class Killer:
    """Kills the sender when it comes to a step for the nth time."""

    def __init__(self, step: str, nth: int) -> None:
        self.step, self.left = step, nth
        self.sender: Queue[int] = Queue()

    def __call__(self, step: str) -> None:
        self.left -= step == self.step
        if step == self.step and self.left == 0:
            os.kill(self.sender.get(), signal.SIGKILL)


def send(process, moment: datetime, sender: Queue[int]) -> int:
    """Have a sender begin and end; returns what it died of."""
    process.stdin.write(f"{moment.timestamp()}\n")
    process.stdin.flush()
    sender.put(int(process.stdout.readline()))
    return int(process.stdout.readline())


@pytest.mark.django_db(transaction=True)
def test_killed_senders_lose_nothing_and_repeat_only_what_they_died_upon():
    ben, begun = a_requester(), timezone.now()
    ticket = a_ticket(ben)
    written = [a_message(ben, ticket, begun).message_id for _ in range(MESSAGES)]

    with smtp_sink() as sink, senders(sink.port) as process:
        for number in range(KILLS):
            killer = sink.at_step = Killer(STEPS[number % len(STEPS)], number // len(STEPS) + 1)
            assert send(process, begun + number * LEASE, killer.sender) == signal.SIGKILL
        sink.at_step = lambda step: None
        assert send(process, begun + KILLS * LEASE, Queue()) == 0

    repeated = Counter(sink.ids) - Counter(written)
    assert set(sink.ids) == set(written)
    assert sorted(repeated.values()) == [1] * (KILLS // len(STEPS) * len(IN_THE_WINDOW))
    assert set(Message.objects.values_list("state", flat=True)) == {"sent"}
