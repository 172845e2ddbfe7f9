"""Which tickets are about which asset."""

from django.db import models

from assets.register.models.asset import Asset
from servicedesk.people.models import Council
from servicedesk.tickets.models import Ticket


class ServiceRecord(models.Model):
    """A ticket is about an asset: the list of an asset's tickets is its service history.

    `council` is whose the asset was as that was said. It stays so when the asset goes to another council, whose keepers
    do not read what was asked for before.
    """

    council = models.ForeignKey(Council, on_delete=models.PROTECT, related_name="+")
    asset = models.ForeignKey(Asset, on_delete=models.PROTECT, related_name="service_records")
    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="service_records")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["asset", "ticket"], name="asset_once_a_ticket")]

    def __str__(self) -> str:
        return f"{self.ticket} about {self.asset}"
