"""What narrows a list of tickets, one and the same for the queue, the API and exports."""

from datetime import datetime, time, timedelta
from typing import Any

import django_filters as filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils import timezone

from servicedesk.catalogue.models import Service
from servicedesk.forms import FilterForm
from servicedesk.people.access import councils_of, teams_of
from servicedesk.people.models import Council, Team
from servicedesk.people.roles import Permission
from servicedesk.search.searching import matching
from servicedesk.tickets.models import Priority, Ticket, TicketState, TicketType, Uplift
from servicedesk.tickets.querysets import CUSTOMER_REPLIED, TicketQuerySet
from servicedesk.tickets.rights import has_a_queue

YES_NO = (("true", "Yes"), ("false", "No"))
OPEN = "open"
STATES = ((OPEN, "Open"), *TicketState.choices)
LONGEST_WORDS = 200
THE_DESKS_MATTER = ("team", "my_teams", "priority", "uplift", "unassigned", "breached")
"""What they narrow by is not told to whoever only asked for something."""


def services(request) -> QuerySet[Service]:
    """What a ticket can be about, as far as the person knows the catalogue."""
    return Service.objects.visible_to(request.user).only("name") if request else Service.objects.none()


def teams(request) -> QuerySet[Team]:
    """The teams that the person knows of."""
    return Team.objects.visible_to(request.user).only("name") if request else Team.objects.none()


def today() -> tuple[datetime, datetime]:
    """When the present day began, and when it ends."""
    midnight = timezone.make_aware(datetime.combine(timezone.localdate(), time.min))
    return midnight, timezone.make_aware(datetime.combine(timezone.localdate() + timedelta(days=1), time.min))


class FlagFilter(filters.ChoiceFilter):
    """True or false. A link or a program gives it, and a page says it among what is chosen."""

    def __init__(self, label: str, **kwargs):
        neither = {"invalid_choice": f"{label} must be true or false"}
        super().__init__(
            label=label, choices=YES_NO, widget=forms.HiddenInput, error_messages=neither, **kwargs
        )


class _Own(dict):
    """Fields made for one form alone, which takes them as they are: copying them took a tenth of a queue page."""

    def __deepcopy__(self, memo: Any) -> dict:
        return dict(self)


class TicketFilter(filters.FilterSet):
    """Filters of tickets that the person may see; hidden ones are neither found nor counted."""

    q = filters.CharFilter(label="Words or reference", method="by_words", max_length=LONGEST_WORDS)
    state = filters.ChoiceFilter(label="State", choices=STATES, method="by_state", empty_label="Any")
    council = filters.ModelChoiceFilter(
        label="Council",
        queryset=Council.objects.only("code", "name"),
        to_field_name="code",
        empty_label="Any",
    )
    team = filters.ModelChoiceFilter(label="Team", queryset=teams, empty_label="Any")
    service = filters.ModelChoiceFilter(label="Service", queryset=services, empty_label="Any")
    priority = filters.ChoiceFilter(label="Priority", choices=Priority.choices, empty_label="Any")
    uplift = filters.ChoiceFilter(
        label="Raised for",
        choices=[choice for choice in Uplift.choices if choice[0]],
        method="by_uplift",
        empty_label="Any",
    )
    type = filters.ChoiceFilter(label="Type", choices=TicketType.choices, empty_label="Any")
    my_teams = FlagFilter("With my teams", method="by_my_teams")
    mine = FlagFilter("Assigned to me", method="by_me")
    own = FlagFilter("Asked by me or for me", method="by_own")
    unassigned = FlagFilter("Unassigned", method="by_nobody")
    breached = FlagFilter("Breached", method="by_breach")
    due_today = FlagFilter("Due today", method="by_today")
    customer_replied = FlagFilter("Customer replied", method="by_reply")

    class Meta:
        model = Ticket
        form = FilterForm
        fields: list[str] = []

    def __init__(self, data=None, *args, **kwargs):
        """Without the flags that nobody gave: their boxes would only lengthen the address that the form makes."""
        self.base_filters = {
            name: one
            for name, one in self.base_filters.items()
            if not isinstance(one, FlagFilter) or (data and data.get(name))
        }
        super().__init__(data, *args, **kwargs)

    def get_form_class(self) -> Any:
        made = super().get_form_class()
        made.base_fields = _Own(made.base_fields)
        return made

    def filter_queryset(self, queryset: TicketQuerySet) -> TicketQuerySet:
        """Of one's own requests nothing is learnt by a filter that their page does not say."""
        found = super().filter_queryset(queryset)
        if self.request is None or has_a_queue(self.request.user):
            return found
        asked = any(self.form.cleaned_data.get(name) for name in THE_DESKS_MATTER)
        return found.read_whole_by(self.request.user) if asked else found

    def by_words(self, tickets: TicketQuerySet, name: str, value: str) -> TicketQuerySet:
        return matching(tickets, value)

    def by_state(self, tickets: TicketQuerySet, name: str, value: str) -> TicketQuerySet:
        return tickets.open() if value == OPEN else tickets.filter(state=value)

    def by_uplift(self, tickets: TicketQuerySet, name: str, value: str) -> TicketQuerySet:
        """Of what somebody needs because of a disability only their own council's desk is told."""
        own = councils_of(self.request.user, Permission.SEE_COUNCIL_TICKETS)
        found = tickets.filter(uplift=value)
        return found.filter(council__in=own) if value == Uplift.ASSISTIVE else found

    def by_my_teams(self, tickets: TicketQuerySet, name: str, value: str) -> TicketQuerySet:
        return _held(tickets, value, Q(team__in=teams_of(self.request.user)))

    def by_me(self, tickets: TicketQuerySet, name: str, value: str) -> TicketQuerySet:
        return _held(tickets, value, Q(assignee=self.request.user))

    def by_own(self, tickets: TicketQuerySet, name: str, value: str) -> TicketQuerySet:
        person = self.request.user
        return _held(tickets, value, Q(requester=person) | Q(affected_person=person))

    def by_nobody(self, tickets: TicketQuerySet, name: str, value: str) -> TicketQuerySet:
        return tickets.filter(assignee__isnull=value == "true")

    def by_breach(self, tickets: TicketQuerySet, name: str, value: str) -> TicketQuerySet:
        return tickets.filter(breached_at__isnull=value != "true")

    def by_today(self, tickets: TicketQuerySet, name: str, value: str) -> TicketQuerySet:
        begins, ends = today()
        return _held(tickets, value, Q(sort_due__gte=begins, sort_due__lt=ends))

    def by_reply(self, tickets: TicketQuerySet, name: str, value: str) -> TicketQuerySet:
        return _held(tickets, value, CUSTOMER_REPLIED)


def _held(tickets: TicketQuerySet, value: str, rule: Q) -> TicketQuerySet:
    """The tickets of which it holds, or of which it does not; what is unknown does not hold."""
    if value == "true":
        return tickets.filter(rule)
    return tickets.exclude(pk__in=tickets.model.objects.filter(rule).values("pk"))
