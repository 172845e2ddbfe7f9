"""The monthly service report: what was done and kept, and what people thought of it."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from operator import attrgetter

from django.db.models import QuerySet

from servicedesk.people.models import Council, Team
from servicedesk.reports.counts import Shown
from servicedesk.reports.entering import KINDS, Words, said_of
from servicedesk.reports.figures import OUTAGES, VALUES, Figures, councils_counted
from servicedesk.reports.keeping_back import KEPT
from servicedesk.reports.kpis import hours, mean_goal, mean_hours, mean_score, median_hours
from servicedesk.reports.models import EnteredFigure
from servicedesk.reports.months import Month
from servicedesk.reports.report import JOINT, NOTHING, Beside, Listed, Report
from servicedesk.reports.tables import NONE, Cell, Column, Row, Table, change
from servicedesk.service_levels.past_hours import desk_hours_at
from servicedesk.service_levels.working_time import due
from servicedesk.tickets.grace import GRACE_SECONDS
from servicedesk.tickets.models import BreachReason, Channel, Priority, Ticket, Uplift
from servicedesk.tickets.satisfying import MENDED_WITHIN
from servicedesk.wording import moment

COUNTED_HERE = (
    "Counts the requests that you may see. Private ones are in nobody’s figures; cancelled ones, duplicates and those "
    "merged into others are left out."
)
OPINIONS_OF_FEW = (
    "How content people were is kept back where fewer than five said so whose answers you may not read one by one, and "
    "where there are any until twelve hours after the month: you would know what somebody alone said."
)
IN_TIME = [Column("met", "In time"), Column("missed", "Late"), Column("in_time", "In time, per cent")]
CHARTED = ("met", "missed")
NOT_SAID = "Not said yet"
NOT_ENTERED = "No figure entered"
WORDS = {
    "raised": "Raised",
    "resolved": "Resolved",
    "measured": "Resolved, with a promise",
    "met": "In time",
    "missed": "Late",
    "reprioritised": "Late only because the priority was raised",
    "eligible": "Resolved, of what the first line can resolve",
    "first_contact": "Resolved at first contact",
    "reopened": "Opened again",
    "answered": "Said how content they were",
    "satisfied": "Content: 4 or 5 of 5",
    "critical": "Critical incidents",
    "high": "High incidents",
    "backlog": "Open at the end of the month",
    "late": "Open past its target",
    "referred": "Given back by a supplier",
    "supplier_met": "Given back by a supplier in time",
    "supplier_missed": "Given back by a supplier late",
    "starters": "New starters of whom something was asked",
    "ready": "New starters ready on their first day",
}

HOURS = Beside("Working hours", "measured", lambda fact: (hours(Decimal(fact.seconds or 0)), "hours"))
GOAL = Beside("Goal", "met", lambda fact: (fact.sums["goals"], "percent"))
SCORE = Beside("Score of 5", "satisfied", lambda fact: (fact.sums["scores"], ""))


OPINIONS = ("answered", "satisfied")
"""The figures made of what somebody said of their request."""


def minutes_of(figure: str) -> Beside:
    return Beside("Minutes", figure, lambda fact: (fact.sums[f"{figure}_minutes"], ""))


class ServiceReport(Report):
    """What was done and kept in one month, for one council or for several together."""

    code, title = "service", "Monthly service report"
    sentence = (
        "What was raised, resolved and waits, what we promised and kept, and what people thought of it, beside the "
        "month before and the year before."
    )
    words, parts = WORDS, (*VALUES, "supplier")
    one = "request"
    besides = {
        **dict.fromkeys(("measured", "met", "missed"), (HOURS, GOAL)),
        "answered": (SCORE,),
        **{figure: (minutes_of(figure),) for figure in OUTAGES.values()},
    }
    list_template, list_order = "reports/list.html", ("-reported_at", "-id")

    @classmethod
    def counted_by(cls, person) -> list[Council]:
        return councils_counted(person)

    def figures(self, month: Month) -> Figures:
        return Figures(self.person, month, self.councils)

    @property
    def notes(self) -> list[str]:
        notes = [COUNTED_HERE, *super().notes]
        for month in (self.before, self.month):
            if month.ends <= self.now < (settles := self._settles(month)):
                notes.append(
                    f"The figures of {month.first:%B} are provisional until {moment(settles)}: what was resolved at "
                    "first contact can be opened again for five working days, and what people said of it can be mended "
                    "for twelve hours."
                )
        if any(
            self._counted(month).told_by_few & {one.pk for one in self.in_scope} for month in self.compared
        ):
            notes.append(OPINIONS_OF_FEW)
        return notes

    def withheld(self, figures: Figures) -> Mapping[str, Collection[int]]:
        return {"satisfied": figures.told_by_few}

    def _settles(self, month: Month) -> datetime:
        """When no request of the month can be opened again, and no answer be mended any more."""
        hours = (desk_hours_at(council.pk, month.ends) for council in self.in_scope)
        reopened = max(due(each, month.ends, GRACE_SECONDS) or month.ends for each in hours)
        return max(reopened, month.ends + MENDED_WITHIN)

    def listed(self, figure: str, part: Mapping[str, str], of: str = "") -> Listed | None:
        """How content somebody was stands beside the notes of their request: a list says it where the reader may read
        those of all in it, and is none at all where being in it would say it."""
        listed = super().listed(figure, part, of)
        if listed is None or listed.mark or figure not in OPINIONS or self._reads_notes(listed.rows):
            return listed
        return listed._replace(said=[]) if of or figure == "answered" else listed._replace(mark=KEPT)

    def _list(
        self, shown: Shown, figure: str, of: str, month: Month | None, scope: str, part: Mapping[str, str]
    ) -> str:
        counts, councils = self.counts(month, scope), self.scopes[scope or self.scope]
        if figure == "satisfied" and not of:
            rows = counts.figures.rows(figure, [council.pk for council in councils], **part)
            if not self._reads_notes(rows):
                return ""
        return super()._list(shown, figure, of, month, scope, part)

    def _reads_notes(self, rows: QuerySet) -> bool:
        return not rows.exclude(pk__in=Ticket.objects.read_whole_by(self.person).values("pk")).exists()

    @cached_property
    def tables(self) -> list[Table]:
        by_council = [self._by_council()] if self.scope == JOINT else []
        return [
            self._at_a_glance(),
            *by_council,
            self._by_channel(),
            self._by_priority(),
            self._by_age(),
            self._by_reason(),
            self._outages(),
            self._by_supplier(),
            self._backlog(),
            *([self._uplifts()] if self._told_of_uplifts else []),
            self._entered(),
        ]

    def part_in_words(self, by: str, value: str) -> str:
        return {
            "priority": lambda: str(Priority(value).label),
            "age": lambda: f"{days(value)} old",
            "uplift": lambda: str(Uplift(value).label) if value else "priority not raised",
            "channel": lambda: str(Channel(value).label),
            "reason": lambda: str(BreachReason(value).label) if value else NOT_SAID,
            "supplier": lambda: self._suppliers[value],
        }[by]()

    @cached_property
    def _suppliers(self) -> dict[str, str]:
        """Name by key, in the order of names."""
        keys = self.counts().figures.values("supplier")
        names = dict(Team.objects.filter(pk__in=keys).values_list("pk", "name"))
        return {key: names[int(key)] for key in keys}

    def _at_a_glance(self) -> Table:
        """What has a goal of its own says so in the last column."""
        goals = {"attainment": self._goal()}
        rows = [row._replace(cells=[*row.cells, goals.get(row.code, NONE)]) for row in self._glances()]
        columns = [*self.compared_columns("Requests"), Column("goal", "Goal")]
        return Table("glance", "At a glance", columns, rows)

    def _glances(self) -> Iterable[Row]:
        yield self.total("raised", "Raised")
        yield self.total("resolved", "Resolved")
        yield self.rate("attainment", "Fixed or delivered in time", "met", "measured")
        yield self.total("reprioritised", "Late only because the priority was raised")
        yield self.rate("first_contact", "Resolved at first contact", "first_contact", "eligible")
        yield self.rate("reopened", "Opened again", "reopened", "resolved")
        yield self.rate("satisfaction", "Content: 4 or 5 of 5", "satisfied", "answered")
        yield self.mean("score", "Mean score of 5", "", mean_score, "answered", "satisfied")
        yield self.rate("response", "Said how content they were", "answered", "resolved")
        yield self.mean("mean_hours", "Working hours to resolve, mean", "hours", mean_hours, "measured")
        yield self.mean("median_hours", "Working hours to resolve, median", "hours", median_hours, "measured")
        yield self.rate("supplier", "Suppliers in time", "supplier_met", "referred")
        yield self.rate("starters", "New starters ready on their first day", "ready", "starters")
        yield self.total("backlog", "Open at the end of the month")
        yield self.total("late", "Open past its target")

    def _by_council(self) -> Table:
        columns = [
            Column("raised", "Raised"),
            Column("resolved", "Resolved"),
            *IN_TIME,
            Column("goal", "Goal"),
            Column("backlog", "Open at the end"),
            Column("late", "Open past its target"),
            Column("first_contact", "At first contact"),
            Column("reopened", "Opened again"),
            Column("satisfaction", "Content"),
            Column("mean_hours", "Hours, mean"),
            Column("median_hours", "Hours, median"),
        ]
        rows = [Row(scope, self.named(scope), self._of_council(scope)) for scope in self.scopes]
        return Table("councils", "By council", columns, rows, ("in_time",))

    def _of_council(self, scope: str) -> list[Cell]:
        return [
            *(self.cell(figure, None, scope) for figure in ("raised", "resolved", "met", "missed")),
            self.share("met", "measured", None, scope),
            self._goal(scope),
            *(self.cell(figure, None, scope) for figure in ("backlog", "late")),
            self.share("first_contact", "eligible", None, scope),
            self.share("reopened", "resolved", None, scope),
            self.share("satisfied", "answered", None, scope),
            self.worked_out(mean_hours, "hours", "measured", None, scope),
            self.worked_out(median_hours, "hours", "measured", None, scope),
        ]

    def _by_channel(self) -> Table:
        rows = [Row(value, words, self._beside("raised", channel=value)) for value, words in Channel.choices]
        heading = "Raised, by how it reached us"
        return Table(
            "channel",
            heading,
            self._now_and_before,
            [*rows, Row("all", "All", self._beside("raised"))],
            BESIDE,
        )

    def _by_priority(self) -> Table:
        columns = [
            *IN_TIME,
            Column("goal", "Goal"),
            Column("before", f"In time in {self.before.first:%B}, per cent"),
            Column("late", "Open past its target"),
        ]

        def cells(**part: str) -> list[Cell]:
            before = self.share("met", "measured", self.before, **part)
            return [*self._in_time(**part), self._goal(**part), before, self.cell("late", **part)]

        rows = [Row(value, words, cells(priority=value)) for value, words in Priority.choices]
        return Table(
            "priority", "In time, by priority", columns, [*rows, Row("all", "All", cells())], CHARTED
        )

    def _by_age(self) -> Table:
        rows = [Row(age, days(age), self._in_time(age=age)) for age in VALUES["age"]]
        heading = "In time, by the age of what was resolved"
        return Table("age", heading, IN_TIME, [*rows, Row("all", "All", self._in_time())], CHARTED)

    def _by_reason(self) -> Table:
        words = {**dict(BreachReason.choices), "": NOT_SAID}
        rows = [
            Row(value or NOTHING, text, self._beside("missed", reason=value)) for value, text in words.items()
        ]
        total = Row("all", "All", self._beside("missed"))
        return Table(
            "reason", "Late, by what was found to be the reason", self._now_and_before, [*rows, total]
        )

    def _outages(self) -> Table:
        columns = [
            Column("now", f"{self.first:%B}"),
            Column("minutes", "Minutes"),
            Column("before", f"{self.before.first:%B}"),
            Column("minutes_before", f"Minutes in {self.before.first:%B}"),
        ]

        def cells(figure: str) -> Iterable[Cell]:
            for month in (self.month, self.before):
                yield self.cell(figure, month)
                yield self.worked_out(attrgetter(f"{figure}_minutes"), "", figure, month)

        rows = [Row(value, str(value.label), list(cells(figure))) for value, figure in OUTAGES.items()]
        return Table("outages", "Critical and high incidents, and how long they lasted", columns, rows)

    def _by_supplier(self) -> Table:
        def cells(**part: str) -> list[Cell]:
            numbers = (self.cell(figure, **part) for figure in ("supplier_met", "supplier_missed"))
            return [*numbers, self.share("supplier_met", "referred", **part)]

        rows = [Row(key, name, cells(supplier=key)) for key, name in self._suppliers.items()]
        total = Row("all", "All", cells())
        return Table("supplier", "Suppliers, by what they gave back", IN_TIME, [*rows, total])

    def _backlog(self) -> Table:
        rows = [Row(age, days(age), self._beside("backlog", age=age)) for age in VALUES["age"]]
        total = Row("all", "All", self._beside("backlog"))
        heading = "Open at the end of the month, by age"
        return Table("backlog", heading, self._now_and_before, [*rows, total], BESIDE)

    @property
    def _told_of_uplifts(self) -> bool:
        """Whether the reader is told what raised priorities, of every council in it: else all would be kept back."""
        return {council.pk for council in self.in_scope} <= self.counts().uplifts

    def _uplifts(self) -> Table:
        words = {**dict(Uplift.choices), "": "Nothing: the priority of the matrix"}
        rows = [
            Row(value or NOTHING, words[value], self._in_time(uplift=value)) for value in VALUES["uplift"]
        ]
        return Table("uplift", "In time, by what raised the priority", IN_TIME, rows)

    def _entered(self) -> Table:
        """What other systems count. Where a council in it entered nothing there is no number, and it is said."""
        columns = [*self.compared_columns("Entered"), Column("source", "Source")]
        rows = [Row(kind, str(kind.label), self._of_kind(kind, words)) for kind, words in KINDS.items()]
        return Table("entered", "Entered from elsewhere", columns, rows)

    def _of_kind(self, kind: EnteredFigure.Kind, words: Words) -> list[Cell]:
        rates = [self._told(kind, month, words.part, words.whole) for month in self.compared]
        parts = [self._told(kind, self.month, figure) for figure in (words.part, words.whole)]
        now, before, year_ago = rates
        sources = "; ".join(map(self._source, self._entered_of(kind, self.month)))
        source = Cell(Shown(None), words=sources or NOT_ENTERED)
        return [now, *parts, before, change(now, before), year_ago, source]

    def _source(self, figure: EnteredFigure) -> str:
        """Who entered it, from where; of a council that the reader counts by agreement alone, only that it was."""
        said = said_of(figure) if figure.council_id in self.whole else "Entered there"
        return said if len(self.in_scope) == 1 else f"{figure.council.code}: {said}"

    def _told(self, kind: EnteredFigure.Kind, month: Month, figure: str, of: str = "") -> Cell:
        """A number, or the rate of two, where every council in it has entered one."""
        entered = {one.council_id for one in self._entered_of(kind, month)}
        missing = [council for council in self.in_scope if council.pk not in entered]
        if missing:
            some = f" for {' or '.join(one.name for one in missing)}" if entered else ""
            return Cell(Shown(None), words=f"{NOT_ENTERED}{some}")
        counts = self.counts(month)
        return Cell(counts.rate(figure, of), "percent") if of else Cell(counts.count(figure))

    def _entered_of(self, kind: EnteredFigure.Kind, month: Month) -> list[EnteredFigure]:
        keys = {council.pk for council in self.in_scope}
        return [one for one in self._counted(month).entered if one.kind == kind and one.council_id in keys]

    @property
    def _now_and_before(self) -> list[Column]:
        return [Column("now", f"{self.first:%B}"), Column("before", f"{self.before.first:%B}")]

    def _beside(self, figure: str, **part: str) -> list[Cell]:
        return [self.cell(figure, month, **part) for month in (self.month, self.before)]

    def _in_time(self, **part: str) -> list[Cell]:
        rate = self.share("met", "measured", **part)
        return [self.cell("met", **part), self.cell("missed", **part), rate]

    def _goal(self, scope: str = "", /, **part: str) -> Cell:
        return self.worked_out(
            mean_goal, "percent", "met", None, scope, "met", "missed", of="measured", **part
        )


BESIDE = ("now", "before")


def days(age: str) -> str:
    """An age in words."""
    return f"{age.replace('-', ' to ').replace('+', ' or more')} working days"
