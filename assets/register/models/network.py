"""How things hang together, and the circuits and telephone lines that come into the councils' places."""

from datetime import date

from django.db import models
from django.db.models import Case, F, Q, When
from django.db.models.functions import Upper

from assets.register.models.asset import Asset
from assets.register.models.suppliers import Supplier
from assets.register.querysets import LineQuerySet, RegisterQuerySet, RelationQuerySet
from servicedesk.catalogue.models import Service
from servicedesk.people.models import Council, Site

ANALOGUE_END = date(2027, 1, 31)
"""After this day the country's analogue telephone lines, PSTN and ISDN, carry nothing."""
ANALOGUE = ("pstn", "isdn")


class Relation(models.TextChoices):
    """How one thing hangs on another, said from the one that does."""

    UPLINKS_TO = "uplinks_to", "uplinks to"
    CONNECTS_TO = "connects_to", "connects to"
    DEPENDS_ON = "depends_on", "depends on"
    RUNS_ON = "runs_on", "runs on"
    HOSTED_ON = "hosted_on", "is hosted on"
    MEMBER_OF = "member_of", "is a member of"
    PAIRED_WITH = "paired_with", "is paired with"
    BACKED_UP_BY = "backed_up_by", "is backed up by"
    USED_BY = "used_by", "is used by"
    LOCATED_AT = "located_at", "is inside"


INVERSE = {
    Relation.UPLINKS_TO: "is the uplink of",
    Relation.CONNECTS_TO: "is connected from",
    Relation.DEPENDS_ON: "is depended on by",
    Relation.RUNS_ON: "runs",
    Relation.HOSTED_ON: "hosts",
    Relation.MEMBER_OF: "has as a member",
    Relation.PAIRED_WITH: "is paired with",
    Relation.BACKED_UP_BY: "backs up",
    Relation.USED_BY: "uses",
    Relation.LOCATED_AT: "contains",
}
"""The same, said from the other side."""


class CIRelation(models.Model):
    """An asset or a service hangs together with an asset: `source` kind `target`, once, whichever way it is read.

    The uplink to an asset of the same council is a column of the asset, because sheets carry it; that to another
    council's at a place that both share is a relation.
    """

    source = models.ForeignKey(
        Asset, on_delete=models.PROTECT, null=True, blank=True, related_name="relations_out"
    )
    service = models.ForeignKey(
        Service, on_delete=models.PROTECT, null=True, blank=True, related_name="ci_relations"
    )
    kind = models.CharField("how", max_length=16, choices=Relation)
    target = models.ForeignKey(Asset, on_delete=models.PROTECT, related_name="relations_in")

    objects = RelationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(source=None, service__isnull=False) | Q(source__isnull=False, service=None),
                name="relation_of_an_asset_or_a_service",
            ),
            models.CheckConstraint(condition=~Q(source=F("target")), name="relation_not_to_itself"),
            models.UniqueConstraint(
                fields=["source", "kind", "target"],
                condition=Q(source__isnull=False),
                name="relation_of_assets_once",
            ),
            models.UniqueConstraint(
                fields=["service", "kind", "target"],
                condition=Q(service__isnull=False),
                name="relation_of_a_service_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source or self.service} {self.get_kind_display()} {self.target}"


class Status(models.TextChoices):
    """Where a circuit or a line is in its life."""

    PLANNED = "planned", "Planned"
    IN_USE = "in_use", "In use"
    MIGRATING = "migrating", "Being migrated"
    MIGRATED = "migrated", "Migrated"
    CEASED = "ceased", "Ceased"


GONE = ("migrated", "ceased")


class Connection(models.Model):
    """What circuits and telephone lines have alike."""

    provider = models.ForeignKey(
        Supplier, on_delete=models.PROTECT, null=True, blank=True, related_name="%(class)ss"
    )
    product = models.CharField(max_length=100, blank=True)
    use = models.CharField("used for", max_length=200, blank=True)
    critical = models.BooleanField(default=False)
    contract_end = models.DateField("end of contract", null=True, blank=True)
    migrate_by = models.DateField(null=True, blank=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.IN_USE)
    notes = models.TextField(blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        abstract = True


class Circuit(Connection):
    """A data connection into a site, by the number that its provider knows it by."""

    council = models.ForeignKey(Council, on_delete=models.PROTECT, related_name="circuits")
    number = models.CharField("circuit number", max_length=60)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, null=True, blank=True, related_name="circuits")
    asset = models.ForeignKey(Asset, on_delete=models.PROTECT, null=True, blank=True, related_name="circuits")
    mbps_down = models.PositiveIntegerField("Mbps down", null=True, blank=True)
    mbps_up = models.PositiveIntegerField("Mbps up", null=True, blank=True)
    resilient = models.BooleanField(default=False)

    objects = RegisterQuerySet.as_manager()

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint("council", Upper("number"), name="circuit_number_in_council")]

    def __str__(self) -> str:
        return self.number


class Line(Connection):
    """A telephone line, or one that something else uses as one: a lift, an alarm, a till."""

    class Type(models.TextChoices):
        PSTN = "pstn", "Analogue (PSTN)"
        ISDN = "isdn", "ISDN"
        SIP = "sip", "SIP"
        MOBILE = "mobile", "Mobile"
        DATA = "data", "Data"

    council = models.ForeignKey(Council, on_delete=models.PROTECT, related_name="lines")
    number = models.CharField(max_length=40)
    type = models.CharField(max_length=8, choices=Type)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, null=True, blank=True, related_name="lines")

    # 0: critical, and must go; 1: must go; 2: stays. Lists are read in this order.
    rank = models.GeneratedField(
        expression=Case(
            When(Q(type__in=ANALOGUE, critical=True) & ~Q(status__in=GONE), then=0),
            When(Q(type__in=ANALOGUE) & ~Q(status__in=GONE), then=1),
            default=2,
        ),
        output_field=models.PositiveSmallIntegerField(),
        db_persist=True,
    )

    objects = LineQuerySet.as_manager()

    class Meta:
        ordering = ["number"]
        indexes = [models.Index(fields=["rank", "id"], name="line_by_rank")]
        constraints = [models.UniqueConstraint("council", Upper("number"), name="line_number_in_council")]

    def __str__(self) -> str:
        return self.number

    @property
    def must_go(self) -> bool:
        """Whether it is one of the lines that stop working, and is still there."""
        return self.type in ANALOGUE and self.status not in GONE

    @property
    def last_day(self) -> date | None:
        """By when it must have been replaced: as planned, else as the country's analogue lines end."""
        if not self.must_go:
            return self.migrate_by if self.status not in GONE else None
        return min(self.migrate_by or ANALOGUE_END, ANALOGUE_END)

    def days_left(self, today: date) -> int | None:
        """How many days are left for that; below none once it is too late."""
        return (self.last_day - today).days if self.last_day else None
