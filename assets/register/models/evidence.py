"""What a move of an asset leaves behind as evidence. Each row is written once, with the move; decisions are taken once.

`council` is whose the asset was then.
"""

from django.db import models
from django.db.models import F, Q

from assets.register.models.asset import Asset
from assets.register.models.catalogue import AssetModel
from assets.register.models.suppliers import Supplier
from assets.register.querysets import AssetFileQuerySet, OfRegisterQuerySet, SharedQuerySet, TwoSidedQuerySet
from servicedesk.files.models import StoredFile
from servicedesk.people.access import may
from servicedesk.people.models import Council, Person
from servicedesk.people.roles import Permission
from servicedesk.tickets.models import Ticket


class OfAsset(models.Model):
    """Evidence about one asset: by whom, when it was written down, and for which council."""

    council = models.ForeignKey(Council, on_delete=models.PROTECT, related_name="+")
    asset = models.ForeignKey(Asset, on_delete=models.PROTECT, related_name="%(class)s_records")
    recorded_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField()

    objects = OfRegisterQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering = ["-id"]

    def __str__(self) -> str:
        return str(self.asset)


class CheckList(models.Model):
    """What is done to every asset of a model before it is issued, an item a line."""

    model = models.OneToOneField(AssetModel, on_delete=models.PROTECT, related_name="check_list")
    items = models.TextField(blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = SharedQuerySet.as_manager()

    def __str__(self) -> str:
        return f"Check list of {self.model}"

    @property
    def lines(self) -> list[str]:
        """Its items, each once."""
        return list(dict.fromkeys(line.strip() for line in self.items.splitlines() if line.strip()))


class StagingCheck(OfAsset):
    """What was ticked when an asset was staged: the items in the words that the check list had then."""

    items = models.JSONField(default=list)


class Repair(OfAsset):
    """An asset that was sent away, with the reference to ask after it by.

    `supplier_name` is what was typed of a firm as long as that was a text, where none of our suppliers is called so.
    """

    supplier = models.ForeignKey(Supplier, on_delete=models.PROTECT, null=True, related_name="repairs")
    supplier_name = models.CharField(max_length=100, blank=True)
    supplier_reference = models.CharField(max_length=60, blank=True)
    note = models.CharField(max_length=200, blank=True)
    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, null=True, related_name="repairs")

    # Who may not see the ticket learns nothing of it here: its place is the list of requests about the asset.
    derived_fields = ("ticket",)


class Sanitisation(OfAsset):
    """One wiping, whether it succeeded or not: how, by whom, and who looked at the result.

    It is of one `medium` of the asset, or of the asset as a whole.
    """

    class Method(models.TextChoices):
        CLEAR = "clear", "Clear: overwritten or reset"
        PURGE = "purge", "Purge: erased by the device itself or its key"
        DESTROY = "destroy", "Destroy: the storage is destroyed"
        UNKNOWN = "", "Not said"

    class Result(models.TextChoices):
        PASSED = "passed", "Passed"
        FAILED = "failed", "Failed"

    method = models.CharField(max_length=8, choices=Method, blank=True)
    technique = models.CharField(max_length=100, blank=True)
    tool = models.CharField(max_length=100, blank=True)
    tool_version = models.CharField(max_length=40, blank=True)
    done_on = models.DateField()
    verified_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    certificate_number = models.CharField(max_length=60, blank=True)
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, related_name="+")
    result = models.CharField(max_length=6, choices=Result)
    note = models.CharField(max_length=200, blank=True)
    medium = models.ForeignKey(
        "register.Medium", on_delete=models.PROTECT, null=True, blank=True, related_name="wipings"
    )

    class Meta(OfAsset.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(verified_by=None) | ~Q(verified_by=F("recorded_by")),
                name="wiping_verified_by_another",
            ),
            models.CheckConstraint(
                condition=Q(result="failed") | ~Q(certificate_number=""), name="passed_wiping_is_certified"
            ),
        ]


class Disposal(OfAsset):
    """How an asset left the council for good. What it brought is money, seen by who may see that."""

    class Kind(models.TextChoices):
        DISPOSED = "disposed", "Disposed of"
        DONATED = "donated", "Donated"
        SOLD = "sold", "Sold"
        DESTROYED = "destroyed", "Destroyed"

    kind = models.CharField(max_length=10, choices=Kind)
    consignment_reference = models.CharField(max_length=60, blank=True)
    recipient = models.CharField(max_length=100, blank=True)
    buyer = models.CharField(max_length=100, blank=True)
    income = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    certificate_number = models.CharField(max_length=60, blank=True)
    done_on = models.DateField()
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, related_name="+")
    note = models.CharField(max_length=200, blank=True)

    guarded_fields = {"income": Permission.SEE_ASSET_MONEY}


class WriteOff(OfAsset):
    """The question whether a lost asset may be written off: put by one person, answered by another."""

    class Decision(models.TextChoices):
        OPEN = "", "Not decided"
        APPROVED = "approved", "Approved"
        REFUSED = "refused", "Refused"

    reason = models.CharField(max_length=200)
    decision = models.CharField(max_length=8, choices=Decision, blank=True, default="")
    decided_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decision_note = models.CharField(max_length=200, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta(OfAsset.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["asset"], condition=Q(decision=""), name="one_open_write_off_an_asset"
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("recorded_by")),
                name="write_off_decided_by_another",
            ),
        ]


class AssetFile(OfAsset):
    """A file that belongs to an asset. What it cost stands in an invoice, so that is money."""

    class Kind(models.TextChoices):
        INVOICE = "invoice", "Invoice"
        PHOTO = "photo", "Photo"
        CERTIFICATE = "certificate", "Certificate"
        OTHER = "other", "Something else"

    kind = models.CharField(max_length=12, choices=Kind)
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="of_assets")
    removed_at = models.DateTimeField(null=True)

    objects = AssetFileQuerySet.as_manager()  # type: ignore[misc]

    def __str__(self) -> str:
        return str(self.file)


class Transfer(models.Model):
    """An asset changes its owner: offered by one council, accepted by the other. Changed by `register.transferring`.

    `council` gives, `receiver` takes. `known` is what the register said of the asset when it went, as history keeps
    values, so that who gave it can still read it.
    """

    class State(models.TextChoices):
        OFFERED = "offered", "Waiting for the other council"
        ACCEPTED = "accepted", "Accepted"
        REFUSED = "refused", "Refused"
        WITHDRAWN = "withdrawn", "Withdrawn"

    council = models.ForeignKey(Council, on_delete=models.PROTECT, related_name="transfers_out")
    receiver = models.ForeignKey(Council, on_delete=models.PROTECT, related_name="transfers_in")
    asset = models.ForeignKey(Asset, on_delete=models.PROTECT, related_name="transfers")
    reason = models.CharField(max_length=200)
    state = models.CharField(max_length=10, choices=State, default=State.OFFERED)
    offered_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    offered_at = models.DateTimeField()
    decided_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    decision_note = models.CharField(max_length=200, blank=True)
    known = models.JSONField(default=dict)
    version = models.PositiveIntegerField(default=1)

    # What it held of money is guarded where it is shown, value by value.
    derived_fields = ("known",)

    objects = TwoSidedQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["asset"], condition=Q(state="offered"), name="one_transfer_at_a_time"
            ),
            models.CheckConstraint(condition=~Q(council=F("receiver")), name="transfer_to_another_council"),
        ]

    def __str__(self) -> str:
        return f"Transfer of {self.asset} to {self.receiver}"

    def asset_named_for(self, person) -> str:
        """What the asset is called: by who took it, for those who read their register; else as when it was given."""
        if not self.known or may(person, Permission.SEE_ASSETS, self.receiver_id):
            return str(self.asset)
        names = (self.known[name][1] for name in ("asset_tag", "serial_number", "hostname"))
        return next(filter(None, names), "")
