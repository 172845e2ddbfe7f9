"""Programmes of the refresh and deferrals for programs: list, read, write down, change, budgets, years, gaps."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.response import Response

from api.asset_life_shapes import version
from api.batch_energy_shapes import BatchEnergySerializer, energy_in_words, pounds
from api.figures import FiguresTableSerializer, tables_told
from api.filters import refuse_unknown
from api.organisation_shapes import CHANGE, Written
from api.organising import Administered, Writing, described
from api.pages import whole
from api.rows import Named, Shown, code
from api.ticket_shapes import Narrowed, one_of
from assets.batches.filters import DeferralFilters
from assets.batches.models import Deferral, Programme, ProgrammeBudget
from assets.batches.planning import EDITABLE, add_programme, change_programme, defer_asset, set_budget
from assets.batches.programme_tables import STANDINGS, ProgrammeTables
from assets.register.models import Asset
from servicedesk.people.access import councils_of, require
from servicedesk.people.models import Council
from servicedesk.people.roles import Permission


class ProgrammeSerializer(Shown):
    """Replacing what some councils own over several financial years, and the window in which all that is due has a
    place."""

    councils = code(many=True, read_only=True)

    class Meta:
        model = Programme
        fields = ["id", *EDITABLE[Programme], "version"]


class WrittenProgramme(Written):
    """What is written of one. The councils are those whose registers the person reads, one of which they plan."""

    councils = code(queryset=Council.objects.none(), many=True)

    def offered(self) -> dict[str, Any]:
        person = self.context.get("person")
        seen = councils_of(person, Permission.SEE_ASSETS)
        return {"councils": Council.objects.visible_to(person).filter(pk__in=seen)}


class NewProgrammeSerializer(WrittenProgramme):
    """What a new one needs."""

    needed = EDITABLE[Programme]

    class Meta:
        model = Programme
        fields = list(EDITABLE[Programme])
        validators: list[Any] = []


class ChangedProgrammeSerializer(WrittenProgramme):
    """What may be changed of one, as it was read at `version`."""

    needed = CHANGE

    class Meta:
        model = Programme
        fields = [*EDITABLE[Programme], "version"]
        validators: list[Any] = []


class BudgetSerializer(Shown):
    """What a council may spend on a programme in a financial year: told to whoever sees its money."""

    council = code()
    amount = pounds()

    class Meta:
        model = ProgrammeBudget
        fields = ["council", "financial_year", "amount", "version"]


class SetBudgetSerializer(Narrowed):
    """The budget of a council for a year, as it was read at `version` where there is one already."""

    council = code(queryset=Council.objects.none())
    financial_year = serializers.CharField(max_length=7)
    amount = serializers.DecimalField(max_digits=14, decimal_places=2, min_value=0)
    version = version()

    offered = {
        "council": lambda person: Council.objects.visible_to(person).filter(
            pk__in=councils_of(person, Permission.PLAN_REFRESH)
        )
    }


class ProgrammeYearsSerializer(serializers.Serializer):
    """`window` has what falls due in the window and where it stands. Then by council and financial year what falls due
    and is in batches and, with the right to the council's money, forecast cost, budget, planned and remaining."""

    tables = FiguresTableSerializer(many=True)
    energy = BatchEnergySerializer(many=True)


class DueAssetSerializer(serializers.ModelSerializer):
    """What falls due in the window, and where it stands: in a batch, deferred with a reason, or a gap."""

    council = code()
    name = serializers.CharField(source="__str__", read_only=True)
    due_on = serializers.DateField()
    driver = serializers.CharField()
    standing = serializers.ChoiceField(list(STANDINGS))

    class Meta:
        model = Asset
        fields = ["id", "name", "council", "category", "due_on", "driver", "standing"]
        read_only_fields = fields


@described(NewProgrammeSerializer, ChangedProgrammeSerializer, ProgrammeSerializer)
class ProgrammeViewSet(Administered):
    """Programmes in which a council takes part whose register the person reads."""

    serializer_class = ProgrammeSerializer
    permission = Permission.PLAN_REFRESH
    new, changed = NewProgrammeSerializer, ChangedProgrammeSerializer

    def rows(self, person) -> QuerySet[Programme]:
        return Programme.objects.visible_to(person).prefetch_related("councils")

    def add(self, given: dict[str, Any]) -> Programme:
        councils = given.pop("councils")
        return add_programme(Programme(**given), by=self.person, councils=councils)

    def change(self, row: Programme, given: dict[str, Any]) -> Programme:
        return change_programme(row, by=self.person, **given)

    @extend_schema(responses=BudgetSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"])
    def budgets(self, request, pk: str) -> Response:
        """Its budgets, of the councils whose money the person sees."""
        rows = ProgrammeBudget.objects.visible_to(request.user).filter(programme=self.get_object())
        return whole(list(BudgetSerializer(rows.select_related("council"), many=True).data))

    @extend_schema(
        operation_id="refresh_programmes_set_budget",
        request=SetBudgetSerializer,
        responses=BudgetSerializer,
        filters=False,
    )
    @budgets.mapping.post
    def set_budget(self, request, pk: str) -> Response:
        """Say what a council may spend in a year."""
        programme = self.opened()
        require(request.user, Permission.PLAN_REFRESH)
        given = self.given(SetBudgetSerializer)
        council, year, amount = (given.pop(name) for name in ("council", "financial_year", "amount"))
        known = ProgrammeBudget.objects.visible_to(request.user).filter(
            programme=programme, council=council, financial_year=year
        )
        if "version" not in given and known.exists():
            raise serializers.ValidationError({"version": ["This field is required."]})
        given.setdefault("version", 0)
        row = set_budget(programme, council, year, amount, by=self.person, **given)
        return Response(BudgetSerializer(row).data)

    @extend_schema(responses=ProgrammeYearsSerializer, filters=False)
    @action(detail=True, methods=["get"])
    def years(self, request, pk: str) -> Response:
        """Its figures, as its page has them."""
        tables = self._tables()
        energy = [energy_in_words(row) for row in tables.energy.rows]
        told = {"tables": tables_told(tables.tables), "energy": energy}
        return Response(ProgrammeYearsSerializer(told).data)

    @extend_schema(
        responses=DueAssetSerializer(many=True),
        filters=False,
        parameters=[
            OpenApiParameter("council", str, description="A council's code; all unless given."),
            OpenApiParameter("standing", str, enum=list(STANDINGS), description="Where they stand."),
        ],
    )
    @action(detail=True, methods=["get"], orderings={"asset_tag": ("asset_tag", "id")}, ordering="asset_tag")
    def assets(self, request, pk: str) -> Response:
        """What falls due in its window; `standing=gap` are the gaps."""
        refuse_unknown(request, ["council", "standing"])
        due = self._tables().due().select_related("council")
        for name, column in (("council", "council__code"), ("standing", "standing")):
            if wanted := request.query_params.get(name):
                due = due.filter(**{column: wanted})
        page = self.paginate_queryset(due)
        return self.get_paginated_response(DueAssetSerializer(page, many=True).data)

    def _tables(self) -> ProgrammeTables:
        return ProgrammeTables(self.get_object(), self.person, timezone.localdate())


class DeferralSerializer(Shown):
    """Why an asset that is due is not replaced before a day. The last of an asset counts."""

    council = code()
    asset = Named()
    decided_by = Named()

    class Meta:
        model = Deferral
        fields = ["id", "council", "asset", "reason", "until", "decided_by", "decided_at"]


class NewDeferralSerializer(Narrowed):
    """What is deferred, why, and until when."""

    asset = one_of(Asset)
    reason = serializers.CharField(max_length=200)
    until = serializers.DateField()

    offered = {
        "asset": lambda person: (
            Asset.objects.visible_to(person)
            .filter(council__in=councils_of(person, Permission.PLAN_REFRESH))
            .select_related("council")
        )
    }

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        if "asset" not in given:
            raise serializers.ValidationError({"asset": "This field is required."})
        return given


class DeferralViewSet(Writing):
    """What waits with a reason, of the registers that the person reads."""

    serializer_class = DeferralSerializer
    orderings = {"id": ("id", "id")}
    ordering = "-id"
    filterset_class = DeferralFilters

    def rows(self, person) -> QuerySet[Deferral]:
        return Deferral.objects.visible_to(person).select_related("council", "asset", "decided_by")

    @extend_schema(request=NewDeferralSerializer, responses={201: DeferralSerializer})
    def create(self, request) -> Response:
        """Say why an asset that is due is not replaced before a day."""
        require(request.user, Permission.PLAN_REFRESH)
        given = self.given(NewDeferralSerializer)
        return self.shown(defer_asset(given.pop("asset"), by=self.person, **given), status.HTTP_201_CREATED)
