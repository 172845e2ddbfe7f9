"""Who has had an asset, and the loans by which one council's people have what the other owns."""

from django.db import models
from django.db.models import F, Q

from assets.register.models.asset import Asset, Condition
from assets.register.querysets import OfRegisterQuerySet, TwoSidedQuerySet
from servicedesk.people.models import Council, Person, Site


class Loan(models.Model):
    """An asset of one council, lent to a person of another: asked for by the owner's side, agreed by the other's.

    `council` owns the asset, `receiver` is the council of the person. Changed by `register.lending` alone.
    """

    class State(models.TextChoices):
        OFFERED = "offered", "Waiting for the other council"
        AGREED = "agreed", "Agreed"
        REFUSED = "refused", "Refused"
        ENDED = "ended", "Ended"

    council = models.ForeignKey(Council, on_delete=models.PROTECT, related_name="loans_out")
    receiver = models.ForeignKey(Council, on_delete=models.PROTECT, related_name="loans_in")
    asset = models.ForeignKey(Asset, on_delete=models.PROTECT, related_name="loans")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="loans")
    starts_on = models.DateField("from")
    ends_on = models.DateField("until")
    reason = models.CharField(max_length=200)
    state = models.CharField(max_length=10, choices=State, default=State.OFFERED)
    offered_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="loans_offered")
    offered_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="loans_decided"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    decision_note = models.CharField(max_length=200, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = TwoSidedQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")), name="loan_ends_after_it_starts"
            ),
            models.CheckConstraint(condition=~Q(council=F("receiver")), name="loan_to_another_council"),
            models.UniqueConstraint(
                fields=["asset"], condition=Q(state__in=("offered", "agreed")), name="one_loan_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return f"Loan of {self.asset} to {self.person}"


class Custody(models.Model):
    """Somebody, a room or a pool has had an asset from one moment to another. Written by `register.custody` alone.

    The one that has not ended says the same as the asset's own columns. `council` is whose the asset was then.
    """

    class Kind(models.TextChoices):
        PERSON = "person", "Person"
        ROOM = "room", "Room"
        POOL = "pool", "Pool or other holder"

    council = models.ForeignKey(Council, on_delete=models.PROTECT, related_name="custodies")
    asset = models.ForeignKey(Asset, on_delete=models.PROTECT, related_name="custodies")
    kind = models.CharField(max_length=6, choices=Kind)
    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="custodies", db_index=False
    )
    site = models.ForeignKey(Site, on_delete=models.PROTECT, null=True, blank=True, related_name="custodies")
    room = models.CharField(max_length=60, blank=True)
    pool = models.CharField(max_length=100, blank=True)
    loan = models.ForeignKey(
        Loan, on_delete=models.PROTECT, null=True, blank=True, related_name="custodies", db_index=False
    )
    begun_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    condition_at_start = models.CharField(max_length=1, choices=Condition, blank=True)
    condition_at_end = models.CharField(max_length=1, choices=Condition, blank=True)
    signed_by = models.ForeignKey(
        Person,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="custodies_signed",
        db_index=False,
    )
    signed_at = models.DateTimeField(null=True, blank=True)
    note = models.CharField(max_length=200, blank=True)
    end_note = models.CharField(max_length=200, blank=True)

    objects = OfRegisterQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "custodies"
        indexes = [
            models.Index(fields=["person"], condition=Q(person__isnull=False), name="custody_by_person"),
            models.Index(fields=["loan"], condition=Q(loan__isnull=False), name="custody_by_loan"),
            models.Index(
                fields=["signed_by"], condition=Q(signed_by__isnull=False), name="custody_by_signature"
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["asset"], condition=Q(ended_at=None), name="one_custody_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(kind="person", person__isnull=False) | Q(kind__in=("room", "pool"), person=None),
                name="custody_of_a_person_names_them",
            ),
        ]

    def __str__(self) -> str:
        return self.whose

    @property
    def whose(self) -> str:
        """Jo Okoro; Room 2.14, County Hall; Loan pool"""
        match self.kind:
            case self.Kind.PERSON:
                return str(self.person)
            case self.Kind.ROOM:
                return f"{self.room}, {self.site}" if self.site else self.room
        return self.pool
