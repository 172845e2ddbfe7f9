"""Which reports there are: settings.REPORTS names them, those of higher apps among them."""

from collections.abc import Mapping

from django.conf import settings
from django.http import Http404
from django.utils.module_loading import import_string

from servicedesk.people.access import may, require
from servicedesk.people.models import Person
from servicedesk.reports.report import Listed, Report


def kinds() -> list[type[Report]]:
    """All of them, in their order."""
    return [import_string(name) for name in settings.REPORTS]


def kinds_for(person: Person) -> list[type[Report]]:
    """Those that the person may open."""
    return [kind for kind in kinds() if all(may(person, asked) for asked in kind.asks)]


def kind_for(person: Person, code: str) -> type[Report]:
    """The report of this code. Raises Http404, or PermissionDenied."""
    for kind in kinds():
        if kind.code == code:
            for asked in kind.asks:
                require(person, asked)
            return kind
    raise Http404


def listed_in(report: Report, given: Mapping[str, str]) -> Listed | None:
    """The list that an address asks for; None where the report has no such number."""
    part = {by: given[by] for by in report.parts if by in given}
    return report.listed(given.get("figure") or next(iter(report.words)), part, given.get("of", ""))
