"""What holds data inside an asset, where it is known one by one."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from assets.register.models.custody import Custody
from assets.register.models.evidence import OfAsset, Sanitisation
from assets.register.querysets import OfRegisterQuerySet


class MediumQuerySet(OfRegisterQuerySet):
    """Media, and what is known of their wiping."""

    def listed(self) -> Self:
        """Those that are there: none that was struck out."""
        return self.filter(struck_out="")

    def with_wiping(self) -> Self:
        """`wiped`: a certified wiping passed since somebody last had the asset; `failed`: one was tried and failed.

        What was wiped before somebody was given the asset says nothing of what that person left on it.
        """
        last_had = Custody.objects.filter(asset=OuterRef(OuterRef("asset"))).order_by("-begun_at")
        since = Coalesce(Subquery(last_had.values("begun_at")[:1]), datetime_of_old())
        tried = Sanitisation.objects.filter(medium=OuterRef("pk"), recorded_at__gte=since)
        passed = tried.filter(result=Sanitisation.Result.PASSED).exclude(certificate_number="")
        return self.annotate(
            wiped=Exists(passed), failed=Exists(tried.filter(result=Sanitisation.Result.FAILED))
        )

    def unwiped(self) -> Self:
        """Those of which nothing proves that they hold no data."""
        return self.listed().with_wiping().filter(wiped=False)


def datetime_of_old() -> models.Value:
    """Before anything was wiped: what nobody has ever had was wiped since then."""
    return models.Value(datetime.fromisoformat("1970-01-01T00:00:00+00:00"), models.DateTimeField())


class Medium(OfAsset):
    """One medium of an asset, such as a disk. Changed by `disposal.media` alone.

    An asset of which none is listed is its own only medium. One with a day in `removed_on` has been taken out of the
    asset and is wiped or destroyed by itself. What was listed by mistake is struck out, with the reason.
    """

    class Kind(models.TextChoices):
        HARD_DISK = "hard_disk", "Hard disk"
        SOLID_STATE = "solid_state", "Solid-state drive"
        FLASH = "flash", "Memory card or stick"
        TAPE = "tape", "Tape"
        OTHER = "other", "Something else"

    kind = models.CharField(max_length=12, choices=Kind)
    make = models.CharField(max_length=60, blank=True)
    serial_number = models.CharField(max_length=60, blank=True)
    capacity_gb = models.PositiveIntegerField("capacity in GB", null=True, blank=True)
    removed_on = models.DateField("taken out on", null=True, blank=True)
    struck_out = models.CharField("struck out because", max_length=200, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = MediumQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        ordering = ["id"]
        verbose_name_plural = "media"
        constraints = [
            models.UniqueConstraint(
                F("asset"),
                F("serial_number"),
                condition=~Q(serial_number="") & Q(struck_out=""),
                name="medium_once_an_asset",
            )
        ]

    def __str__(self) -> str:
        named = " ".join(part for part in (self.make, self.serial_number) if part)
        return f"{self.get_kind_display()} {named}".strip()
