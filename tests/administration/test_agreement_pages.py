"""Agreements between councils: proposed by one, agreed to by each, ended by any, and what the pages say of them."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from servicedesk.history.models import Change
from servicedesk.people.access import councils_of
from servicedesk.people.agreements import agree_for
from servicedesk.people.agreements import propose as proposed
from servicedesk.people.models import Agreement, Person
from servicedesk.people.roles import Permission
from servicedesk.service_levels.keeping import save_level
from servicedesk.service_levels.models import ServiceLevel
from tests.factories import a_council_alone, a_grant, a_person, a_service, a_team, an_agreement, an_engineer

pytestmark = pytest.mark.django_db


@pytest.fixture
def county():
    return a_council_alone("OCC")


@pytest.fixture
def district():
    return a_council_alone("CDC")


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def body(response) -> str:
    return " ".join(response.content.decode().split())


def reached(person: Person) -> set[int]:
    return set(councils_of(Person.objects.get(pk=person.pk), Permission.SEE_SHARED_TICKETS))


def propose(client: Client, *councils, **sent):
    data = {"name": "Shared desk", "kind": "joint", "councils": [council.pk for council in councils], **sent}
    return client.post("/admin/agreements/new/", data, follow=True)


def test_holds_once_an_administrator_of_each_council_has_agreed(county, district):
    ours, theirs = (signed_in(a_person(council, "administrator")) for council in (county, district))
    engineer = an_engineer(county)

    assert "Waits for Cherwell District Council" in body(propose(ours, county, district))
    agreement = Agreement.objects.get()
    assert reached(engineer) == {county.pk}
    assert ours.post(f"/admin/agreements/{agreement.pk}/agree/{district.pk}/").status_code == 403
    assert "Agree for Cherwell District Council" in body(theirs.get(f"/admin/agreements/{agreement.pk}/"))

    theirs.post(f"/admin/agreements/{agreement.pk}/agree/{district.pk}/")

    assert reached(engineer) == {county.pk, district.pk}
    changes = Change.objects.filter(kind="people.agreement").order_by("id")
    assert [change.fields.get("awaiting") for change in changes] == [
        [[], [district.pk], "", "Cherwell District Council"],
        [[district.pk], [], "Cherwell District Council", ""],
    ]


def test_begins_when_the_last_has_agreed_so_nothing_is_promised_backwards(county, district):
    monday, friday = (datetime(2026, 11, day, 9, tzinfo=UTC) for day in (23, 27))
    admins = [a_person(council, "administrator") for council in (county, district)]
    later = friday + timedelta(days=9)
    begun = []
    for name, starts_at in (("Soon", monday), ("Later", later)):
        agreement = Agreement(name=name, kind="joint", starts_at=starts_at)
        agreement = proposed(agreement, [county, district], by=admins[0], now=monday)
        begun.append(agree_for(agreement, district, by=admins[1], now=friday).starts_at)

    assert begun == [friday, later]


def test_who_administers_all_of_its_councils_agrees_for_all(county, district):
    nadia = a_person(county, "administrator")
    a_grant(nadia, "administrator", district)

    assert "In force" in body(propose(signed_in(nadia), county, district))


def test_with_two_administrators_who_proposed_it_is_not_asked_to_agree(county, district, settings):
    settings.GRANTS_NEED_SECOND_ADMINISTRATOR = True
    nadia, sam = (a_person(county, "administrator") for _ in range(2))
    propose(signed_in(nadia), county, district)
    page = f"/admin/agreements/{Agreement.objects.get().pk}/"

    offered = [
        "Agree for Oxfordshire County Council" in body(signed_in(one).get(page)) for one in (nadia, sam)
    ]
    assert offered == [False, True]


def test_nobody_proposes_one_between_others(county, district):
    client = signed_in(a_person(a_council_alone("WODC"), "administrator"))

    assert propose(client, county, district).status_code == 403
    assert Agreement.objects.count() == 0


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"kind": "host"}, "Choose who provides for the others"),
        ({"councils": []}, "Select who takes part"),
        ({"name": ""}, "Enter the name"),
        ({"begins": "31/2/2030"}, "First day must be a real date"),
    ],
)
def test_what_cannot_be_is_refused_in_words(county, district, sent, words):
    response = propose(signed_in(a_person(county, "administrator")), county, district, **sent)

    assert response.status_code == 422
    assert words in body(response)


def test_one_council_alone_agrees_with_nobody(county):
    response = propose(signed_in(a_person(county, "administrator")), county)

    assert "Choose at least two councils" in body(response)


def test_host_takes_part_whether_ticked_or_not(county, district):
    propose(signed_in(a_person(county, "administrator")), district, kind="host", provider=county.pk)

    assert set(Agreement.objects.get().councils.all()) == {county, district}


def test_any_of_its_councils_ends_it_from_the_next_click(county, district):
    agreement = an_agreement("Joint", county, district)
    engineer = an_engineer(county)
    theirs = signed_in(a_person(district, "administrator"))
    outsider = signed_in(a_person(a_council_alone("WODC"), "administrator"))

    assert outsider.post(f"/admin/agreements/{agreement.pk}/end/", {"version": 1}).status_code == 403
    assert theirs.post(f"/admin/agreements/{agreement.pk}/end/", {"version": 7}).status_code == 409
    theirs.post(f"/admin/agreements/{agreement.pk}/end/", {"version": 1})

    assert reached(engineer) == {county.pk}


def test_ends_at_the_end_of_a_day(county, district):
    agreement = an_agreement("Joint", county, district)
    client = signed_in(a_person(county, "administrator"))

    client.post(f"/admin/agreements/{agreement.pk}/end/", {"ends": "30/6/2030", "version": 1})

    agreement.refresh_from_db()
    assert agreement.ends_at == datetime(2030, 6, 30, 23, tzinfo=UTC)
    assert len(reached(an_engineer(county))) == 2


def test_page_shows_its_services_and_its_targets(county, district):
    agreement = an_agreement("Hosted", district, provider=county)
    service = a_service("Payroll", a_team("Host desk", county))
    service.councils.set([county])
    service.agreements.add(agreement)
    for target, seconds in ((agreement, 7200), (None, 3600)):
        ServiceLevel.objects.create(
            ticket_type="incident",
            priority="P3",
            metric="resolution",
            council=district,
            agreement=target,
            target_seconds=seconds,
        )

    alone, both = (a_person(county, "administrator") for _ in range(2))
    a_grant(both, "administrator", district)
    save_level(agreement.service_levels.get(), by=both, version=1, goal_percent=80)
    page, of_one = (body(signed_in(one).get(f"/admin/agreements/{agreement.pk}/")) for one in (both, alone))

    assert "Payroll, by Host desk" in page
    assert f"{agreement.service_levels.get()}: changed" in page
    assert "Promised to Cherwell District Council." in page
    assert "2 h" in page
    assert "1 h" not in page
    offered = f"/admin/service-levels/new/?agreement={agreement.pk}"
    assert (offered in page, offered in of_one) == (True, False)
    assert "Who administers all councils of an agreement sets its targets" in of_one


def test_service_is_brought_to_the_customers_by_its_own_page(county, district):
    agreement = an_agreement("Hosted", district, provider=county)
    team = a_team("Host desk", county)
    client = signed_in(a_person(county, "administrator"))
    sent = {
        "name": "Payroll",
        "support_team": team.pk,
        "councils": [county.pk],
        "agreements": [agreement.pk],
        "criticality": 3,
        "sharing": "shared",
    }
    staff = signed_in(a_person(district, "requester"))
    assert "Payroll" not in body(staff.get("/help/"))

    client.post("/admin/services/new/", sent)

    assert "Payroll" in body(staff.get("/help/"))


def test_service_is_not_taken_out_of_an_agreement_that_has_targets(county, district):
    agreement = an_agreement("Hosted", district, provider=county)
    service = a_service("Payroll", a_team("Host desk", county))
    service.councils.set([county])
    service.agreements.add(agreement)
    ServiceLevel.objects.create(
        agreement=agreement, ticket_type="incident", priority="P3", metric="resolution", target_seconds=60
    )
    client = signed_in(a_person(county, "administrator"))
    sent = {
        "name": "Payroll",
        "support_team": service.support_team.pk,
        "councils": [county.pk],
        "criticality": 3,
        "sharing": "shared",
        "version": 1,
    }

    page = client.post(f"/admin/services/{service.pk}/", sent)
    answer = client.patch(
        f"/api/v1/services/{service.pk}/", {"agreements": [], "version": 1}, content_type="application/json"
    )

    assert (page.status_code, answer.status_code) == (422, 400)
    for said in (body(page), body(answer)):
        assert "Hosted has targets" in said
    assert list(agreement.services.all()) == [service]


def test_is_read_by_administrators_alone(county, district):
    agreement = an_agreement("Joint", county, district)

    assert signed_in(an_engineer(county)).get(f"/admin/agreements/{agreement.pk}/").status_code == 404
