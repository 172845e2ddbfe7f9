"""Lists ask the database as often for many rows as for few, and answer whatever is put into their addresses."""

from collections.abc import Callable

import pytest
from django.http import QueryDict
from django.urls import reverse

from tests.factories import a_person
from tests.sweeps.asking import ask, signed_in
from tests.sweeps.registry import Page, addresses, entries
from tests.sweeps.world import World, grow

pytestmark = pytest.mark.django_db
ROLES = ["engineer", *(pytest.param(role, marks=pytest.mark.once) for role in ("asset_manager", "someone"))]
# Pages of one row that list others: what was said, what happened, what it is about.
FULL_PAGES = [
    "tickets:ticket",
    "portal:request",
    "register:asset",
    "api:ticket-comments",
    "api:ticket-history",
    "api:asset-history",
    "api:asset-tickets",
]

HOSTILE_VALUES = [
    "",
    "0",
    "-1",
    "99999999999999999999",
    "1.5",
    "true",
    "canary",
    "'",
    '"',
    "\\",
    "%00",
    "%",
    "_",
    "*",
    "(",
    '"canary',
    "canary AND OR NOT NEAR(",
    "password",
    "-password",
    "user__password__startswith",
    "council__people__password",
    "_connector",
    "%F0%9F%92%A9",
    "%ED%A0%80",
    "%FF",
    "2026-02-30",
    "OCC&council=CDC",
    "x" * 3000,
]
# What a key, a number or a choice is not; every parameter gets these, and what is searched for all of the above.
ODD_VALUES = ["%00", "99999999999999999999", "-1", "%ED%A0%80"]
WORDED = ("q",)
PARAMETERS = [
    "q",
    "search",
    "cursor",
    "ordering",
    "page_size",
    "limit",
    "format",
    "council",
    "state",
    "team",
    "service",
    "priority",
    "mine",
    "my_teams",
    "own",
    "unassigned",
    "breached",
    "category",
    "site",
    "holder",
    "model",
    "manufacturer",
    "asset_tag",
    "serial_number",
    "type",
    "due_today",
    "customer_replied",
    "evidence_missing",
    "when",
    "kind",
    "action",
    "requester__password",
    "_connector",
]
FIGURE = ["month", "council", "figure", "priority", "age", "uplift", "channel", "reason", "supplier"]
# What these pages read with code of their own gets every value; lists of either kind read a cursor as these do.
READ_AS_TEXT = {
    *("cursor", "day", "month", "page", "token", "figure", "field", "columns", "missing", "problem"),
    *("asset", "first", "sheet"),
}
# Pages that are no lists, and what their addresses may say besides.
SAYING = {
    "/help/": ["asset", "token", "kind", "service", "sensitivity"],
    "/assets/new/": ["council"],
    "/imports/{import}/": ["action", "problem", "field", "missing", "cursor", "columns"],
    "/imports/{import}/values/": ["field", "page"],
    "/assets/loans/": ["overdue", "cursor"],
    "/assets/transfers/": ["cursor"],
    "/assets/write-offs/": ["cursor"],
    "/assets/labels/": ["asset", "sheet", "first", "category", "site"],
    "/api/v1/assets/labels/": ["asset", "sheet", "first", "category", "site"],
    "/assets/as-at/": ["day", "council", "category", "state", "site", "page"],
    "/api/v1/assets/as-at/": ["day", "council", "category", "state", "site", "page"],
    "/reports/service/": ["month", "council"],
    "/reports/service/list/": [*FIGURE, "of", "cursor"],
    "/api/v1/reports/service/": ["month", "council"],
    "/api/v1/reports/equipment/": ["month", "council"],
    "/api/v1/reports/equipment/list/": ["month", "council", "figure", "of", "category", "cursor", "ordering"],
    "/api/v1/reports/service/list/": [*FIGURE, "of", "cursor", "ordering"],
    "/api/v1/imports/{import}/rows/": ["action", "cursor", "ordering"],
    "/api/v1/tickets/{shared}/comments/": ["cursor", "ordering"],
    "/api/v1/assets/{asset}/tickets/": ["cursor", "ordering"],
}
SENTENCES = {200, 302, 400, 403, 404, 422}


def lists() -> dict[str, Page]:
    return {name: page for name, page in entries(Page).items() if page.queries != ("",)}


def queries_of(client, pages: list[str]) -> dict[str, tuple[int, int]]:
    """Status and number of queries of each page."""
    answers = {page: ask(client, "GET", page)[1] for page in pages}
    return {page: (answer.status, answer.queries) for page, answer in answers.items()}


@pytest.mark.parametrize("role", ROLES)
def test_more_rows_cost_no_more_queries(world, role):
    """Every page is asked once before it counts, so that all that is remembered is; who is not let in sees no rows."""
    client = signed_in(world.person("OCC", role))
    pages = addresses(world, Page)
    pages += [reverse(name, kwargs=entries_of(name).given(_row(world, name))) for name in FULL_PAGES]
    pages = [page for page in pages if client.get(page).status_code == 200]

    few = queries_of(client, pages)
    grow(world)
    many = queries_of(client, pages)

    assert pages
    assert {page: (few[page], many[page]) for page in pages if few[page] != many[page]} == {}


def entries_of(name: str):
    return {**entries(Page), **entries(object)}[name]


def _row(world: World, name: str):
    return world.sides["OCC"].rows["asset" if "asset" in name else "shared"]


@pytest.fixture
def read(monkeypatch) -> set[str]:
    """The names that pages look for in their addresses, from now on."""
    names: set[str] = set()

    def noting(look: Callable) -> Callable:
        def noted(query: QueryDict, name: str, *more, **given):
            # While an address is taken apart, it is put into a dictionary that still changes.
            names.update([name] if not (look.__name__ == "__contains__" and query._mutable) else [])
            return look(query, name, *more, **given)

        return noted

    for look in (QueryDict.__getitem__, QueryDict.__contains__, QueryDict.getlist):
        monkeypatch.setattr(QueryDict, look.__name__, noting(look))
    return names


@pytest.mark.parametrize("name", [name for name, page in lists().items()])
def test_list_answers_whatever_its_address_holds(world, name, read):
    """What a list never looks for by name it can only meet as one of many: those stand in one address together."""
    client = signed_in(world.person("OCC", "asset_manager"))
    page = reverse(name, kwargs=lists()[name].given(world))
    odd = {}

    def say(query: str) -> None:
        response, answer, _ = ask(client, "GET", f"{page}?{query}")
        hidden = world.hidden_marks("OCC", "asset_manager", answer.body.decode())
        if response.status_code not in SENTENCES or hidden:
            odd[query[:40]] = (response.status_code, hidden)

    say("")
    for value in ODD_VALUES:
        say("&".join(f"{parameter}={value}" for parameter in PARAMETERS if parameter not in read))
    asked: set[str] = set()
    while looked_for := read.intersection(PARAMETERS) - asked:
        parameter = min(looked_for)
        asked.add(parameter)
        for value in HOSTILE_VALUES if parameter in WORDED else ODD_VALUES:
            say(f"{parameter}={value}")

    assert odd == {}


@pytest.mark.parametrize(("page", "parameters"), SAYING.items())
def test_page_answers_whatever_its_address_holds(world, page, parameters):
    rows = world.sides["OCC"].rows
    keys = {"import": rows["import"].pk, "asset": rows["asset"].pk, "shared": rows["shared"].reference}
    client = signed_in(a_person(world.sides["OCC"].council, "asset_manager", "engineer", "queue_manager"))

    answers = {
        (parameter, value): client.get(f"{page.format(**keys)}?{parameter}={value}").status_code
        for parameter in parameters
        for value in (HOSTILE_VALUES if parameter in READ_AS_TEXT else ODD_VALUES + [""])
    }

    assert {asked: status for asked, status in answers.items() if status not in SENTENCES} == {}
    assert 200 in answers.values()


PLACES = ["tickets", "requests", "assets", "jobs", "imports", "exports"]
PLACES += ["api/v1/tickets", "api/v1/assets", "api/v1/people", "api/v1/imports"]
TAILS = [
    "%00",
    "%FF",
    "INC-2026-%00",
    "..%2f..%2fetc",
    "x" * 2000,
    "%E2%80%AE",
    "-1",
    "0",
    "9" * 18,
    "9" * 30,
]


@pytest.mark.parametrize("place", PLACES)
def test_address_that_no_row_can_have_is_not_found(world, place):
    client = signed_in(world.person("OCC", "asset_manager"))
    answers = {tail[:30]: client.get(f"/{place}/{tail}/").status_code for tail in TAILS}

    assert {tail: status for tail, status in answers.items() if status not in (400, 404)} == {}
