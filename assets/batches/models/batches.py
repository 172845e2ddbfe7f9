"""A batch: assets that are replaced together, what that costs each council, and who has approved it."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from assets.batches.models.programmes import Programme
from assets.batches.querysets import BatchQuerySet
from assets.batches.states import BatchState, ItemState, Outcome
from assets.register.models import Asset, Category
from assets.register.models.catalogue import check_financial_year
from assets.register.querysets import RegisterQuerySet
from servicedesk.people.access import councils_of
from servicedesk.people.models import Council, Person, Site
from servicedesk.people.roles import Permission
from servicedesk.tickets.models import Ticket

MONEY = Permission.SEE_ASSET_MONEY


def _money(name: str, **more) -> models.DecimalField:
    return models.DecimalField(
        name, max_digits=12, decimal_places=2, validators=[MinValueValidator(0)], **more
    )


class Batch(models.Model):
    """Assets that are replaced together, chosen by a rule on a day and frozen as its items.

    `council` leads it: whoever plans that council's refresh moves the batch. Each council that takes part reviews its
    own assets and approves its own spending. `rule` says how the assets were chosen: `{"filters": {...}}` of the
    forecast as at `as_at`, `{"tags": [...]}` that were pasted, or `{"view": name, "list": code, "filters": {...}}` as a
    saved view had them then. Changed by `workflow`, `choosing` and `planning`.
    """

    council = models.ForeignKey(Council, on_delete=models.PROTECT, related_name="batches_led")
    reference = models.CharField(max_length=20, unique=True)
    title = models.CharField(max_length=100)
    owner = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="batches_owned")
    programme = models.ForeignKey(
        Programme, on_delete=models.PROTECT, null=True, blank=True, related_name="batches"
    )
    rule = models.JSONField(default=dict, blank=True)
    as_at = models.DateField("chosen as at")
    base_fy = models.CharField(
        "financial year of the prices", max_length=7, validators=[check_financial_year]
    )
    tolerance_percent = models.PositiveSmallIntegerField(
        "tolerance in per cent", default=10, validators=[MaxValueValidator(100)]
    )
    state = models.CharField(max_length=12, choices=BatchState, default=BatchState.DRAFT)
    state_since = models.DateTimeField()
    submitted_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="batches_submitted"
    )
    planned_from = models.DateField("planned from", null=True, blank=True)
    planned_to = models.DateField("planned until", null=True, blank=True)
    begun_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    lessons = models.TextField("lessons learned", blank=True)
    version = models.PositiveIntegerField(default=1)

    guarded_fields = {"rule": Permission.PLAN_REFRESH}

    objects = BatchQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "batches"
        indexes = [models.Index(fields=["state", "id"], name="batch_by_state")]

    def __str__(self) -> str:
        return self.reference

    def hidden_from(self, person) -> set[str]:
        """Its rule may hold tags of every council that takes part, and is told to who reads all their registers."""
        reads = councils_of(person, Permission.SEE_ASSETS)
        return set() if all(part.council_id in reads for part in self.paying.all()) else {"rule"}

    @property
    def is_open(self) -> bool:
        """Whether its assets are kept for it."""
        return self.state not in (BatchState.CLOSED, BatchState.CANCELLED)

    def payer(self, code: str) -> Council | None:
        """The council of this code that pays for a part of it."""
        found = (part.council for part in self.paying.all() if part.council.code == code)
        return next(found, None)


class BatchCouncil(models.Model):
    """A council that pays for its part of a batch: what it has approved, and what it cost when the batch was closed.

    `energy` is frozen with it: what its figures are worked out from, so that closed years never change.
    """

    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="paying")
    council = models.ForeignKey(Council, on_delete=models.PROTECT, related_name="batches_paid")
    approved = _money("amount approved", null=True, blank=True)
    actual = models.DecimalField("actual cost", max_digits=12, decimal_places=2, null=True, blank=True)
    energy = models.JSONField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    # History tells what was saved; from which figures stands here.
    derived_fields = ("energy",)

    guarded_fields = {"approved": MONEY, "actual": MONEY}

    objects = RegisterQuerySet.as_manager()

    class Meta:
        ordering = ["council__code", "id"]
        constraints = [models.UniqueConstraint(fields=["batch", "council"], name="council_pays_once_a_batch")]

    def __str__(self) -> str:
        return f"{self.batch}, {self.council}"


class BatchLine(models.Model):
    """What a batch buys of one category for one council, at frozen prices each.

    `disposal` is what letting go of an old one costs, `residual` what it brings. A price that nobody knows is None
    until somebody enters it. What is ordered and delivered is counted from its `orders`, by `batches.supply`.
    """

    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="lines")
    council = models.ForeignKey(Council, on_delete=models.PROTECT, related_name="batch_lines")
    category = models.CharField(max_length=20, choices=Category)
    spares = models.PositiveIntegerField(default=0)
    purchase = _money("price of one", null=True, blank=True)
    deploy = _money("putting one in place", default=0)
    disposal = _money("disposing of an old one", default=0)
    residual = _money("what an old one brings", default=0)
    version = models.PositiveIntegerField(default=1)

    guarded_fields = dict.fromkeys(("purchase", "deploy", "disposal", "residual"), MONEY)

    objects = RegisterQuerySet.as_manager()

    class Meta:
        ordering = ["council__code", "category", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["batch", "council", "category"], name="batch_line_once_a_category"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.batch}, {self.council}, {self.get_category_display().lower()}"


class BatchApproval(models.Model):
    """The word of one council on what a batch costs it. Written once; the last of a council counts."""

    class Decision(models.TextChoices):
        APPROVED = "approved", "Approved"
        REJECTED = "rejected", "Rejected"

    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="approvals")
    council = models.ForeignKey(Council, on_delete=models.PROTECT, related_name="batch_approvals")
    decision = models.CharField(max_length=8, choices=Decision)
    amount = models.DecimalField("amount approved", max_digits=12, decimal_places=2)
    decision_reference = models.CharField(max_length=60, blank=True)
    reason = models.CharField(max_length=200, blank=True)
    decided_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="batch_approvals")
    decided_at = models.DateTimeField()
    is_current = models.BooleanField(default=True)

    guarded_fields = {"amount": MONEY, "decision_reference": MONEY}

    objects = RegisterQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["batch", "council"],
                condition=Q(is_current=True),
                name="one_word_a_council_and_batch",
            )
        ]

    def __str__(self) -> str:
        return f"{self.batch}, {self.council}: {self.get_decision_display().lower()}"


class BatchItem(models.Model):
    """One asset of a batch on its way from the choice to its last owner. Moved by `items` alone.

    `council` is that of the asset. `locked` keeps the asset, and what replaces it, out of every other batch: from its
    confirmation until it has ended or its batch is cancelled. `attempts` counts the times that its swap was tried.
    `stood_at` is the site of the old one when it was swapped: it goes to a store then, and the new one takes its place.
    Certificates, buyers and consignments stand in the register, by its asset.
    """

    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="items")
    council = models.ForeignKey(Council, on_delete=models.PROTECT, related_name="batch_items")
    asset = models.ForeignKey(Asset, on_delete=models.PROTECT, related_name="batch_items")
    category = models.CharField(max_length=20, choices=Category)
    outcome = models.CharField(max_length=16, choices=Outcome, default=Outcome.REPLACE)
    replacement = models.ForeignKey(
        Asset, on_delete=models.PROTECT, null=True, blank=True, related_name="batch_replacements"
    )
    state = models.CharField(max_length=16, choices=ItemState, default=ItemState.CANDIDATE)
    state_since = models.DateTimeField()
    locked = models.BooleanField("kept for this batch", default=False)
    attempts = models.PositiveSmallIntegerField(default=0)
    scheduled_for = models.DateTimeField(null=True, blank=True)
    swapped_at = models.DateTimeField(null=True, blank=True)
    stood_at = models.ForeignKey(
        Site, on_delete=models.PROTECT, null=True, blank=True, related_name="items_swapped"
    )
    signed_by = models.CharField(max_length=100, blank=True)
    reason = models.CharField(max_length=200, blank=True)
    deferred_until = models.DateField(null=True, blank=True)
    incident = models.ForeignKey(
        Ticket, on_delete=models.PROTECT, null=True, blank=True, related_name="batch_items"
    )
    note = models.CharField(max_length=200, blank=True)
    version = models.PositiveIntegerField(default=1)

    guarded_fields = {"incident": Permission.SEE_CYBER_TICKETS}

    objects = RegisterQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["batch", "state", "id"], name="batch_item_by_state")]
        constraints = [
            models.UniqueConstraint(fields=["batch", "asset"], name="asset_once_a_batch"),
            models.UniqueConstraint(
                fields=["asset"], condition=Q(locked=True), name="one_open_batch_an_asset"
            ),
            models.UniqueConstraint(
                fields=["replacement"], condition=Q(locked=True), name="one_open_batch_a_replacement"
            ),
            models.CheckConstraint(
                condition=~Q(state=ItemState.DEFERRED) | ~Q(reason="") & Q(deferred_until__isnull=False),
                name="deferred_says_why_and_until",
            ),
            models.CheckConstraint(
                condition=~Q(state=ItemState.EXCLUDED) | ~Q(reason=""), name="excluded_says_why"
            ),
            models.CheckConstraint(
                condition=~Q(state=ItemState.LOST) | Q(incident__isnull=False), name="lost_has_its_incident"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.asset} in {self.batch}"
