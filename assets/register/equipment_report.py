"""REPORTS: the monthly equipment report, of what endangers the councils and what has to come back."""

from functools import cached_property

from assets.register.equipment_figures import EquipmentFigures
from assets.register.models import Category
from servicedesk.people.access import councils_of
from servicedesk.people.models import Council
from servicedesk.people.roles import Permission
from servicedesk.reports.months import Month
from servicedesk.reports.report import JOINT, Report
from servicedesk.reports.tables import Cell, Column, Row, Table

COUNTED_HERE = "Counts the assets that you may see, as the register knew them at the end of the month."
WORDS = {
    "kept": "In the register",
    "unsupported": "No longer supported",
    "overdue": "Overdue for replacement",
    "undated": "No date to plan by",
    "left": "Gone for good, having held data",
    "certified": "Gone for good, wiped by certificate",
    "due_back": "Due back from people who have left",
    "returned": "Back within ten working days of the last day",
}


class EquipmentReport(Report):
    """What the councils had at the end of a month, what went in it and what came back."""

    code, title = "equipment", "Monthly equipment report"
    sentence = (
        "What is no longer supported, overdue or has no date to plan by, whether what went was wiped by certificate, "
        "and whether those who left brought back what they had."
    )
    asks = Permission.SEE_REPORTS, Permission.SEE_ASSETS
    words, parts = WORDS, ("category",)
    one = "asset"
    list_template, list_order = "register/figure_list.html", ("asset_tag", "id")

    @classmethod
    def counted_by(cls, person) -> list[Council]:
        return list(Council.objects.filter(pk__in=councils_of(person, Permission.SEE_ASSETS)))

    def figures(self, month: Month) -> EquipmentFigures:
        return EquipmentFigures(self.person, month, self.councils)

    @property
    def notes(self) -> list[str]:
        return [COUNTED_HERE, *super().notes]

    @cached_property
    def tables(self) -> list[Table]:
        by_council = [self._by_council()] if self.scope == JOINT else []
        return [self._at_a_glance(), *by_council, self._by_category()]

    def part_in_words(self, by: str, value: str) -> str:
        return str(Category(value).label)

    def _at_a_glance(self) -> Table:
        rows = [
            self.total("kept", WORDS["kept"]),
            self.rate("unsupported", WORDS["unsupported"], "unsupported", "kept"),
            self.rate("overdue", WORDS["overdue"], "overdue", "kept"),
            self.rate("undated", WORDS["undated"], "undated", "kept"),
            self.rate("certified", "Wiped by certificate, of what went and held data", "certified", "left"),
            self.rate("returned", WORDS["returned"], "returned", "due_back"),
        ]
        return Table("glance", "At a glance", self.compared_columns("Assets"), rows)

    def _by_council(self) -> Table:
        figures = ("kept", "unsupported", "overdue", "undated", "left", "certified", "due_back", "returned")
        columns = [Column(figure, WORDS[figure]) for figure in figures]
        rows = [
            Row(scope, self.named(scope), [self.cell(figure, None, scope) for figure in figures])
            for scope in self.scopes
        ]
        return Table("councils", "By council", columns, rows)

    def _by_category(self) -> Table:
        columns = [Column(figure, WORDS[figure]) for figure in ("unsupported", "overdue", "undated")]

        def cells(**part: str) -> list[Cell]:
            return [self.cell(column.code, **part) for column in columns]

        rows = [Row(value, str(words), cells(category=value)) for value, words in Category.choices]
        total = Row("all", "All", cells())
        return Table("category", "By category", columns, [*rows, total])
