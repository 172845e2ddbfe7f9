"""The cover of an export: what it is, who took it out and when, what may be changed in it and how it comes back."""

from collections.abc import Iterator, Mapping
from types import SimpleNamespace
from typing import Any

from django.conf import settings
from django.http import QueryDict
from django.urls import reverse
from django.utils.text import capfirst

from servicedesk import wording
from servicedesk.lists.showing import chosen
from servicedesk.people.models import Council, Person
from servicedesk.spreadsheets.kinds import Kind
from servicedesk.spreadsheets.models import Export
from servicedesk.spreadsheets.outgoing import Outgoing


def lines(export: Export, given: Outgoing, counted: Mapping[str, int]) -> Iterator[str]:
    """The lines of the cover. `counted` are the rows by council, known once they have all been written."""
    kind, person = given.kind, given.person
    yield f"{capfirst(kind.many)} as at {wording.moment(export.wanted_at)}"
    yield f"Taken out by: {f'{person}, {person.council}' if person else 'the system'}"
    yield f"Filters: {'; '.join(filters_in_words(kind, person, export.filters)) or 'none'}"
    yield f"Rows: {_counted(counted)}"
    yield ""
    if person and not given.may_change:
        yield "These rows are for reading. You cannot bring them back."
    elif not kind.updates:
        yield f"These rows are for reading. Bringing them back changes no {kind.one} that is here already."
    else:
        yield from _how_to_bring_back(given)


def _how_to_bring_back(given: Outgoing) -> Iterator[str]:
    yield "What you can change: every column but the grey ones."
    yield f"Grey columns, which are not read back: {', '.join(each.heading for each in given.grey)}."
    if given.person and given.kind.has_council:
        yield f"Whose rows you can change: {', '.join(_names(given.may_change))}. Leave the others out."
    yield (
        "Leave the Version column as it is: by it we notice what somebody else has changed in the meantime, "
        "and ask you which is right."
    )
    yield "A blank cell leaves what is there as it is. To empty it, write (clear)."
    yield "You can sort, leave out rows and columns, and add rows. Keep the headings."
    yield (
        f"To bring it back: save the file, open {settings.BASE_URL}{reverse('spreadsheets:imports')} and upload it. "
        "You see every change before it is made."
    )


def filters_in_words(kind: Kind, person: Person | None, filters: Mapping[str, Any]) -> list[str]:
    """What narrowed the rows, as the page of the list says it."""
    if kind.filters is None or person is None:
        return [f"{capfirst(name)}: {value}" for name, value in filters.items()]
    narrowed = kind.filters(
        filters, queryset=kind.model._default_manager.none(), request=SimpleNamespace(user=person)
    )
    return [words for words, _ in chosen(narrowed.form, QueryDict())] if narrowed.is_valid() else []


def _counted(counted: Mapping[str, int]) -> str:
    parts = [f"{council} {count:,}" for council, count in sorted(counted.items()) if council]
    total = f"{sum(counted.values()):,}"
    return f"{total} ({', '.join(parts)})" if parts else total


def _names(councils: frozenset[int]) -> list[str]:
    return list(Council.objects.filter(pk__in=councils).order_by("name").values_list("name", flat=True))
