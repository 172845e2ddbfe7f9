"""How long each release of an operating system or of a device's own software is supported. Reference data alone."""

from datetime import date
from typing import NamedTuple

from django.db import models
from django.db.models import Q

from assets.register.querysets import SharedQuerySet


class Announced(models.TextChoices):
    """How much is known of the end of a support. That its maker has announced none is knowledge too."""

    DATE = "date", "Date known"
    NOT_ANNOUNCED = "not_announced", "Not announced"
    ENDED = "ended", "Ended, date not known"
    UNKNOWN = "unknown", "Not known"


class End(NamedTuple):
    """When a support ends, and how much is known of that. The day is there exactly where `known` is DATE."""

    day: date | None
    known: str


ENDS = ("end_of_active_support", "end_of_security_support", "end_of_extended_support")
"""The kinds of support, in the order in which they end. Each has a column for how much is known of it beside it."""


class OperatingSystemRelease(models.Model):
    """A release that its maker supports for a time, such as Windows 11 24H2 for enterprises. Shared by all councils.

    `product` and `cycle` are the short names by which the source knows it, and never change. Extended support is what
    is paid for beside: it counts for nobody who has not bought it, so that a release is supported until the end of its
    security support.
    """

    class Edition(models.TextChoices):
        ENTERPRISE = "e", "Enterprise and Education"
        PRO = "w", "Home and Pro"
        ENTERPRISE_LONG = "e_lts", "Enterprise, long-term"
        IOT_LONG = "iot_lts", "IoT Enterprise, long-term"

    product = models.CharField(max_length=60)
    cycle = models.CharField(max_length=60)
    name = models.CharField(max_length=200)
    edition = models.CharField(max_length=10, choices=Edition, blank=True)
    released_on = models.DateField("released", null=True, blank=True)
    end_of_active_support = models.DateField(null=True, blank=True)
    end_of_active_support_known = models.CharField(max_length=13, choices=Announced)
    end_of_security_support = models.DateField(null=True, blank=True)
    end_of_security_support_known = models.CharField(max_length=13, choices=Announced)
    end_of_extended_support = models.DateField(null=True, blank=True)
    end_of_extended_support_known = models.CharField(max_length=13, choices=Announced)
    source = models.CharField(max_length=200)
    checked_on = models.DateField("checked")
    version = models.PositiveIntegerField(default=1)

    objects = SharedQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["product", "cycle"], name="operating_system_release_once"),
            *(
                models.CheckConstraint(
                    condition=Q(**{f"{end}__isnull": False, f"{end}_known": "date"})
                    | (Q(**{f"{end}__isnull": True}) & ~Q(**{f"{end}_known": "date"})),
                    name=f"{end}_date_where_known",
                )
                for end in ENDS
            ),
        ]
        indexes = [models.Index(fields=["name", "id"], name="operating_system_by_name")]

    def __str__(self) -> str:
        return self.name

    def end(self, name: str) -> End:
        """What is known of one of ENDS."""
        return End(getattr(self, name), getattr(self, f"{name}_known"))
