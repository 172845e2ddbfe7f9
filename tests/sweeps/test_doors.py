"""Every address against everybody: what is hidden is exactly like what does not exist."""

import pytest
from django.db import connection
from django.urls import reverse

from servicedesk.people.roles import ROLES
from tests.sweeps.asking import METHODS, ask, content, everything_said, signed_in
from tests.sweeps.marks import COUNCILS
from tests.sweeps.registry import REGISTRY, Page, Public, Row, addresses, entries, patterns
from tests.sweeps.world import World

pytestmark = pytest.mark.django_db
EVERYBODY = [pytest.param(council, role, id=f"{council}-{role}") for council in COUNCILS for role in ROLES]
# These ask with every method that an address takes, the others with the first that comes as far as the door.
THOROUGH = {"requester", "engineer", "asset_manager", "administrator"}
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
STYLES_ITSELF = "/api/v1/docs/"  # Swagger's own page; its scripts come from files as everywhere


def rows_of(world: World, entry: Row, council: str, role: str):
    """Each row of the entry's kinds, and whether the person may see it there."""
    for kind, row, seen in world.rows(council, role):
        if kind in entry.kinds:
            yield kind, row, seen and not entry.own_only


def test_every_address_is_registered():
    assert sorted(set(patterns())) == sorted(REGISTRY)


@pytest.fixture
def as_everybody(role):
    """The rules of sight are one piece of code for both databases, so only one of them is asked as every role."""
    if connection.vendor != "sqlite" and role not in THOROUGH:
        pytest.skip("asked as this role on SQLite")


@pytest.mark.usefixtures("as_everybody")
@pytest.mark.parametrize(("council", "role"), EVERYBODY)
def test_hidden_row_is_like_one_that_does_not_exist(world, council, role):
    client = signed_in(world.person(council, role))
    differences, wrote = [], []
    for name, entry in entries(Row).items():
        answers: dict = {}
        methods = [method for method in METHODS if (name, method) not in REFUSED]
        for row in [row for _, row, seen in rows_of(world, entry, council, role) if not seen]:
            nowhere = reverse(name, kwargs=entry.missing(row))
            for method in methods:
                _, hidden, written = ask(client, method, reverse(name, kwargs=entry.given(row)))
                if (method, nowhere) not in answers:
                    answers[method, nowhere] = ask(client, method, nowhere)[1]
                missing = answers[method, nowhere]
                if hidden != missing or hidden.status not in (404, 405):
                    differences.append((name, row, method, hidden[:2], missing[:2]))
                wrote += [(name, method, table) for table in written]
                if hidden.status == 404 and role not in THOROUGH:
                    break
            # Against the others only the one that comes as far as the door.
            REFUSED.update((name, method) for (method, _), answer in answers.items() if answer.status == 405)
            methods = [next(method for (method, _), answer in answers.items() if answer.status == 404)]

    assert (differences, wrote) == ([], [])


@pytest.mark.usefixtures("as_everybody")
@pytest.mark.parametrize(("council", "role"), EVERYBODY)
def test_nothing_that_comes_back_holds_what_is_hidden_and_looking_writes_nothing(world, council, role):
    client = signed_in(world.person(council, role))
    asked = dict.fromkeys(addresses(world, Public) + addresses(world, Page), False)
    for name, entry in entries(Row).items():
        rows = list(rows_of(world, entry, council, role))
        # A row that is hidden answers as one that is nowhere, as the test above holds.
        asked[reverse(name, kwargs=entry.missing(rows[0][1]))] = False
        for _, row, seen in rows:
            if seen:
                asked[reverse(name, kwargs=entry.given(row))] = name not in WITH_A_DOOR_OF_THEIR_OWN
    leaks, wrote, gone = [], [], []
    for address, there in asked.items():
        described = role in THOROUGH and address.startswith("/api/")
        for method in ("GET", "OPTIONS") if described else ("GET",):
            response, answer, written = ask(client, method, address)
            hidden = world.hidden_marks(council, role, everything_said(response, answer.body))
            leaks += [(address, method, kind) for kind in hidden]
            wrote += [(address, method, table) for table in written if table != WRITES_ITS_READERS]
            gone += [address] if there and answer.status == 404 else []

    assert (leaks, wrote, gone) == ([], [], [])


def test_stranger_is_shown_the_way_in_and_nothing_else(world):
    client, open_to_all = signed_in(None), []
    asked = [(address, None) for address in addresses(world, Page)]
    for name, entry in entries(Row).items():
        asked += [
            (reverse(name, kwargs=given(row)), None)
            for given in (entry.given, entry.missing)
            for row in [world.sides["OCC"].rows[entry.kinds[0]]]
        ]
    for address, _ in asked:
        for method in METHODS:
            response, answer, written = ask(client, method, address)
            refused = response.status_code in FROM_STRANGERS and not written
            leads_in = response.status_code != 302 or response["Location"].startswith("/account/login/?next=")
            if not (refused and leads_in):
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

    assert leaks == []


@pytest.mark.parametrize("role", ["engineer", "asset_manager", "requester"])
def test_post_without_its_token_is_refused(world, role):
    client = signed_in(world.person("OCC", role), enforce_csrf_checks=True)
    rows = [
        reverse(name, kwargs=entry.given(world.sides["OCC"].rows[entry.kinds[0]]))
        for name, entry in entries(Row).items()
    ]
    plain = [address.partition("?")[0] for address in addresses(world, Page) + addresses(world, Public)]

    taken = {}
    for address in dict.fromkeys(rows + plain):
        response, _, written = ask(
            client, "POST", address, data=b"", content_type="application/x-www-form-urlencoded"
        )
        if response.status_code != 403 or written:
            taken[address] = response.status_code

    assert taken == {"/api/v1/nowhere/": 404}


@pytest.mark.parametrize("role", [None, "requester", "engineer", "asset_manager"])
def test_every_answer_carries_the_headers_that_guard_it(world, role):
    client = signed_in(role and world.person("OCC", role))
    asked = addresses(world, Public) + addresses(world, Page) + ["/nowhere/", "/assets/999999/"]
    bare = []
    for address in asked:
        headers = client.get(address).headers
        policy = headers.get("Content-Security-Policy", "")
        guarded = (
            headers.get("X-Frame-Options") == "DENY"
            and headers.get("X-Content-Type-Options") == "nosniff"
            and headers.get("Referrer-Policy") == "same-origin"
            and headers.get("Cross-Origin-Opener-Policy") == "same-origin"
            and "default-src 'self'" in policy
            and "object-src 'none'" in policy
            and "base-uri 'none'" in policy
            and "frame-ancestors 'none'" in policy
            and ("unsafe-inline" not in policy or address == STYLES_ITSELF)
            and "unsafe-eval" not in policy
        )
        if not guarded:
            bare.append((address, dict(headers)))

    assert bare == []


@pytest.mark.parametrize("role", ["requester", "engineer", "asset_manager"])
def test_page_of_a_person_is_kept_by_no_cache_that_others_share(world, role):
    client = signed_in(world.person("OCC", role))

    shared = [
        address
        for address in addresses(world, Page)
        if "public" in client.get(address).headers.get("Cache-Control", "")
    ]
    assert shared == []
