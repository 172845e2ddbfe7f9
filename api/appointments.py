"""Appointments for swaps, for programs: ask, choose a time, say that nobody came; times of sites; change freezes."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.response import Response

from api.asset_life_shapes import version
from api.organisation_shapes import CHANGE, Written
from api.organising import Administered, Writing, described
from api.pages import whole
from api.rows import Named, NamedSerializer, Shown, code
from api.ticket_shapes import Narrowed, one_of
from assets.batches import appointments
from assets.batches.filters import AppointmentFilters
from assets.batches.freezing import EDITABLE, add_freeze, change_freeze, lift_freeze, with_freeze
from assets.batches.models import Appointment, BatchItem, ChangeFreeze, SwapSlot
from assets.batches.slots_of_sites import change_slot, offer_day, remove_slot, times_of
from servicedesk.people.access import councils_of, may, require
from servicedesk.people.models import Council, Person, Site
from servicedesk.people.roles import Permission
from servicedesk.tickets.models import Ticket

SHOWN = (
    *("council", "item__batch", "item__asset__model__manufacturer", "item__replacement", "person"),
    *("slot__site__council", "slot__council", "engineer", "ticket"),
)
MOST = 500


class TimeSerializer(Shown):
    """A time at a site."""

    where = serializers.CharField(source="__str__", read_only=True)

    class Meta:
        model = SwapSlot
        fields = ["id", "where", "starts_at", "ends_at"]


class OfferedTimeSerializer(TimeSerializer):
    """A time that may be chosen; `freeze` says that it is within a change freeze, which the desk alone may choose."""

    freeze = serializers.CharField()

    class Meta(TimeSerializer.Meta):
        fields = [*TimeSerializer.Meta.fields, "freeze"]


class AppointmentSerializer(Shown):
    """The swap of one item of a batch. Whose device it is chooses the time, else the desk. `freeze` is why changes are
    frozen on its day at its site, where they are."""

    council = code()
    batch = serializers.CharField(source="item.batch.reference")
    item = serializers.IntegerField(source="item_id")
    asset = Named(source="item.asset")
    person = Named()
    time = TimeSerializer(source="slot", allow_null=True)
    engineer = Named()
    freeze = serializers.CharField(allow_null=True)

    class Meta:
        model = Appointment
        fields = [
            *("id", "council", "batch", "item", "asset", "person", "time", "freeze", "engineer", "state"),
            *("offered_at", "version"),
        ]


class OfferSerializer(Narrowed):
    """For which items of batches people are asked to choose a time."""

    items = serializers.PrimaryKeyRelatedField(
        queryset=BatchItem.objects.none(), many=True, allow_empty=False
    )

    offered = {
        "items": lambda person: BatchItem.objects.visible_to(person).filter(
            council__in=councils_of(person, Permission.MOVE_ASSETS)
        )
    }

    def validate_items(self, items: list[BatchItem]) -> list[BatchItem]:
        if len(items) > MOST:
            raise serializers.ValidationError(f"Give at most {MOST} items.")
        return items


class OfferedSerializer(serializers.Serializer):
    """The appointments that were offered, and a sentence for each item that got none."""

    offered = AppointmentSerializer(many=True)
    refused = serializers.ListField(child=serializers.CharField())


class ChooseSerializer(serializers.Serializer):
    """Which of the `times` of the appointment, as it was read at `version`, and for one within a change freeze why."""

    time = serializers.IntegerField(min_value=1, max_value=2**63 - 1)
    freeze_reason = serializers.CharField(max_length=200, required=False)
    version = version()


class NoShowSerializer(serializers.Serializer):
    """What is to be said of it."""

    note = serializers.CharField(max_length=200, required=False, allow_blank=True)


class AssignSerializer(Narrowed):
    """Who swaps it, one of the `engineers` of the appointment or null for nobody yet, and the reference of the request
    that is done with it. What is left out stays as it is."""

    engineer = one_of(Person, allow_null=True)
    ticket = serializers.SlugRelatedField(
        "reference", queryset=Ticket.objects.none(), required=False, allow_null=True
    )
    version = version()

    offered = {
        "engineer": lambda person: (
            Person.objects.visible_to(person)
            .active()
            .filter(memberships__team__councils__in=councils_of(person, Permission.MOVE_ASSETS))
            .distinct()
        ),
        "ticket": lambda person: Ticket.objects.visible_to(person),
    }


class CallOffSerializer(serializers.Serializer):
    """Why, as it was read at `version`."""

    reason = serializers.CharField(max_length=200)
    version = version()


class AppointmentViewSet(Writing):
    """One's own appointments, and those of the registers that the person reads."""

    serializer_class = AppointmentSerializer
    filterset_class = AppointmentFilters
    orderings = {"id": ("id", "id")}
    ordering = "-id"

    def rows(self, person) -> QuerySet[Appointment]:
        return with_freeze(Appointment.objects.visible_to(person)).select_related(*SHOWN)

    @extend_schema(request=OfferSerializer, responses={201: OfferedSerializer})
    def create(self, request) -> Response:
        """Ask whoever has each old device to choose a time."""
        require(request.user, Permission.MOVE_ASSETS)
        done = appointments.offer(self.given(OfferSerializer)["items"], by=self.person)
        rows = self.get_queryset().filter(pk__in=[one.pk for one in done.made]).order_by("pk")
        told = OfferedSerializer({"offered": rows, "refused": done.refused}).data
        return Response(told, status=status.HTTP_201_CREATED)

    @extend_schema(responses=OfferedTimeSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"])
    def times(self, request, pk: str) -> Response:
        """The times from which it may be chosen."""
        row = self.get_object()
        appointments.refuse_stranger(self.person, row)
        return whole(list(OfferedTimeSerializer(self._times(row), many=True).data))

    @extend_schema(request=ChooseSerializer, responses=AppointmentSerializer)
    @action(detail=True, methods=["post"])
    def choose(self, request, pk: str) -> Response:
        """Choose a time, or another one."""
        row = self.get_object()
        appointments.refuse_stranger(self.person, row)
        given = self.given(ChooseSerializer)
        wanted = given.pop("time")
        slot = next((one for one in self._times(row) if one.pk == wanted), None)
        if slot is None:
            raise serializers.ValidationError({"time": "This time is not offered. Choose another."})
        return self.written(lambda: appointments.book(row, slot, by=self.person, **given))

    @extend_schema(responses=NamedSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"])
    def engineers(self, request, pk: str) -> Response:
        """Who may swap it."""
        row = self.get_object()
        require(request.user, Permission.MOVE_ASSETS, row)
        seen = Person.objects.visible_to(self.person)
        keys = [one.pk for one in appointments.engineers_of(row.council_id)]
        found = seen.filter(pk__in=keys).order_by("display_name", "pk")
        return whole([{"id": one.pk, "name": str(one)} for one in found])

    @extend_schema(request=AssignSerializer, responses=AppointmentSerializer)
    @action(detail=True, methods=["post"])
    def assign(self, request, pk: str) -> Response:
        """Say who swaps it, and which request is done with it."""
        row = self.get_object()
        require(request.user, Permission.MOVE_ASSETS, row)
        given = self.given(AssignSerializer)
        engineer = given.get("engineer")
        if engineer and engineer not in appointments.engineers_of(row.council_id):
            raise serializers.ValidationError({"engineer": f"{engineer} swaps nothing for {row.council}."})
        return self.written(lambda: appointments.assign(row, by=self.person, **given))

    @extend_schema(request=NoShowSerializer, responses=AppointmentSerializer)
    @action(detail=True, methods=["post"], url_path="no-show")
    def no_show(self, request, pk: str) -> Response:
        """Nobody came: the appointment that is offered in its place."""
        row = self.get_object()
        require(request.user, Permission.MOVE_ASSETS, row)
        return self.written(lambda: appointments.miss(row, by=self.person, **self.given(NoShowSerializer)))

    @extend_schema(request=CallOffSerializer, responses=AppointmentSerializer)
    @action(detail=True, methods=["post"], url_path="call-off")
    def call_off(self, request, pk: str) -> Response:
        """Cancel it: another may be offered."""
        row = self.get_object()
        require(request.user, Permission.MOVE_ASSETS, row)
        return self.written(
            lambda: appointments.call_off(row, by=self.person, **self.given(CallOffSerializer))
        )

    def _times(self, row: Appointment) -> list[SwapSlot]:
        handles = may(self.person, Permission.MOVE_ASSETS, row.council_id)
        return times_of(row, timezone.now(), frozen=handles)

    def shown(self, row: Any, code: int = status.HTTP_200_OK) -> Response:
        return super().shown(self.get_queryset().get(pk=row.pk), code)


class SwapTimeSerializer(Shown):
    """A time that a site offers: how many engineers are there, and how many swaps are booked."""

    council = code()
    site = Named()
    taken = serializers.IntegerField()

    class Meta:
        model = SwapSlot
        fields = [
            *("id", "council", "site", "room", "starts_at", "ends_at", "capacity", "taken", "version"),
        ]


class NewTimesSerializer(Narrowed):
    """The times of one day at a site, each so many `minutes` long."""

    site = serializers.PrimaryKeyRelatedField(queryset=Site.objects.none())
    room = serializers.CharField(max_length=60, required=False, allow_blank=True)
    day = serializers.DateField()
    begins = serializers.TimeField()
    ends = serializers.TimeField()
    minutes = serializers.IntegerField(min_value=1, max_value=1440)
    capacity = serializers.IntegerField(min_value=1, max_value=50)

    offered = {
        "site": lambda person: (
            Site.objects.visible_to(person)
            .filter(council__in=councils_of(person, Permission.PLAN_REFRESH))
            .on_offer()
            .select_related("council")
        )
    }


class CapacitySerializer(serializers.Serializer):
    """How many engineers are there, as it was read at `version`."""

    capacity = serializers.IntegerField(min_value=1, max_value=50)
    version = serializers.IntegerField(min_value=1, max_value=2**31 - 1)


class SwapTimeViewSet(Writing):
    """Times that sites offer, of the registers that the person reads."""

    serializer_class = SwapTimeSerializer
    orderings = {"starts_at": ("starts_at", "id")}
    ordering = "-starts_at"

    def rows(self, person) -> QuerySet[SwapSlot]:
        return SwapSlot.objects.visible_to(person).with_taken().select_related("council", "site")

    @extend_schema(request=NewTimesSerializer, responses={201: SwapTimeSerializer(many=True)})
    def create(self, request) -> Response:
        """Offer the times of one day."""
        require(request.user, Permission.PLAN_REFRESH)
        given = self.given(NewTimesSerializer)
        made = offer_day(given.pop("site"), given.pop("day"), by=self.person, **given)
        rows = self.get_queryset().filter(pk__in=[one.pk for one in made]).order_by("starts_at")
        return Response(self.get_serializer(rows, many=True).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=CapacitySerializer, responses=SwapTimeSerializer)
    def partial_update(self, request, pk: str) -> Response:
        """Say how many engineers are there, never fewer than swaps are booked."""
        row = self.get_object()
        require(request.user, Permission.PLAN_REFRESH, row)
        return self.written(lambda: change_slot(row, by=self.person, **self.given(CapacitySerializer)))

    @extend_schema(request=None, responses={204: None})
    @action(detail=True, methods=["post"])
    def remove(self, request, pk: str) -> Response:
        """Offer a time no longer that nobody has ever chosen."""
        remove_slot(self.get_object(), by=self.person)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def shown(self, row: Any, code: int = status.HTTP_200_OK) -> Response:
        return super().shown(self.get_queryset().get(pk=row.pk), code)


class FreezeSerializer(Shown):
    """Days on which nothing is swapped at a site, or at all sites of a council where `site` is null."""

    council = code()
    site = Named()

    class Meta:
        model = ChangeFreeze
        fields = ["id", "council", "site", *EDITABLE, "version"]


class NewFreezeSerializer(Written):
    """What a new one needs."""

    council = code(queryset=Council.objects.none())
    needed = ("council", *EDITABLE)

    class Meta:
        model = ChangeFreeze
        fields = ["council", "site", *EDITABLE]
        validators: list[Any] = []

    def offered(self) -> dict[str, Any]:
        person = self.context.get("person")
        planned = councils_of(person, Permission.PLAN_REFRESH)
        return {
            "council": Council.objects.visible_to(person).filter(pk__in=planned, archived_at=None),
            "site": Site.objects.visible_to(person).filter(council__in=planned).on_offer(),
        }


class ChangedFreezeSerializer(Written):
    """What may be changed of one, as it was read at `version`."""

    needed = CHANGE

    class Meta:
        model = ChangeFreeze
        fields = [*EDITABLE, "version"]
        validators: list[Any] = []

    def offered(self) -> dict[str, Any]:
        return {}


@described(NewFreezeSerializer, ChangedFreezeSerializer, FreezeSerializer)
class FreezeViewSet(Administered):
    """Change freezes of the registers that the person reads."""

    serializer_class = FreezeSerializer
    permission = Permission.PLAN_REFRESH
    new, changed = NewFreezeSerializer, ChangedFreezeSerializer
    orderings = {"starts_on": ("starts_on", "id")}
    ordering = "-starts_on"

    def rows(self, person) -> QuerySet[ChangeFreeze]:
        return ChangeFreeze.objects.visible_to(person).select_related("council", "site")

    def add(self, given: dict[str, Any]) -> ChangeFreeze:
        return add_freeze(ChangeFreeze(**given), by=self.person)

    def change(self, row: ChangeFreeze, given: dict[str, Any]) -> ChangeFreeze:
        return change_freeze(row, by=self.person, **given)

    @extend_schema(request=None, responses={204: None})
    @action(detail=True, methods=["post"])
    def lift(self, request, pk: str) -> Response:
        """Take it away."""
        lift_freeze(self.get_object(), by=self.person)
        return Response(status=status.HTTP_204_NO_CONTENT)
