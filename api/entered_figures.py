"""Figures of a month that other systems count: entered with their source, and corrected."""

from typing import Any

from django.db.models import QuerySet

from api.organisation_shapes import CHANGE, Written
from api.organising import Administered, described
from api.rows import Named, Shown, code
from servicedesk.people.access import councils_of
from servicedesk.people.models import Council
from servicedesk.people.roles import Permission
from servicedesk.reports.entering import EDITABLE, correct_figure, enter_figure
from servicedesk.reports.models import EnteredFigure

OF = ("council", "kind", "month")


class EnteredFigureSerializer(Shown):
    """So many `part` of so many `whole` in the month that begins with `month`, and where that was read."""

    council = code()
    entered_by = Named()

    class Meta:
        model = EnteredFigure
        fields = ["id", *OF, *EDITABLE, "entered_by", "version"]


class NewEnteredFigureSerializer(Written):
    """What a new one needs: all of it. `month` is the first day of a month that has ended."""

    council = code(queryset=Council.objects.none())
    needed = (*OF, *EDITABLE)

    class Meta:
        model = EnteredFigure
        fields = [*OF, *EDITABLE]
        validators: list[Any] = []

    def offered(self) -> dict[str, Any]:
        person = self.context.get("person")
        entering = councils_of(person, Permission.ENTER_FIGURES)
        return {"council": Council.objects.visible_to(person).filter(pk__in=entering, archived_at=None)}


class CorrectedFigureSerializer(Written):
    """What may be corrected of one, as it was read at `version`."""

    needed = CHANGE

    class Meta:
        model = EnteredFigure
        fields = [*EDITABLE, "version"]
        validators: list[Any] = []

    def offered(self) -> dict[str, Any]:
        return {}


@described(NewEnteredFigureSerializer, CorrectedFigureSerializer, EnteredFigureSerializer)
class EnteredFigureViewSet(Administered):
    """What was entered of the councils whose figures the person sees whole, or enters."""

    serializer_class = EnteredFigureSerializer
    permission = Permission.ENTER_FIGURES
    new, changed = NewEnteredFigureSerializer, CorrectedFigureSerializer
    orderings = {"month": ("month", "id")}
    ordering = "-month"

    def rows(self, person) -> QuerySet[EnteredFigure]:
        return EnteredFigure.objects.visible_to(person).select_related("council", "entered_by")

    def add(self, given: dict[str, Any]) -> EnteredFigure:
        return enter_figure(EnteredFigure(**given), by=self.person)

    def change(self, row: EnteredFigure, given: dict[str, Any]) -> EnteredFigure:
        return correct_figure(row, by=self.person, **given)
