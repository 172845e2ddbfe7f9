"""What administrators write of councils, sites, teams, people, roles and services by the API, and nobody else."""

import pytest

from servicedesk.catalogue.models import Service
from servicedesk.jobs.models import Job
from servicedesk.people.models import Council, Person, Site, Team
from tests.api.calling import as_person, named
from tests.factories import a_case_group, a_council, a_person, a_service, a_site, a_team, an_engineer

pytestmark = pytest.mark.django_db


@pytest.fixture
def county():
    return a_council("OCC")


@pytest.fixture
def district():
    return a_council("CDC")


@pytest.fixture
def nadia(county):
    return a_person(county, "administrator", name="Nadia")


def ask(person, method: str, path: str, body=None):
    answer = as_person(person).ask(method, path, body)
    return answer.status_code, answer.json()


def test_council_is_added_and_its_adder_administers_it(nadia):
    status, body = ask(nadia, "POST", "councils/", {"code": "WODC", "name": "West Oxfordshire"})

    assert (status, body["code"], body["version"]) == (201, "WODC", 1)
    assert Council.objects.get(code="WODC").grants.get().person == nadia


def test_site_is_added_changed_archived_and_brought_back(nadia, county):
    status, site = ask(nadia, "POST", "sites/", {"council": "OCC", "name": "County Hall", "kind": "office"})
    assert (status, site["council"], site["name"]) == (201, "OCC", "County Hall")
    path = f"sites/{site['id']}/"

    assert ask(nadia, "PATCH", path, {"postcode": "OX1 1ND", "version": 1})[0] == 200
    status, stale = ask(nadia, "PATCH", path, {"postcode": "OX2", "version": 1})
    assert (status, stale["current"]["postcode"]) == (409, "OX1 1ND")
    assert ask(nadia, "POST", f"{path}archive/", {"version": 2})[0] == 200
    assert Site.objects.get().archived_at is not None
    assert ask(nadia, "POST", f"{path}bring-back/", {"version": 3})[0] == 200
    assert Site.objects.get().archived_at is None


def test_site_of_another_council_is_refused(nadia, district):
    status, body = ask(nadia, "POST", "sites/", {"council": "CDC", "name": "Bodicote", "kind": "office"})

    assert (status, list(body["errors"])) == (400, ["council"])


def test_team_and_service_are_added_and_changed(nadia, county, district):
    status, team = ask(nadia, "POST", "teams/", {"name": "Desk", "kind": "in_house", "councils": ["OCC"]})
    assert status == 201
    sent = {"name": "Payroll", "support_team": team["id"], "councils": ["OCC", "CDC"], "agreements": []}
    status, service = ask(nadia, "POST", "services/", sent)
    assert (status, service["councils"]) == (201, ["CDC", "OCC"])

    status, body = ask(nadia, "PATCH", f"services/{service['id']}/", {"councils": ["OCC"], "version": 1})

    assert (status, body["councils"], body["version"]) == (200, ["OCC"], 2)
    assert (Team.objects.count(), Service.objects.count()) == (1, 1)


def test_person_is_invited_given_a_role_and_switched_off(nadia, county):
    sent = {"council": "OCC", "display_name": "Grace Hall", "email": "grace@occ.example"}
    status, grace = ask(nadia, "POST", "people/", sent)
    assert (status, grace["payroll_number"], Job.objects.count()) == (201, "", 1)
    path = f"people/{grace['id']}/"

    status, role = ask(nadia, "POST", f"{path}roles/", {"role": "engineer", "council": "OCC"})
    assert (status, role["role"]) == (201, "engineer")
    status, ended = ask(nadia, "POST", f"{path}roles/{role['id']}/end/")
    assert (status, ended["ends_at"] is not None) == (200, True)
    assert ask(nadia, "GET", f"{path}roles/")[1]["results"][0]["id"] == role["id"]
    status, off = ask(nadia, "POST", f"{path}switch-off/", {"version": grace["version"]})
    assert (status, off["is_active"]) == (200, False)
    assert ask(nadia, "POST", f"{path}switch-on/", {"version": off["version"]})[1]["is_active"] is True


def test_role_waits_for_a_second_administrator_where_one_is_needed(nadia, county, settings):
    settings.GRANTS_NEED_SECOND_ADMINISTRATOR = True
    grace = a_person(county)

    status, _ = ask(nadia, "POST", f"people/{grace.pk}/roles/", {"role": "engineer", "council": "OCC"})

    assert (status, grace.grants.count()) == (202, 0)


def test_place_in_a_case_group_is_taken_at_once_or_asked_for(nadia, county, settings):
    group, grace, oli = (
        a_case_group("hr", county),
        a_person(county, "requester"),
        a_person(county, "requester"),
    )
    path = f"teams/{group.pk}/members/"
    assert ask(nadia, "POST", path, {"person": oli.pk})[0] == 201

    settings.GRANTS_NEED_SECOND_ADMINISTRATOR = True
    status, asked = ask(nadia, "POST", path, {"person": grace.pk})

    told = {key: asked[key] for key in ("person", "role", "council", "team", "asked_by", "decided_by")}
    assert (status, told) == (
        202,
        {
            "person": named(grace),
            "role": "",
            "council": None,
            "team": named(group),
            "asked_by": named(nadia),
            "decided_by": None,
        },
    )
    sam = a_person(county, "administrator", name="Sam")
    elsewhere = a_person(a_council("CDC"), "administrator")
    assert ask(sam, "GET", "role-requests/")[1]["results"] == [asked]
    assert ask(elsewhere, "GET", "role-requests/")[1]["results"] == []
    assert ask(elsewhere, "POST", f"role-requests/{asked['id']}/agree/")[0] == 404
    assert ask(nadia, "POST", f"role-requests/{asked['id']}/agree/")[0] == 403
    assert not grace.memberships.exists()
    assert ask(sam, "POST", f"role-requests/{asked['id']}/agree/")[0] == 200
    assert grace.memberships.get().team == group


def test_what_opens_private_requests_is_refused_to_one_administrator_alone(nadia, county, settings):
    settings.GRANTS_NEED_SECOND_ADMINISTRATOR = True
    hana = a_person(county, "requester")
    group = a_case_group("hr", county, hana)
    own = ask(nadia, "POST", "councils/", {"code": "OWN", "name": "Own"})[1]["code"]

    status, refused = ask(nadia, "PATCH", f"people/{hana.pk}/", {"email": "evil@occ.example", "version": 1})
    assert (status, list(refused["errors"])) == (400, ["email"])
    sent = {"councils": ["OCC", own], "version": 1}
    status, refused = ask(nadia, "PATCH", f"teams/{group.pk}/", sent)
    assert (status, list(refused["errors"])) == (400, ["councils"])
    assert (
        ask(nadia, "PATCH", f"teams/{group.pk}/", {"kind": "in_house", "version": 1})[1]["kind"]
        == "case_group"
    )
    assert ask(nadia, "POST", f"teams/{group.pk}/archive/", {"version": 1})[0] == 200
    assert ask(nadia, "POST", f"teams/{group.pk}/bring-back/", {"version": 2})[0] == 400
    hana.refresh_from_db()
    assert (hana.email != "evil@occ.example", [c.code for c in group.councils.all()]) == (True, ["OCC"])


def test_administrator_gives_no_role_to_themselves(nadia):
    assert ask(nadia, "POST", f"people/{nadia.pk}/roles/", {"role": "engineer", "council": "OCC"})[0] == 403


def test_others_read_and_do_not_write(county):
    asha, known, site = an_engineer(county), a_person(county, payroll_number="P7"), a_site(county)
    team = a_team("Desk", county)
    service = a_service("Payroll", team)

    assert "payroll_number" not in ask(asha, "GET", f"people/{known.pk}/")[1]
    for method, path, body in [
        ("POST", "councils/", {"code": "X", "name": "X"}),
        ("POST", "sites/", {"council": "OCC", "name": "X"}),
        ("PATCH", f"sites/{site.pk}/", {"name": "X", "version": 1}),
        ("POST", f"sites/{site.pk}/archive/", {"version": 1}),
        ("PATCH", f"teams/{team.pk}/", {"name": "X", "version": 1}),
        ("PATCH", f"services/{service.pk}/", {"name": "X", "version": 1}),
        ("PATCH", f"people/{known.pk}/", {"display_name": "X", "version": 1}),
        ("POST", f"people/{known.pk}/roles/", {"role": "engineer", "council": "OCC"}),
        ("GET", f"people/{known.pk}/roles/", None),
        ("POST", f"people/{known.pk}/switch-off/", {"version": 1}),
    ]:
        assert ask(asha, method, path, body)[0] == 403, path


def test_administrator_of_one_council_does_not_reach_the_people_of_another(nadia, district):
    other = a_person(district)

    assert ask(nadia, "PATCH", f"people/{other.pk}/", {"display_name": "X", "version": 1})[0] == 404
    assert Person.objects.get(pk=other.pk).display_name != "X"
