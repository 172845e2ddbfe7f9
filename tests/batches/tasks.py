"""Deeds on a batch, for a process that is killed in them."""

from datetime import datetime

from assets.batches.items import move_items
from assets.batches.models import Batch
from assets.batches.surveying import follow_up
from assets.batches.undoing import last_deed, take_back
from servicedesk.jobs.models import Job
from servicedesk.people.models import Person
from tests.batches.waves import LATER


def bring_back(job: Job, batch: int, person: int) -> None:
    """All that was swapped has come back."""
    items = Batch.objects.get(pk=batch).items.filter(state="swapped")
    move_items(items, "return", by=Person.objects.get(pk=person), given={"condition": "B"}, now=LATER)


def take_it_back(job: Job, batch: int, person: int) -> None:
    """What was done last is undone."""
    row, by = Batch.objects.get(pk=batch), Person.objects.get(pk=person)
    if deed := last_deed(by, row):
        take_back(deed, row, by=by, now=LATER)


def ask_of_swaps(job: Job, at: str) -> None:
    """Whoever got something new is sent what to look at, or asked how it went."""
    follow_up(datetime.fromisoformat(at))
