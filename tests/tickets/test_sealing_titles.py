"""Titles of private requests in lists and searches: that they were read is written down too."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from servicedesk.people.models import Person
from servicedesk.tickets.linking import adopt
from servicedesk.tickets.merging import merge
from servicedesk.tickets.models import Sighting, Ticket
from servicedesk.tickets.raising import raise_ticket
from servicedesk.tickets.tasking import add_task
from tests.factories import a_case_group, a_council, a_person, a_requester, a_team, an_engineer

pytestmark = [pytest.mark.django_db, pytest.mark.once]


class Desk:
    """Hana and Ida of the case group, Cy who answers for cyber security, and Ben who asks."""

    def __init__(self) -> None:
        council = a_council("OCC")
        a_team("Desk")
        self.hana, self.ida = (an_engineer(council, name=name) for name in ("Hana", "Ida"))
        self.cy = a_person(council, "cyber_officer", name="Cy")
        self.ben = a_requester(council, name="Ben")
        a_case_group("hr", council, self.hana, self.ida)
        a_case_group("cyber", council)
        self.plain = self.raised(type="incident")
        self.hr, self.other = (self.raised(type="request", sensitivity="hr") for _ in range(2))
        self.cyber = self.raised(type="security")

    def raised(self, **fields) -> Ticket:
        return raise_ticket(by=self.ben, requester=self.ben, title="A quarrel", **fields)


@pytest.fixture
def desk():
    return Desk()


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def read() -> set[tuple[str, int, str]]:
    return set(Sighting.objects.values_list("person__display_name", "ticket", "how"))


@pytest.mark.parametrize(
    "address, how",
    [
        ("/queue/", "list"),
        ("/search/?q=quarrel", "search"),
        ("/api/v1/tickets/", "list"),
        ("/tickets/{desk.plain}/", "list"),
        ("/api/v1/tickets/{desk.plain}/similar/", "list"),
        ("/tickets/{desk.plain}/links/?q=quarrel", "search"),
        ("/tickets/{desk.plain}/merge/?q=quarrel", "search"),
        ("/queue/log/caller/?caller={desk.ben.pk}", "list"),
    ],
)
def test_who_is_shown_titles_has_read_them(desk, address, how):
    assert signed_in(desk.hana).get(address.format(desk=desk)).status_code == 200

    assert read() == {("Hana", desk.hr.pk, how), ("Hana", desk.other.pk, how)}


def test_who_is_shown_the_title_beside_a_task_has_read_it(desk):
    add_task(desk.hr, by=desk.hana, title="Ring her", team=desk.hr.case_group, assignee=desk.hana)

    signed_in(desk.hana).get("/tasks/")

    assert read() == {("Hana", desk.hr.pk, "list")}


def test_card_of_the_officer_shows_titles_too(desk):
    signed_in(desk.cy).get("/")

    assert ("Cy", desk.cyber.pk, "list") in read()


def test_who_sees_what_a_request_is_tied_to_has_read_its_title(desk):
    adopt(desk.hr, desk.other, by=desk.hana)
    signed_in(desk.ida).get(f"/tickets/{desk.hr}/")

    assert read() == {("Ida", desk.hr.pk, "page"), ("Ida", desk.other.pk, "list")}


def test_who_reads_what_was_merged_has_read_what_went_into_it(desk):
    merge(desk.other, desk.hr, by=desk.hana)
    signed_in(desk.ida).get(f"/tickets/{desk.hr}/")

    assert read() == {("Ida", desk.hr.pk, "page"), ("Ida", desk.other.pk, "page")}


def test_whoever_sees_no_sealed_request_reads_none_of_their_titles(desk):
    asha = an_engineer(desk.hana.council)
    for address in (f"/tickets/{desk.plain}/", f"/tickets/{desk.plain}/merge/?q=quarrel"):
        signed_in(asha).get(address)

    assert read() == set()


def test_titles_are_written_down_once_an_hour_of_each(desk):
    for person in (desk.hana, desk.hana, desk.ida):
        signed_in(person).get("/queue/")

    assert Sighting.objects.count() == 4


def test_narrowed_list_tells_of_what_it_shows_alone(desk):
    signed_in(desk.hana).get(f"/queue/?q={desk.hr}")

    assert read() == {("Hana", desk.hr.pk, "list")}


def test_page_without_sealed_titles_asks_and_writes_nothing_more(desk):
    with CaptureQueriesContext(
        connection,
    ) as asked:
        signed_in(an_engineer(desk.hana.council)).get("/queue/")

    assert read() == set()
    assert [query["sql"] for query in asked if "sighting" in query["sql"]] == []


def test_case_group_reads_who_was_shown_the_title(desk):
    signed_in(desk.ida).get("/queue/")

    page = signed_in(desk.hana).get(f"/tickets/{desk.hr}/").content.decode()

    assert "Ida: its title in a list" in page
