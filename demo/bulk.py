"""An estate of any size, to measure with: assets and tickets written set by set, with history and search documents.

Left out, for speed: what was said, the clocks of tickets that have ended, and the moves between, so that the history
of each row is the one change by which it came. What is open has its clocks as the workflow would have made them.
"""

from collections.abc import Callable, Iterable
from datetime import datetime

from django.utils import timezone

from assets.register.finding import index_assets
from assets.register.models import Asset
from demo.bulk_assets import AssetMaker
from demo.bulk_clocks import ClockMaker
from demo.bulk_tickets import TicketMaker
from demo.inserting import insert, number_rows
from servicedesk.history.models import Change
from servicedesk.history.recording import Entry, change_set, record_entries
from servicedesk.tickets.finding import index_tickets
from servicedesk.tickets.models import Ticket

CHUNK = 5000
REASON = "An estate to measure with"


def grow(wanted: int, now: datetime | None = None, say: Callable[[str], object] = print) -> None:
    """Add assets and tickets until there are `wanted` of each beside the demo's own; what is there stays."""
    now = now or timezone.now()
    clock_maker = ClockMaker(now)
    assets, tickets = AssetMaker(now), TicketMaker(wanted, now, clock_maker)
    for numbers in _chunks(assets.count(), wanted):
        with change_set(by=None, reason=REASON, now=now) as deed:
            made = [assets.make(number) for number in numbers]
            number_rows(made)
            insert(made)
            record_entries(deed, Asset, _entries(made))
            index_assets(made)
        say(f"{numbers.stop} assets")
    for numbers in _chunks(tickets.count(), wanted):
        with change_set(by=None, reason=REASON, now=now) as deed:
            raised = tickets.make(numbers)
            number_rows(raised)
            clocks, events = clock_maker.make(raised)
            insert(raised)
            insert(clocks)
            number_rows(events)
            insert(events)
            record_entries(deed, Ticket, _entries(raised))
            index_tickets(raised)
        say(f"{numbers.stop} tickets")


def _chunks(there: int, wanted: int) -> list[range]:
    return [range(start, min(start + CHUNK, wanted)) for start in range(there, wanted, CHUNK)]


def _entries(rows: Iterable[Asset | Ticket]) -> list[Entry]:
    """That each row came, and in which state."""
    return [
        Entry(
            row.pk,
            str(row),
            row.council_id,
            Change.Action.CREATE,
            {"state": [None, row.state, "", row.get_state_display()]},
        )
        for row in rows
    ]
