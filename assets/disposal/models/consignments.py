"""A consignment: what one firm collects of one council at once, and what its facility certifies of it."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from assets.disposal.querysets import ConsignmentQuerySet
from assets.register.models import Asset, Supplier
from servicedesk.files.models import StoredFile
from servicedesk.people.models import Council, Person
from servicedesk.people.roles import Permission


class State(models.TextChoices):
    """How far a consignment is."""

    DRAFT = "draft", "Being made up"
    COLLECTED = "collected", "Collected"
    CERTIFIED = "certified", "Certified"
    CLOSED = "closed", "Closed"
    CANCELLED = "cancelled", "Cancelled"


class Outcome(models.TextChoices):
    """What a facility did with a thing, as its certificate says."""

    DESTROYED = "destroyed", "Destroyed"
    RECYCLED = "recycled", "Recycled"
    RESOLD = "resold", "Resold"
    DONATED = "donated", "Donated"


def _text(name: str, length: int) -> models.CharField:
    return models.CharField(name, max_length=length, blank=True)


class Consignment(models.Model):
    """What leaves together. Changed by `disposal.consigning` and `disposal.closing` alone.

    `items_on_note` is how many things the consignment note names; `income` is what the firm pays for all of it.
    """

    class Dial(models.IntegerChoices):
        LOW = 1, "1: little harm if lost"
        MIDDLE = 2, "2: some harm if lost"
        HIGH = 3, "3: great harm if lost"

    council = models.ForeignKey(Council, on_delete=models.PROTECT, related_name="consignments")
    reference = models.CharField(max_length=20, unique=True)
    supplier = models.ForeignKey(
        Supplier, on_delete=models.PROTECT, related_name="consignments", verbose_name="firm"
    )
    carrier_licence = _text("waste carrier’s licence", 40)
    carrier_licence_expiry = models.DateField("expiry of the licence", null=True, blank=True)
    transfer_note = _text("waste transfer note", 60)
    hazardous_waste_note = _text("hazardous waste consignment note", 60)
    items_on_note = models.PositiveIntegerField("how many items the note names", null=True, blank=True)
    weee_facility = _text("treatment facility", 100)
    collected_on = models.DateField("collected on", null=True, blank=True)
    weight_kg = models.DecimalField(
        "weight in kg",
        max_digits=9,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
    )
    dial_rating = models.PositiveSmallIntegerField(
        "DIAL rating",
        choices=Dial,
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(3)],
    )
    recipient = _text("who receives what is donated", 100)
    income = models.DecimalField(
        "what the firm pays, excluding VAT",
        max_digits=12,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
    )
    notes = models.TextField(blank=True)
    certificate = models.ForeignKey(
        StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()
    closed_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    closed_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    guarded_fields = {"income": Permission.SEE_ASSET_MONEY}

    objects = ConsignmentQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(dial_rating=None) | Q(dial_rating__range=(1, 3)), name="dial_rating_1_to_3"
            ),
            models.CheckConstraint(
                condition=Q(state__in=("draft", "cancelled")) | Q(collected_on__isnull=False),
                name="collected_consignment_says_when",
            ),
        ]

    def __str__(self) -> str:
        return self.reference


class ConsignmentItem(models.Model):
    """A thing that was scanned into a consignment. An asset is in one consignment at a time.

    `outcome` and `certificate_number` are what the facility certified, written when the consignment closes.
    """

    consignment = models.ForeignKey(Consignment, on_delete=models.PROTECT, related_name="items")
    asset = models.ForeignKey(Asset, on_delete=models.PROTECT, related_name="consignment_items")
    added_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    added_at = models.DateTimeField()
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True)
    certificate_number = models.CharField(max_length=60, blank=True)
    is_current = models.BooleanField(default=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["asset"], condition=Q(is_current=True), name="asset_in_one_consignment"
            )
        ]

    def __str__(self) -> str:
        return f"{self.asset} in {self.consignment}"


class CertificateLine(models.Model):
    """One line of what the facility certified, as it was read. Taken in anew, the old lines go."""

    consignment = models.ForeignKey(Consignment, on_delete=models.PROTECT, related_name="lines")
    row = models.PositiveIntegerField()
    name = models.CharField("serial number or tag", max_length=100)
    certificate_number = models.CharField(max_length=60)
    outcome = models.CharField(max_length=10, choices=Outcome)

    class Meta:
        ordering = ["row", "id"]

    def __str__(self) -> str:
        return self.name
