"""Loading the demo: everything or nothing, and once."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from demo.appointments import load_appointments
from demo.desk import load_tickets
from demo.energy import load_energy
from demo.estate import load_estate, load_models
from demo.figures import load_figures
from demo.leaving import load_leaving
from demo.network import load_network, load_suppliers
from demo.news import load_announcements
from demo.orders import load_orders
from demo.organisation import load_organisation
from demo.plans import load_plans
from demo.refreshing import load_batches
from servicedesk.history.recording import change_set
from servicedesk.people.models import Council
from servicedesk.tickets.news import unheard

BEGINNING = timedelta(days=400)
"""How long ago the councils began to use the product: a financial year has ended since, whichever day it is."""


@transaction.atomic
def load(now: datetime | None = None) -> bool:
    """Fill an empty database with the demo as it stands at `now`. Leaves alone, and says False, where a council is."""
    now = now or timezone.now()
    if Council.objects.exists():
        return False
    with change_set(by=None, reason="The demo begins", now=now - BEGINNING) as deed:
        load_organisation(deed)
        models = load_models(deed)
        load_suppliers(deed)
    load_estate(models, deed.at, now)
    load_network(now)
    load_plans(now)
    load_energy(now)
    load_orders(now)
    load_batches(now)
    load_appointments(now)
    load_leaving(now)
    with unheard():
        load_tickets(now)
    load_announcements(now)
    load_figures(now)
    return True
