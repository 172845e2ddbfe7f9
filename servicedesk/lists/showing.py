"""What a page with a list says besides its rows: how many there are, what narrows them, where other pages are."""

from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.forms import BaseForm, Field, ModelChoiceField
from django.http import QueryDict

from servicedesk.lists.keyset import Page

MOST_COUNTED = 1000
CURSOR = "cursor"


def counted_up_to(queryset: QuerySet, most: int) -> tuple[int, bool]:
    """How many rows, counted no further than `most`, and whether there are more."""
    count = queryset.order_by()[: most + 1].count()
    return min(count, most), count > most


def capped_count(queryset: QuerySet, most: int = MOST_COUNTED) -> str:
    """How many rows, counted no further than is quick: "412", "1,000+"."""
    count, more = counted_up_to(queryset, most)
    return f"{count:,}{'+' if more else ''}"


def address(query: QueryDict, **changes: str) -> str:
    """The same list with something changed, or without it where the change is empty: `?state=new&cursor=…`."""
    changed = {**dict(query.lists()), **changes}
    return "?" + urlencode({name: value for name, value in changed.items() if value}, doseq=True)


def page_addresses(query: QueryDict, page: Page) -> tuple[str, str]:
    """The addresses of the pages before and after, each empty where there is none."""
    previous, following = (
        address(query, **{CURSOR: cursor}) if cursor else "" for cursor in (page.previous, page.next)
    )
    return previous, following


def chosen(form: BaseForm, query: QueryDict) -> list[tuple[str, str]]:
    """What narrows the list now, in words, each with the address of the list without it."""
    given = {name: value for name, value in form.cleaned_data.items() if value not in (None, "", False)}
    return [
        (_words(form.fields[name], value), address(query, **{name: "", CURSOR: ""}))
        for name, value in given.items()
    ]


def _words(field: Field, value: Any) -> str:
    if value is True:
        return str(field.label)
    if isinstance(field, ModelChoiceField):
        return f"{field.label}: {field.label_from_instance(value)}"
    return f"{field.label}: {dict(getattr(field, 'choices', ())).get(value, value)}"
