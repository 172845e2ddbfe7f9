"""What is looked after in one way: listed, added, changed, archived and brought back."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, QuerySet

from servicedesk.administration.archiving import archive, bring_back
from servicedesk.administration.forms import (
    CouncilForm,
    DepartmentForm,
    RowForm,
    ServiceForm,
    SiteForm,
    TeamForm,
)
from servicedesk.catalogue.models import Service
from servicedesk.people.access import councils_of
from servicedesk.people.models import Council, Department, Person, Site, Team
from servicedesk.people.organising import add_council, add_place, add_team, change
from servicedesk.people.roles import Permission
from servicedesk.tickets.bringing import add_service
from servicedesk.tickets.sealing import change_service

Column = tuple[str, Callable[[Any], Any]]


@dataclass(frozen=True)
class Noun:
    """A kind of row: its words, its form, what a list shows beside the name, and the functions that write it."""

    one: str
    many: str
    model: type[Model]
    form: type[RowForm]
    columns: tuple[Column, ...]
    add: Callable[..., Any]
    page: str
    change: Callable[..., Any] = change
    archive: Callable[..., Any] = archive
    bring_back: Callable[..., Any] = bring_back
    related: tuple[str, ...] = ()

    @property
    def pages(self) -> str:
        """The name of the page that lists them."""
        return f"administration:{self.page}s"

    def administered_by(self, person: Person) -> QuerySet:
        """Those that the person looks after."""
        administered = councils_of(person, Permission.ADMINISTER)
        rows = self.model.objects.visible_to(person)  # type: ignore[attr-defined]
        if self.model is Council:
            return rows.filter(pk__in=administered)
        if self.model in (Site, Department):
            return rows.filter(council__in=administered).select_related(*self.related)
        mine = self.model.objects.filter(councils__in=administered).values("pk")  # type: ignore[attr-defined]
        return rows.filter(pk__in=mine).select_related(*self.related).prefetch_related("councils")


def _councils(row: Any) -> str:
    return ", ".join(council.code for council in row.councils.all())


def _add_team(row: Team, *, by: Person, councils: list[Council]) -> Team:
    return add_team(row, councils, by=by)


NOUNS = (
    Noun(
        "council",
        "Councils",
        Council,
        CouncilForm,
        (("Code", lambda row: row.code), ("Telephone", lambda row: row.desk_phone)),
        add_council,
        "council",
    ),
    Noun(
        "site",
        "Sites",
        Site,
        SiteForm,
        (("Council", lambda row: row.council.code), ("Kind", lambda row: row.get_kind_display())),
        add_place,
        "site",
        related=("council",),
    ),
    Noun(
        "department",
        "Departments",
        Department,
        DepartmentForm,
        (("Council", lambda row: row.council.code), ("Cost centre", lambda row: row.cost_centre)),
        add_place,
        "department",
        related=("council",),
    ),
    Noun(
        "team",
        "Teams",
        Team,
        TeamForm,
        (("Kind", lambda row: row.get_kind_display()), ("Councils", _councils)),
        _add_team,
        "team",
    ),
    Noun(
        "service",
        "Services",
        Service,
        ServiceForm,
        (("Team", lambda row: row.support_team), ("Councils", _councils)),
        lambda row, **given: add_service(row, given.pop("councils"), given.pop("agreements"), **given),
        "service",
        change=change_service,
        related=("support_team",),
    ),
)
COUNCIL, SITE, DEPARTMENT, TEAM, SERVICE = NOUNS
