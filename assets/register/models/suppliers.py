"""From whom councils buy, and until when they have agreed to. What anything costs is not written here."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper

from assets.register.querysets import RegisterQuerySet, SharedQuerySet
from servicedesk.people.models import Council


class Supplier(models.Model):
    """A firm, shared by all councils, as is whether it can be relied on: its standing and its certificate."""

    class Standing(models.TextChoices):
        ACTIVE = "active", "Active"
        AT_RISK = "at_risk", "At risk"
        ENDED = "ended", "Ended"

    class Certificate(models.TextChoices):
        CYBER_ESSENTIALS = "cyber_essentials", "Cyber Essentials"
        PLUS = "cyber_essentials_plus", "Cyber Essentials Plus"
        ISO27001 = "iso27001", "ISO 27001"
        OTHER = "other", "Another"

    name = models.CharField(max_length=100)
    status = models.CharField(max_length=10, choices=Standing, default=Standing.ACTIVE)
    contact_name = models.CharField("contact", max_length=100, blank=True)
    contact_phone = models.CharField("telephone", max_length=40, blank=True)
    contact_email = models.EmailField("email address", blank=True)
    certificate = models.CharField(max_length=24, choices=Certificate, blank=True)
    certificate_number = models.CharField(max_length=60, blank=True)
    certificate_expiry = models.DateField("expiry of the certificate", null=True, blank=True)
    notes = models.TextField(blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = SharedQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(Upper("name"), name="supplier_name_whatever_case")]

    def __str__(self) -> str:
        return self.name


class Contract(models.Model):
    """What one council has agreed with a supplier, and until when."""

    council = models.ForeignKey(Council, on_delete=models.PROTECT, related_name="contracts")
    supplier = models.ForeignKey(Supplier, on_delete=models.PROTECT, related_name="contracts")
    reference = models.CharField(max_length=60)
    subject = models.CharField("what it is for", max_length=200, blank=True)
    starts_on = models.DateField("start", null=True, blank=True)
    ends_on = models.DateField("end", null=True, blank=True)
    notice_months = models.PositiveSmallIntegerField("notice in months", null=True, blank=True)
    notes = models.TextField(blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = RegisterQuerySet.as_manager()

    class Meta:
        ordering = ["reference"]
        constraints = [
            models.UniqueConstraint("council", Upper("reference"), name="contract_reference_in_council"),
            models.CheckConstraint(
                condition=Q(starts_on=None) | Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                name="contract_span",
            ),
        ]

    def __str__(self) -> str:
        return self.reference
