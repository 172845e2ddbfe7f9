"""Every address against everybody: what is hidden is exactly like what does not exist."""

from collections.abc import Iterable
from itertools import product

import pytest
from django.http import HttpResponse
from django.urls import reverse

from servicedesk.people.roles import ROLES
from tests.factories import a_person
from tests.sweeps.asking import (
    METHODS,
    ON_ALL_DATABASES,
    THOROUGH,
    Answer,
    ask,
    by_turns,
    content,
    everything_said,
    signed_in,
)
from tests.sweeps.marks import COUNCILS
from tests.sweeps.registry import REGISTRY, Page, Public, Row, addresses, addresses_at, entries, patterns
from tests.sweeps.world import World

pytestmark = pytest.mark.django_db
FROM_STRANGERS = {302, 401, 403}
# Pages and deeds of a row that ask for more than its sight before they say that it is there.
WITH_A_DOOR_OF_THEIR_OWN = {
    *("portal:approve", "portal:reject", "register:unlink", "tickets:breach", "people:stand_ins"),
    "api:ticket-satisfaction-satisfaction",
}
# Who reads a sealed ticket is written down.
WRITES_ITS_READERS = "tickets_sighting"
# Methods that an address takes from nobody: refused before any row is looked for, so they are asked once a process.
REFUSED: set[tuple[str, str]] = set()
# They open what those whose turn it is may not, so that each database answers it.
OPENING = ("administrator", "queue_manager", "cyber_officer", "budget_approver")
STYLES_ITSELF = "/api/v1/docs/"  # Swagger's own page; its scripts come from files as everywhere
OF_A_FILE = "sandbox; default-src 'none'"


def is_turn(council: str, role: str) -> bool:
    """Whether that person is asked thoroughly: each of those who are, of one council."""
    return role in THOROUGH and council == COUNCILS[sorted(THOROUGH).index(role) % len(COUNCILS)]


def everybody(opening: Iterable[str] = ()) -> list:
    """Each role of each council; on all databases those whose turn it is, and of the first council who opens more."""

    def is_once(council: str, role: str) -> bool:
        asked = is_turn(council, role) and role in ON_ALL_DATABASES
        return not asked and not (council == COUNCILS[0] and role in opening)

    return [
        pytest.param(*who, id="-".join(who), marks=pytest.mark.once if is_once(*who) else ())
        for who in product(COUNCILS, ROLES)
    ]


def rows_of(world: World, name: str, council: str, role: str, seen: bool) -> list:
    """The rows of the entry's kinds that the person may see there, or may not.

    For whose turn it is, all of them; for others one by turns, so that each address meets everybody, and everybody
    meets each row at some address.
    """
    entry = entries(Row)[name]
    found = [
        row
        for kind, row, may_be_seen in world.rows(council, role)
        if kind in entry.kinds and (may_be_seen and not entry.own_only) == seen
    ]
    return found if is_turn(council, role) else by_turns(name, found, list(ROLES).index(role))


def test_every_address_is_registered():
    assert sorted(set(patterns())) == sorted(REGISTRY)


@pytest.mark.parametrize(("council", "role"), everybody())
def test_hidden_row_is_like_one_that_does_not_exist(world, council, role):
    """No answer tells its own address, so one row that is nowhere stands for all, below the same row or below none.

    Whose turn it is asks for the first row of an address with every method; all else is asked for with the one that
    comes as far as the door.
    """
    client = signed_in(world.person(council, role))
    differences, wrote, leaks, bare = [], [], [], []

    def ask_nowhere(method: str, address: str) -> Answer:
        response, answer, written = ask(client, method, address)
        hidden = world.hidden_marks(council, role, everything_said(response, answer.body))
        leaks.extend((address, method, kind) for kind in hidden)
        wrote.extend((address, method, table) for table in written)
        bare.extend(faults_of_headers(address, response, shared=False))
        return answer

    for name, entry in entries(Row).items():
        missing: dict = {}
        methods = [method for method in METHODS if (name, method) not in REFUSED]
        for row in rows_of(world, name, council, role, seen=False):
            given, nowhere = entry.given(row), entry.missing(row)
            for method in methods:
                _, hidden, written = ask(client, method, reverse(name, kwargs=given))
                like = method, frozenset(given.items() & nowhere.items())
                if like not in missing:
                    missing[like] = ask_nowhere(method, reverse(name, kwargs=nowhere))
                if hidden != missing[like] or hidden.status not in (404, 405):
                    differences.append((name, row, method, hidden[:2], missing[like][:2]))
                wrote += [(name, method, table) for table in written]
                if hidden.status == 404 and not is_turn(council, role):
                    break
            REFUSED.update((name, method) for (method, _), answer in missing.items() if answer.status == 405)
            methods = [next(method for (method, _), answer in missing.items() if answer.status == 404)]
        if not missing:
            [seen, *_] = rows_of(world, name, council, role, seen=True)
            ask_nowhere("GET", reverse(name, kwargs=entry.missing(seen)))

    assert (differences, wrote, leaks, bare) == ([], [], [], [])


@pytest.mark.parametrize(("council", "role"), everybody(opening=OPENING))
def test_nothing_that_comes_back_holds_what_is_hidden_and_looking_writes_nothing(world, council, role):
    """And whatever comes back carries the headers that guard it, and is kept by no cache that others share."""
    client = signed_in(world.person(council, role))
    leaks, wrote, gone, bare = [], [], [], []
    described = ("GET", "OPTIONS") if is_turn(council, role) else ("GET",)
    for name, entry in REGISTRY.items():
        for address, there in addresses_of(world, name, council, role):
            for method in [method for method in described if (name, method) not in REFUSED]:
                response, answer, written = ask(client, method, address)
                hidden = world.hidden_marks(council, role, everything_said(response, answer.body))
                leaks += [(address, method, kind) for kind in hidden]
                wrote += [(address, method, table) for table in written if table != WRITES_ITS_READERS]
                gone += [address] if there and answer.status == 404 else []
                bare += faults_of_headers(address, response, shared=isinstance(entry, Public))
                REFUSED.update([(name, method)] if answer.status == 405 else [])

    assert (leaks, wrote, gone, bare) == ([], [], [], [])


def addresses_of(world: World, name: str, council: str, role: str) -> list[tuple[str, bool]]:
    """Where an entry lets that person look, and whether something must be there."""
    entry = REGISTRY[name]
    if not isinstance(entry, Row):
        return [(address, False) for address in addresses_at(world, name)]
    there = name not in WITH_A_DOOR_OF_THEIR_OWN
    rows = rows_of(world, name, council, role, seen=True)
    return [(reverse(name, kwargs=entry.given(row)), there) for row in rows]


def faults_of_headers(address: str, response: HttpResponse, shared: bool = True) -> list[tuple]:
    """What guards an answer in the browser and on its way, where it is missing; and what caches may share is told."""
    headers = response.headers
    policy = headers.get("Content-Security-Policy", "")
    of_a_page = (
        "default-src 'self'" in policy
        and "object-src 'none'" in policy
        and "base-uri 'none'" in policy
        and "frame-ancestors 'none'" in policy
        and ("unsafe-inline" not in policy or address == STYLES_ITSELF)
        and "unsafe-eval" not in policy
    )
    guarded = (
        (of_a_page or policy == OF_A_FILE)
        and headers.get("X-Frame-Options") == "DENY"
        and headers.get("X-Content-Type-Options") == "nosniff"
        and headers.get("Referrer-Policy") == "same-origin"
        and headers.get("Cross-Origin-Opener-Policy") == "same-origin"
        and (shared or "public" not in headers.get("Cache-Control", ""))
    )
    return [] if guarded else [(address, dict(headers))]


def test_stranger_is_shown_the_way_in_and_nothing_else(world):
    """A stranger is turned away before any row is looked for: the test below compares one that is there and one not."""
    client, open_to_all = signed_in(None), []
    asked = [reverse(name, kwargs=entry.given(world)) for name, entry in entries(Page).items()]
    asked += [
        reverse(name, kwargs=entry.given(world.sides["OCC"].rows[entry.kinds[0]]))
        for name, entry in entries(Row).items()
    ]
    for address in asked:
        for method in METHODS:
            response, answer, written = ask(client, method, address)
            refused = response.status_code in FROM_STRANGERS and not written
            leads_in = response.status_code != 302 or response["Location"].startswith("/account/login/?next=")
            if not (refused and leads_in) or faults_of_headers(address, response):
                open_to_all.append((method, address, response.status_code))

    assert open_to_all == []


def test_stranger_learns_nothing_of_a_row(world):
    client, differences = signed_in(None), []
    for name, entry in entries(Row).items():
        for row in (world.sides["OCC"].rows[kind] for kind in entry.kinds):
            answers = [
                ask(client, "GET", reverse(name, kwargs=given(row)))[1]
                for given in (entry.given, entry.missing)
            ]
            if answers[0].status != answers[1].status or answers[0].queries != answers[1].queries:
                differences.append((name, answers))

    assert differences == []


def test_public_page_says_nothing_of_any_row(world):
    client, leaks = signed_in(None), []
    for address in addresses(world, Public):
        response = client.get(address)
        leaks += [
            (address, found)
            for found in world.hidden_marks("OCC", "requester", everything_said(response, content(response)))
        ]
        assert response.status_code in (200, 302, 404), address
        assert faults_of_headers(address, response) == []

    assert leaks == []


def test_post_without_its_token_is_refused(world):
    """The token is asked for before any right, so it is asked of somebody whom no right refuses."""
    council = world.sides["OCC"].council
    client = signed_in(a_person(council, *ROLES), enforce_csrf_checks=True)
    asked = [reverse(name, kwargs=entry.given(world)) for name, entry in entries(Page | Public).items()]
    asked += [
        reverse(name, kwargs=entry.given(world.sides["OCC"].rows[entry.kinds[0]]))
        for name, entry in entries(Row).items()
    ]

    taken = {}
    for address in dict.fromkeys(asked):
        response, _, written = ask(
            client, "POST", address, data=b"", content_type="application/x-www-form-urlencoded"
        )
        if response.status_code != 403 or written:
            taken[address] = response.status_code

    assert taken == {"/api/v1/nowhere/": 404}


def test_what_is_nowhere_is_guarded_like_all_else(world):
    for person in (None, world.person("OCC", "engineer")):
        for address in ("/nowhere/", "/assets/999999/"):
            assert faults_of_headers(address, signed_in(person).get(address)) == []
