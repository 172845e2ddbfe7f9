"""What a council owns or holds: one row to a thing."""

from django.db import models
from django.db.models import F, Q

from assets.register.lifecycle import AssetState
from assets.register.models.catalogue import AssetModel, Category, Manufacturer, holds_no_data
from assets.register.models.suppliers import Supplier
from assets.register.querysets import AssetQuerySet
from servicedesk.people.models import Council, Department, Person, Site
from servicedesk.people.roles import Permission


class Ownership(models.TextChoices):
    """Whose it is."""

    OWNED = "owned", "Owned"
    LEASED = "leased", "Leased"
    MANAGED = "managed", "Managed by a supplier"
    BYOD = "byod", "A person's own"


class Condition(models.TextChoices):
    """How it looks."""

    A = "A", "A: as new"
    B = "B", "B: good"
    C = "C", "C: worn"
    D = "D", "D: damaged"


class Precision(models.TextChoices):
    """How exactly a date is known."""

    DAY = "day", "Day"
    MONTH = "month", "Month"
    YEAR = "year", "Year"
    FINANCIAL_YEAR = "financial_year", "Financial year"


class Upgradeable(models.TextChoices):
    """Whether it can take the next operating system."""

    YES = "yes", "Yes"
    NO = "no", "No"
    UNKNOWN = "unknown", "Not known"


class NetworkRole(models.TextChoices):
    """What a piece of network equipment does for the others."""

    CORE = "core", "Core"
    DISTRIBUTION = "distribution", "Distribution"
    ACCESS = "access", "Access"
    EDGE = "edge", "Edge"
    WIRELESS = "wireless", "Wireless"
    SECURITY = "security", "Security"
    OUT_OF_BAND = "out_of_band", "Out-of-band management"


def _text(length: int, name: str | None = None) -> models.CharField:
    return models.CharField(name, max_length=length, blank=True)


def _date(name: str | None = None) -> models.DateField:
    return models.DateField(name, null=True, blank=True)


class Asset(models.Model):
    """One thing that a council owns or holds. Changed by `register.registering` and by imports alone.

    The tag is text, unique within the council, and may hold any character; the serial number is upper-case and
    unique for its manufacturer within the council, so that neither council learns of the other's.
    """

    council = models.ForeignKey(Council, on_delete=models.PROTECT, related_name="assets", db_index=False)
    asset_tag = _text(60)
    serial_number = _text(60)
    category = models.CharField(max_length=20, choices=Category)
    model = models.ForeignKey(
        AssetModel, on_delete=models.PROTECT, null=True, blank=True, related_name="assets"
    )
    manufacturer = models.ForeignKey(
        Manufacturer, on_delete=models.PROTECT, null=True, blank=True, related_name="assets"
    )
    ownership = models.CharField(max_length=10, choices=Ownership, default=Ownership.OWNED)
    managed_by = _text(100)
    state = models.CharField(max_length=20, choices=AssetState, default=AssetState.IN_STOCK)
    condition = models.CharField(max_length=1, choices=Condition, blank=True)
    hostname = _text(100)
    ip_address = models.GenericIPAddressField("IP address", null=True, blank=True)
    mac_address = _text(17, "MAC address")
    management_address = models.GenericIPAddressField(null=True, blank=True)
    firmware_version = _text(60)
    network_role = models.CharField(max_length=16, choices=NetworkRole, blank=True)
    rack = _text(40)
    rack_unit = models.PositiveSmallIntegerField(null=True, blank=True)
    stack_name = _text(60, "stack or HA pair")
    stack_member = models.PositiveSmallIntegerField("number in the stack", null=True, blank=True)
    uplink = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="downlinks", db_index=False
    )
    imei = _text(16, "IMEI")
    phone_number = _text(40)
    os_name = _text(60, "operating system")
    os_version = _text(60, "operating system version")
    os_upgradeable = models.CharField(
        "takes the next operating system",
        max_length=8,
        choices=Upgradeable,
        default=Upgradeable.UNKNOWN,
    )
    encrypted = models.BooleanField(null=True, blank=True)
    data_classification = _text(40)
    purchase_date = _date()
    in_service_date = _date()
    date_precision = models.CharField(
        "how exactly the dates are known", max_length=16, choices=Precision, default=Precision.DAY
    )
    purchase_cost_ex_vat = models.DecimalField(
        "purchase cost excluding VAT", max_digits=12, decimal_places=2, null=True, blank=True
    )
    po_number = _text(40, "purchase order number")
    supplier = models.ForeignKey(
        Supplier, on_delete=models.PROTECT, null=True, blank=True, related_name="assets"
    )
    cost_centre = _text(40)
    department = models.ForeignKey(
        Department, on_delete=models.PROTECT, null=True, blank=True, related_name="assets"
    )
    warranty_months = models.PositiveSmallIntegerField("warranty in months", null=True, blank=True)
    warranty_end = _date("end of warranty")
    support_contract_end = _date("end of support contract")
    lease_end = _date("end of lease")
    vendor_end_of_support = _date("end of vendor support")
    holder = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="assets_held", db_index=False
    )
    holder_note = _text(100, "note about the holder")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, null=True, blank=True, related_name="assets")
    room = _text(60)
    last_seen_at = models.DateTimeField("last seen", null=True, blank=True)
    last_audit_at = _date("last audit")
    disposal_date = _date("date of disposal")
    certificate_number = _text(60)
    evidence_missing = models.BooleanField(default=False)
    legal_hold_reason = _text(200)
    legal_hold_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="holds", db_index=False
    )
    legal_hold_since = models.DateTimeField(null=True, blank=True)
    annual_kwh_override = models.DecimalField(
        "energy in kWh a year", max_digits=8, decimal_places=1, null=True, blank=True
    )
    notes = models.TextField(blank=True)
    registered_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    guarded_fields = {
        "purchase_cost_ex_vat": Permission.SEE_ASSET_MONEY,
        "po_number": Permission.SEE_ASSET_MONEY,
        "cost_centre": Permission.SEE_ASSET_MONEY,
    }

    objects = AssetQuerySet.as_manager()

    class Meta:
        ordering = ["asset_tag", "id"]
        indexes = [
            models.Index(fields=["council", "asset_tag", "id"], name="asset_by_tag"),
            models.Index(fields=["asset_tag", "id"], name="asset_by_tag_everywhere"),
            models.Index(fields=["serial_number"], condition=~Q(serial_number=""), name="asset_by_serial"),
            models.Index(fields=["council", "state"], name="asset_by_state"),
            models.Index(fields=["holder"], condition=Q(holder__isnull=False), name="asset_by_holder"),
            models.Index(fields=["uplink"], condition=Q(uplink__isnull=False), name="asset_by_uplink"),
            models.Index(
                fields=["legal_hold_by"], condition=Q(legal_hold_by__isnull=False), name="asset_by_hold"
            ),
            models.Index(
                fields=["council", "stack_name"], condition=~Q(stack_name=""), name="asset_by_stack"
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["council", "asset_tag"], condition=~Q(asset_tag=""), name="asset_tag_once_a_council"
            ),
            models.UniqueConstraint(
                fields=["council", "manufacturer", "serial_number"],
                condition=~Q(serial_number=""),
                name="serial_number_once_a_manufacturer",
            ),
            models.CheckConstraint(
                condition=~Q(asset_tag="") | ~Q(serial_number="") | ~Q(hostname=""),
                name="asset_is_identified",
            ),
            models.CheckConstraint(
                condition=Q(legal_hold_reason="", legal_hold_since=None)
                | ~Q(legal_hold_reason="") & Q(legal_hold_since__isnull=False),
                name="legal_hold_says_why_and_since",
            ),
            models.CheckConstraint(condition=~Q(uplink=F("id")), name="asset_not_its_own_uplink"),
        ]

    def __str__(self) -> str:
        return self.asset_tag or self.serial_number or self.hostname

    @property
    def holds_no_data(self) -> bool:
        """Whether there is nothing in it to wipe."""
        return holds_no_data(self.category, self.model.holds_data if self.model else None)
