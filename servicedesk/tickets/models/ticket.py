"""A Ticket: what somebody needs from the desk, and the words that its fields are chosen from."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce

from servicedesk.catalogue.models import Service
from servicedesk.people.models import Council, Person, Site, Team
from servicedesk.people.roles import Permission
from servicedesk.tickets.querysets import CUSTOMER_REPLIED, TicketQuerySet

FAR_FUTURE = "9999-12-31 00:00:00+00:00"
ENDED = ("closed", "cancelled", "rejected")
"""Where a ticket stays: what is resolved may be opened again."""
DONE = ("resolved", *ENDED)


class TicketType(models.TextChoices):
    """What kind of record it is; staff never see these words."""

    INCIDENT = "incident", "Incident"
    REQUEST = "request", "Service request"
    SECURITY = "security", "Security incident"


class Sharing(models.TextChoices):
    """Who, beside the people it concerns, may see a ticket."""

    SHARED = "shared", "Shared: the joint desk"
    OWN_COUNCIL = "own_council", "Own council: that council's desk"
    RESTRICTED = "restricted", "Restricted: its case group alone"


class Sensitivity(models.TextChoices):
    """What a restricted ticket is about; it decides the case group."""

    NORMAL = "normal", "Nothing private"
    HR = "hr", "A personnel matter"
    SAFEGUARDING = "safeguarding", "Somebody's safety"
    CYBER = "cyber", "A security problem"
    MEMBER = "member", "A councillor's business"
    AUDIT_FRAUD = "audit_fraud", "Audit or fraud"
    LEGAL = "legal", "A legal matter"


class Channel(models.TextChoices):
    """How it reached us."""

    PORTAL = "portal", "Web page"
    EMAIL = "email", "E-mail"
    PHONE = "phone", "Phone"
    WALK_IN = "walk_in", "In person"
    MONITORING = "monitoring", "Monitoring"


class TicketState(models.TextChoices):
    """Where a ticket stands; `states.MOVES` says how it gets from one to another."""

    NEW = "new", "New"
    WAITING_APPROVAL = "waiting_approval", "Waiting for approval"
    ASSIGNED = "assigned", "Assigned"
    IN_PROGRESS = "in_progress", "In progress"
    WAITING_CUSTOMER = "waiting_customer", "Waiting for the customer"
    WAITING_SUPPLIER = "waiting_supplier", "Waiting for a supplier"
    SCHEDULED = "scheduled", "Scheduled"
    RESOLVED = "resolved", "Resolved"
    CLOSED = "closed", "Closed"
    CANCELLED = "cancelled", "Cancelled"
    REJECTED = "rejected", "Not approved"


class ResolutionCode(models.TextChoices):
    """How a ticket was resolved."""

    FIXED = "fixed", "Fixed"
    WORKAROUND = "workaround", "Worked round"
    FULFILLED = "fulfilled", "Delivered"
    ADVICE = "advice", "Advice given"
    NO_FAULT = "no_fault", "No fault found"
    SUPPLIER = "supplier", "Fixed by a supplier"


class Priority(models.TextChoices):
    """From the matrix of impact and urgency, raised by an uplift, or set by hand with a reason."""

    P1 = "P1", "P1 critical"
    P2 = "P2", "P2 high"
    P3 = "P3", "P3 normal"
    P4 = "P4", "P4 low"


class Uplift(models.TextChoices):
    """What raises the priority one step beyond the matrix, never to P1; told apart in reports."""

    NONE = "", "None"
    VIP = "vip", "A councillor, chief officer or statutory officer"
    SAFEGUARDING = "safeguarding", "Somebody's safety is affected"
    ASSISTIVE = "assistive", "Assistive technology of a disabled person"


def _person(name: str, **options) -> models.ForeignKey:
    return models.ForeignKey(Person, on_delete=models.PROTECT, related_name=name, **options)


class Ticket(models.Model):
    """Something that somebody needs from the desk. `council` is whose request it is, and never changes."""

    reference = models.CharField(max_length=20, unique=True)
    type = models.CharField(max_length=10, choices=TicketType)
    council = models.ForeignKey(Council, on_delete=models.PROTECT, related_name="tickets")
    sharing = models.CharField(max_length=12, choices=Sharing, default=Sharing.SHARED)
    sensitivity = models.CharField(max_length=12, choices=Sensitivity, default=Sensitivity.NORMAL)
    case_group = models.ForeignKey(
        Team, on_delete=models.PROTECT, null=True, blank=True, related_name="cases"
    )
    requester = _person("requests")
    affected_person = _person("affected_by", null=True, blank=True)
    channel = models.CharField(max_length=12, choices=Channel, default=Channel.PORTAL)
    title = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    service = models.ForeignKey(
        Service, on_delete=models.PROTECT, null=True, blank=True, related_name="tickets"
    )
    category = models.CharField(max_length=60, blank=True)
    subcategory = models.CharField(max_length=60, blank=True)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, null=True, blank=True, related_name="tickets")
    impact = models.PositiveSmallIntegerField(default=3, choices=[(n, str(n)) for n in (1, 2, 3)])
    urgency = models.PositiveSmallIntegerField(default=3, choices=[(n, str(n)) for n in (1, 2, 3)])
    priority = models.CharField(max_length=2, choices=Priority, default=Priority.P4)
    uplift = models.CharField(max_length=12, choices=Uplift, default=Uplift.NONE, blank=True)
    priority_override = models.CharField(max_length=2, choices=Priority, blank=True)
    priority_reason = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=20, choices=TicketState, default=TicketState.NEW)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, blank=True, related_name="tickets")
    assignee = _person("assigned_tickets", null=True, blank=True)
    approver = _person("tickets_to_approve", null=True, blank=True)
    approval_reason = models.TextField(blank=True)
    approval_cost = models.DecimalField(max_digits=9, decimal_places=2, null=True, blank=True)
    supplier_team = models.ForeignKey(
        Team, on_delete=models.PROTECT, null=True, blank=True, related_name="referred_tickets"
    )
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="children"
    )
    duplicate_of = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="duplicates"
    )
    merged_into = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="merged"
    )
    booked_for = models.DateTimeField(null=True, blank=True)
    booked_by_customer = models.BooleanField(default=False)
    reported_at = models.DateTimeField()
    logged_at = models.DateTimeField()
    first_response_at = models.DateTimeField(null=True, blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    reopen_count = models.PositiveSmallIntegerField(default=0)
    reassign_count = models.PositiveSmallIntegerField(default=0)
    resolution_code = models.CharField(max_length=12, choices=ResolutionCode, blank=True)
    resolution_note = models.TextField(blank=True)
    containment = models.TextField(blank=True)
    recovery = models.TextField(blank=True)
    lessons = models.TextField(blank=True)
    source_ref = models.CharField(max_length=40, blank=True)
    response_due_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    next_update_due_at = models.DateTimeField(null=True, blank=True)
    supplier_due_at = models.DateTimeField(null=True, blank=True)
    breached_at = models.DateTimeField(null=True, blank=True)
    last_comment_at = models.DateTimeField(null=True, blank=True)
    last_comment_by = _person("last_comments", null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    is_open = models.GeneratedField(
        expression=~Q(state__in=DONE),  # type: ignore[arg-type]  # a condition is an expression too
        output_field=models.BooleanField(),
        db_persist=True,
    )
    sort_due = models.GeneratedField(
        expression=Coalesce(F("due_at"), models.Value(FAR_FUTURE, output_field=models.DateTimeField())),
        output_field=models.DateTimeField(),
        db_persist=True,
    )

    derived_fields = (
        "first_response_at",
        "response_due_at",
        "due_at",
        "next_update_due_at",
        "supplier_due_at",
        "breached_at",
        "last_comment_at",
        "last_comment_by",
    )

    # An uplift may tell of somebody's disability, which is their own council's matter, and so is its money.
    guarded_fields = {
        "uplift": Permission.SEE_COUNCIL_TICKETS,
        "approval_cost": Permission.SEE_ASSET_MONEY,
    }

    objects = TicketQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["sort_due", "id"], condition=Q(is_open=True), name="ticket_open_by_due"),
            models.Index(
                fields=["council", "sort_due", "id"], condition=Q(is_open=True), name="ticket_open_council"
            ),
            models.Index(
                fields=["team", "sort_due", "id"], condition=Q(is_open=True), name="ticket_open_team"
            ),
            models.Index(
                fields=["assignee", "sort_due", "id"], condition=Q(is_open=True), name="ticket_open_assignee"
            ),
            models.Index(fields=["sort_due", "id"], name="ticket_by_due"),
            models.Index(fields=["requester", "-id"], name="ticket_by_requester"),
            # Conditions without a value in them, because SQLite does not match one with the value of a query.
            models.Index(
                fields=["sort_due", "id"],
                condition=Q(is_open=True, breached_at__isnull=False),
                name="ticket_open_breached",
            ),
            models.Index(
                fields=["sort_due", "id"],
                condition=Q(is_open=True) & CUSTOMER_REPLIED,
                name="ticket_open_replied",
            ),
            models.Index(
                fields=["resolved_at"],
                condition=Q(closed_at__isnull=True, resolved_at__isnull=False),
                name="ticket_to_close",
            ),
            models.Index(
                fields=["resolved_at"], condition=Q(resolved_at__isnull=False), name="ticket_by_resolved"
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(sharing="restricted", case_group__isnull=False) | ~Q(sharing="restricted"),
                name="restricted_ticket_has_case_group",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["resolved", "closed"]) | Q(resolved_at__isnull=False),
                name="resolved_ticket_says_when",
            ),
            models.CheckConstraint(
                condition=~Q(state="scheduled") | Q(booked_for__isnull=False),
                name="scheduled_ticket_says_when",
            ),
            models.UniqueConstraint(
                fields=["council", "source_ref"],
                condition=~Q(source_ref=""),
                name="source_ref_once_a_council",
            ),
        ]

    def __str__(self) -> str:
        return self.reference
