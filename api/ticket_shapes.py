"""How tickets look from outside, and what may be sent about them."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from api.rows import Named, Shown, code
from servicedesk.catalogue.models import Service
from servicedesk.people.access import may
from servicedesk.people.duty import last_day_away
from servicedesk.people.models import Person, Site, Team
from servicedesk.people.roles import Permission
from servicedesk.service_levels.promises import Hours
from servicedesk.tickets.approvals import may_know_cost, may_know_why
from servicedesk.tickets.deadlines import agreement_of, cause_of_breach
from servicedesk.tickets.explaining import explain_clock
from servicedesk.tickets.joined import root_of
from servicedesk.tickets.models import (
    Channel,
    Clock,
    Priority,
    ResolutionCode,
    Sensitivity,
    Ticket,
    TicketType,
    Uplift,
)
from servicedesk.tickets.priorities import priority_of
from servicedesk.tickets.prioritising import shown_uplift
from servicedesk.tickets.rights import (
    is_its_supplier,
    may_read_notes,
    moves_open_to,
    reads_as_its_requester,
)
from servicedesk.tickets.workflow import EDITABLE

LONGEST_TEXT = 20_000
SEEN = "The `id` of the newest comment that you know of, 0 for none: what others said since is then told by a 409."
SCALE = list(Ticket._meta.get_field("impact").choices or ())


class TicketSerializer(Shown):
    """A ticket as lists show it. What changes it is named moves; its state is never written to.

    Whoever asked for it is told what the page of their request says: whom it is with and how bad the desk finds it is
    left out.
    """

    withheld = (
        *("category", "subcategory", "impact", "urgency", "priority", "priority_override", "uplift"),
        "matrix_priority",
        *("team", "assignee", "assignee_away_until", "supplier_team", "supplier_due_at"),
        *("reopen_count", "resolution_code"),
    )
    council = code()
    requester = Named()
    affected_person = Named()
    service = Named()
    site = Named()
    team = Named()
    assignee = Named()
    supplier_team = Named()

    class Meta:
        model = Ticket
        fields: tuple[str, ...] = (
            "reference",
            "type",
            "council",
            "sharing",
            "sensitivity",
            "requester",
            "affected_person",
            "channel",
            "title",
            "service",
            "category",
            "subcategory",
            "site",
            "impact",
            "urgency",
            "priority",
            "priority_override",
            "state",
            "team",
            "assignee",
            "supplier_team",
            "booked_for",
            "reported_at",
            "logged_at",
            "first_response_at",
            "response_due_at",
            "due_at",
            "next_update_due_at",
            "supplier_due_at",
            "breached_at",
            "resolved_at",
            "closed_at",
            "reopen_count",
            "resolution_code",
            "version",
        )

    def to_representation(self, instance: Ticket) -> dict[str, Any]:
        shown = super().to_representation(instance)
        if not reads_as_its_requester(self.context["person"], instance):
            return shown
        return {name: value for name, value in shown.items() if name not in self.withheld}


class TicketDetailSerializer(TicketSerializer):
    """A ticket whole, with the moves that the person could make."""

    moves = serializers.SerializerMethodField()
    uplift = serializers.SerializerMethodField()
    matrix_priority = serializers.SerializerMethodField()
    approver = Named()
    assignee_away_until = serializers.SerializerMethodField()
    priority_reason = serializers.SerializerMethodField()  # type: ignore[assignment]
    approval_reason = serializers.SerializerMethodField()  # type: ignore[assignment]
    approval_cost = serializers.SerializerMethodField()
    parent = serializers.SerializerMethodField()  # type: ignore[assignment]
    merged_into = serializers.SerializerMethodField()

    class Meta(TicketSerializer.Meta):
        fields = (
            *TicketSerializer.Meta.fields,
            "uplift",
            "matrix_priority",
            "priority_reason",
            "description",
            "resolution_note",
            "assignee_away_until",
            "approver",
            "approval_reason",
            "approval_cost",
            "parent",
            "merged_into",
            "moves",
        )

    @extend_schema_field(serializers.ChoiceField(Uplift.choices))
    def get_uplift(self, ticket: Ticket) -> str:
        """What raised the priority, as far as the person may know."""
        return shown_uplift(self.context["person"], ticket)

    @extend_schema_field(serializers.ChoiceField(Priority.choices))
    def get_matrix_priority(self, ticket: Ticket) -> str:
        """What impact and urgency alone give."""
        return priority_of(ticket.impact, ticket.urgency)

    @extend_schema_field(serializers.DateField(allow_null=True))
    def get_assignee_away_until(self, ticket: Ticket) -> date | None:
        """The last day on which who has it is away, where they are away today."""
        return last_day_away(ticket.assignee)

    def get_priority_reason(self, ticket: Ticket) -> str:
        """Why the priority was set by hand, to who reads what the desk says among itself."""
        return ticket.priority_reason if may_read_notes(self.context["person"], ticket) else ""

    def get_approval_reason(self, ticket: Ticket) -> str:
        """Why approval was asked, as far as the person may know."""
        return ticket.approval_reason if may_know_why(self.context["person"], ticket) else ""

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_approval_cost(self, ticket: Ticket) -> str | None:
        """In pounds, as far as the person may know."""
        known = ticket.approval_cost is not None and may_know_cost(self.context["person"], ticket)
        return str(ticket.approval_cost) if known else None

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_parent(self, ticket: Ticket) -> str | None:
        """What it is part of, where the person may see that."""
        return self._named(ticket.parent_id)

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_merged_into(self, ticket: Ticket) -> str | None:
        """What it goes on as, where the person may see that."""
        return self._named(root_of(ticket).pk) if ticket.merged_into_id else None

    def get_moves(self, ticket: Ticket) -> list[str]:
        return moves_open_to(self.context["person"], ticket)

    def _named(self, key: int | None) -> str | None:
        if key is None:
            return None
        seen = Ticket.objects.visible_to(self.context["person"]).filter(pk=key)
        return seen.values_list("reference", flat=True).first()


class Narrowed(serializers.Serializer):
    """What points at another row may point at those alone that the person may see: `offered` gives them by field."""

    offered: Mapping[str, Callable[[Any], QuerySet]] = {}

    def get_fields(self) -> dict[str, Any]:
        fields: dict[str, Any] = super().get_fields()
        if "person" in self.context:
            for name, offered in self.offered.items():
                relation = getattr(fields[name], "child_relation", fields[name])
                relation.queryset = offered(self.context["person"])
        return fields


def one_of(model: Any, **options: Any) -> serializers.PrimaryKeyRelatedField:
    """The id of a row that `offered` narrows."""
    return serializers.PrimaryKeyRelatedField(queryset=model.objects.none(), required=False, **options)


def text(**options: Any) -> serializers.CharField:
    """Several lines of text."""
    return serializers.CharField(max_length=LONGEST_TEXT, required=False, **options)


class NewTicketSerializer(Narrowed):
    """What is wrong or needed. The priority follows from impact and urgency; staff cannot say that all is lost."""

    type = serializers.ChoiceField(TicketType.choices)
    title = serializers.CharField(max_length=200)
    description = text(default="", allow_blank=True)
    service = one_of(Service, default=None, allow_null=True)
    impact = serializers.ChoiceField(SCALE, default=3)
    urgency = serializers.ChoiceField(SCALE, default=3)
    sensitivity = serializers.ChoiceField(Sensitivity.choices, default=Sensitivity.NORMAL)
    channel = serializers.ChoiceField(Channel.choices, default=Channel.PORTAL)
    requester = one_of(Person)

    offered = {
        "service": lambda person: Service.objects.visible_to(person).on_offer(),
        "requester": lambda person: Person.objects.visible_to(person).active(),
    }

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        critical = priority_of(attrs["impact"], attrs["urgency"]) == Priority.P1
        if critical and not may(self.context["person"], Permission.WORK_TICKETS):
            raise ValidationError(
                {"impact": "Only an engineer can say this. If many people cannot work, call us."}
            )
        return attrs


class AgainSerializer(serializers.Serializer):
    """What is wrong or needed now."""

    message = serializers.CharField(max_length=LONGEST_TEXT)


class ChangeSerializer(serializers.ModelSerializer):
    """A correction of what a ticket says. `version` is that at which it was read."""

    version = serializers.IntegerField(min_value=1)
    description = text(allow_blank=True)
    impact = serializers.ChoiceField(SCALE, required=False)
    urgency = serializers.ChoiceField(SCALE, required=False)

    class Meta:
        model = Ticket
        fields = (*EDITABLE, "version")

    def get_fields(self) -> dict[str, Any]:
        fields: dict[str, Any] = super().get_fields()
        for name, field in fields.items():
            field.required = name == "version"
        ticket = self.context.get("ticket")
        fields["service"].queryset = (
            Service.objects.offered_to(ticket.council_id) if ticket else Service.objects.none()
        )
        fields["site"].queryset = ticket.council.sites.on_offer() if ticket else Site.objects.none()
        return fields


class MoveSerializer(Narrowed):
    """What a move needs or takes. `version` is that at which the ticket was read: then nobody is overtaken unseen."""

    version = serializers.IntegerField(required=False, min_value=1)
    seen = serializers.IntegerField(required=False, min_value=0, help_text=SEEN)
    team = one_of(Team)
    assignee = one_of(Person)
    supplier_team = one_of(Team)
    booked_for = serializers.DateTimeField(required=False)
    booked_by_customer = serializers.BooleanField(required=False)
    resolution_code = serializers.ChoiceField(ResolutionCode.choices, required=False)
    resolution_note = text()
    containment = text()
    recovery = text()
    lessons = text()
    note = text()
    question = text()
    message = text()
    supplier_note = text()
    override = text()
    approver = one_of(Person)
    cost = serializers.DecimalField(max_digits=9, decimal_places=2, min_value=0, required=False)
    reason = text()
    duplicate_of = serializers.SlugRelatedField("reference", queryset=Ticket.objects.none(), required=False)
    children = serializers.BooleanField(required=False)

    offered = {
        "team": lambda person: Team.objects.visible_to(person),
        "supplier_team": lambda person: Team.objects.visible_to(person),
        "assignee": lambda person: Person.objects.visible_to(person).active(),
        "approver": lambda person: Person.objects.visible_to(person).active(),
        "duplicate_of": lambda person: Ticket.objects.visible_to(person),
    }


class DeadlineSerializer(serializers.Serializer):
    """A promise on a ticket, a supplier's or an agreement's with its name, and the working time that its deadline
    counts. The agreement, and what was said of a breach, is told to who may read internal notes, and why it is due
    when it is to them and to the supplier.

    Slots and pauses are [from, to].
    """

    id = serializers.IntegerField()
    metric = serializers.CharField()
    supplier = serializers.CharField(allow_null=True)
    agreement = serializers.CharField(allow_blank=True)
    warning = serializers.CharField(allow_blank=True)
    state = serializers.ChoiceField(Clock.State.choices)
    calendar = serializers.CharField()
    service_level_version = serializers.IntegerField()
    goal_percent = serializers.IntegerField()
    started_at = serializers.DateTimeField()
    target_seconds = serializers.IntegerField()
    due_at = serializers.DateTimeField(allow_null=True)
    breached_at = serializers.DateTimeField(allow_null=True)
    breach_kind = serializers.CharField(allow_blank=True)
    breach_cause = serializers.CharField(
        allow_blank=True, help_text="The change that broke it, where time alone did not."
    )
    breach_reason = serializers.CharField(allow_blank=True)
    breach_note = serializers.CharField(allow_blank=True)
    breach_explained_by = Named()
    warn_at = serializers.DateTimeField(allow_null=True)
    warned_at = serializers.DateTimeField(allow_null=True)
    stopped_at = serializers.DateTimeField(allow_null=True)
    elapsed_seconds = serializers.IntegerField()
    paused_seconds = serializers.IntegerField()
    slots = serializers.ListField(child=serializers.ListField(child=serializers.DateTimeField()))
    pauses = serializers.ListField(
        child=serializers.ListField(child=serializers.DateTimeField(allow_null=True))
    )
    why = serializers.ListField(
        child=serializers.CharField(), help_text="What counted and what did not, line by line."
    )


STORED = (
    "id",
    "metric",
    "state",
    "service_level_version",
    "goal_percent",
    "started_at",
    "target_seconds",
    "due_at",
    "breached_at",
    "breach_kind",
    "warn_at",
    "warned_at",
    "stopped_at",
)
COUNTED = ("elapsed_seconds", "paused_seconds")
SAID = {"breach_reason": "", "breach_note": "", "breach_explained_by": None}
"""What was said of a breach, and what stands there for who may not read it."""


def deadline(clock: Clock, person, now: datetime, hours: Hours, warning: str) -> dict[str, Any]:
    """A clock with what explains it to the person, for `DeadlineSerializer`."""
    explanation = explain_clock(clock, now, hours)
    shown = {name: getattr(clock, name) for name in (*STORED, *COUNTED)}
    shown |= {"calendar": clock.calendar.code, "slots": explanation.slots, "pauses": explanation.pauses}
    shown |= {"supplier": clock.supplier_team and str(clock.supplier_team), "warning": warning}
    shown |= {"agreement": agreement_of(clock, person), "why": [], "breach_cause": "", **SAID}
    reads_notes = may_read_notes(person, clock.ticket)
    if reads_notes:
        shown |= {name: getattr(clock, name) for name in SAID}
    if reads_notes or is_its_supplier(person, clock.ticket):
        shown["why"] = explanation.words()
        shown["breach_cause"] = cause_of_breach(clock) if clock.breached_at else ""
    return DeadlineSerializer(shown).data
