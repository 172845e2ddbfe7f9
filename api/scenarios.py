"""Scenarios for programs: list, read, add, change, archive. Each is seen with the money of its council."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.response import Response

from api.organisation_shapes import CHANGE, Versioned, Written
from api.organising import Administered, described
from api.rows import Shown, code
from assets.refresh.models import Scenario
from assets.refresh.planning import EDITABLE, add_row, archive_scenario, bring_back_scenario, change_row
from servicedesk.people.access import councils_of, require
from servicedesk.people.models import Council
from servicedesk.people.roles import Permission


class ScenarioSerializer(Shown):
    """One council's what if. `levers` says by category what is otherwise than today."""

    council = code()

    class Meta:
        model = Scenario
        fields = ["id", "council", *EDITABLE[Scenario], "archived_at", "version"]


class NewScenarioSerializer(Written):
    """What a new one needs: whose it is, a name, and the inflation, such as 0.03."""

    council = code(queryset=Council.objects.none())
    needed = ("council", "name", "inflation")

    class Meta:
        model = Scenario
        fields = ["council", *EDITABLE[Scenario]]
        validators: list[Any] = []

    def offered(self) -> dict[str, Any]:
        person = self.context.get("person")
        planned = councils_of(person, Permission.PLAN_REFRESH)
        return {"council": Council.objects.visible_to(person).filter(pk__in=planned, archived_at=None)}


class ChangedScenarioSerializer(Written):
    """What may be changed of one, as it was read at `version`."""

    needed = CHANGE

    class Meta:
        model = Scenario
        fields = [*EDITABLE[Scenario], "version"]
        validators: list[Any] = []

    def offered(self) -> dict[str, Any]:
        return {}


@described(NewScenarioSerializer, ChangedScenarioSerializer, ScenarioSerializer)
class ScenarioViewSet(Administered):
    """The what-ifs of the councils whose money the person sees, archived ones among them."""

    serializer_class = ScenarioSerializer
    permission = Permission.PLAN_REFRESH
    new, changed = NewScenarioSerializer, ChangedScenarioSerializer

    def rows(self, person) -> QuerySet[Scenario]:
        return Scenario.objects.visible_to(person).select_related("council")

    def add(self, given: dict[str, Any]) -> Scenario:
        return add_row(Scenario(**given), by=self.person)

    def change(self, row: Scenario, given: dict[str, Any]) -> Scenario:
        return change_row(row, by=self.person, **given)

    @extend_schema(request=Versioned)
    @action(detail=True, methods=["post"])
    def archive(self, request, pk: str) -> Response:
        """Offer it no longer. It is still read."""
        return self._moved(archive_scenario)

    @extend_schema(request=Versioned)
    @action(detail=True, methods=["post"], url_path="bring-back")
    def bring_back(self, request, pk: str) -> Response:
        """Offer it again."""
        return self._moved(bring_back_scenario)

    def _moved(self, deed: Any) -> Response:
        row = self.get_object()
        require(self.request.user, Permission.PLAN_REFRESH, row)
        version = self.given(Versioned)["version"]
        return self.written(lambda: deed(row, by=self.person, version=version))
