"""Sites and people of one council by spreadsheet."""

from datetime import date

import pytest
from django.db.models import F

from servicedesk.people.models import Department, Person, Site
from servicedesk.spreadsheets.applying import write as apply
from servicedesk.spreadsheets.changing import Overtaken
from servicedesk.spreadsheets.exporting import wanted
from servicedesk.spreadsheets.kinds import kinds, kinds_for
from tests.factories import a_case_group, a_council, a_grant, a_person, a_site
from tests.spreadsheets.incoming import a_csv, actions, bring, codes, going_out, rows_of

pytestmark = pytest.mark.django_db


def checked(kind: str, *rows):
    return bring(a_csv(*rows), a_council(), kind=kind)


def unchanged(kind: str, rows) -> None:
    started = bring(going_out(kind, rows), a_council(), kind=kind)
    assert set(actions(started).values()) == {"unchanged"}


def test_sites_come_in_for_one_council_and_come_back_unchanged():
    a_site(a_council(), "County Hall")
    a_site(a_council("CDC"), "Bodicote House")
    started = checked(
        "sites",
        ("Site", "Type", "Address", "Postcode", "UPRN", "Council"),
        ("COUNTY HALL", "Office", "New Road, Oxford", "OX1 1ND", "100120827", "OCC"),
        ("Bodicote House", "Civic centre", "", "", "", ""),
        ("Elsewhere", "Office", "", "", "", "CDC"),
    )
    assert actions(started) == {2: "update", 3: "create", 4: "error"}
    apply(started, by=None)

    hall, ours = Site.objects.filter(council=a_council()).order_by("pk")
    assert (hall.name, hall.address, hall.postcode, hall.uprn) == (
        "COUNTY HALL",
        "New Road, Oxford",
        "OX1 1ND",
        "100120827",
    )
    assert (ours.name, ours.kind) == ("Bodicote House", "office")
    unchanged("sites", Site.objects.filter(council=a_council()))


def test_people_come_in_who_cannot_sign_in_yet_and_come_back_unchanged():
    council = a_council()
    Department.objects.create(council=council, name="Planning")
    boss = a_person(council, name="Ann Boss", email="ann@occ.example", site=a_site(council, "County Hall"))
    started = checked(
        "people",
        ("Name", "Email", "Type", "Job title", "Department", "Site", "Staff number", "Manager", "Start date"),
        (
            "Okoro, Jo",
            "jo@occ.example",
            "Officer",
            "Planner",
            "Planning",
            "County Hall",
            "0042",
            "ANN@occ.example",
            "01/09/2026",
        ),
        ("Ann Boss", "ann@occ.example", "", "Head of planning", "", "", "", "", ""),
    )
    assert (actions(started), codes(started)) == ({2: "create", 3: "update"}, {})
    apply(started, by=None)

    jo = Person.objects.get(email="jo@occ.example")
    assert (jo.display_name, jo.kind, jo.payroll_number, jo.line_manager, jo.employed_from) == (
        "Jo Okoro",
        "staff",
        "0042",
        boss,
        date(2026, 9, 1),
    )
    assert (str(jo.department), str(jo.site), jo.is_active) == ("Planning", "County Hall", True)
    assert not jo.has_usable_password()
    assert not jo.grants.exists()
    unchanged("people", Person.objects.filter(council=council))


def test_how_somebody_signs_in_is_not_changed_by_a_sheet_nor_taken_from_another_council():
    a_person(a_council(), name="Ann", email="ann@occ.example", payroll_number="7")
    a_person(a_council("CDC"), name="Bob", email="bob@cdc.example")
    started = checked(
        "people",
        ("Name", "Email", "Staff number"),
        ("Ann", "evil@occ.example", "7"),
        ("New", "BOB@cdc.example", ""),
    )

    assert actions(started) == {2: "error", 3: "error"}
    assert [row.problems[-1]["message"] for row in rows_of(started)] == [
        "ann@occ.example is how Ann signs in",
        "bob@cdc.example is already in use",
    ]


@pytest.fixture
def four():
    """Ann, Bea, Cy and Dot, of whom Bea's manager is Ann."""
    ann, bea, cy, dot = (
        a_person(a_council(), name=name, email=f"{name.lower()}@occ.example")
        for name in ("Ann", "Bea", "Cy", "Dot")
    )
    Person.objects.filter(pk=bea.pk).update(line_manager=ann)
    return ann, bea, cy, dot


def managed(*pairs: tuple[str, str]):
    rows = [(f"{person}@occ.example", f"{manager}@occ.example") for person, manager in pairs]
    return checked("people", ("Email", "Manager email"), *rows)


def managers() -> dict[str, str | None]:
    found = Person.objects.order_by("display_name")
    return dict(found.values_list("display_name", "line_manager__display_name"))


def test_nobody_becomes_their_own_manager_by_a_sheet_however_far_round(four):
    started = managed(("ann", "bea"), ("cy", "cy"), ("bea", "ann"))

    assert actions(started) == {2: "error", 3: "error", 4: "unchanged"}
    problem = rows_of(started)[0].problems[-1]
    assert (problem["message"], problem["remedy"]) == (
        "They would come under themselves",
        "Choose somebody who is not the person, nor managed by them",
    )


def test_circle_that_rows_of_one_sheet_close_is_refused_at_the_last_of_them(four):
    started = managed(("cy", "dot"), ("dot", "bea"), ("ann", "cy"))

    assert actions(started) == {2: "update", 3: "update", 4: "error"}
    apply(started, by=None)
    assert managers() == {"Ann": None, "Bea": "Ann", "Cy": "Dot", "Dot": "Bea"}


def test_row_that_is_refused_for_its_address_gives_nobody_a_manager(four):
    Person.objects.filter(pk__in=[one.pk for one in four]).update(payroll_number=F("display_name"))
    started = checked(
        "people",
        ("Staff number", "Email", "Manager email"),
        ("Bea", "other@occ.example", "cy@occ.example"),
        ("Ann", "", "bea@occ.example"),
    )

    assert actions(started) == {2: "error", 3: "error"}
    assert rows_of(started)[1].problems[-1]["message"] == "They would come under themselves"


def test_managers_change_places_by_one_sheet(four):
    started = managed(("bea", "cy"), ("ann", "bea"))

    apply(started, by=None)
    assert managers() == {"Ann": "Bea", "Bea": "Cy", "Cy": None, "Dot": None}


def test_circle_that_is_closed_by_hand_since_the_check_is_not_written(four):
    started = managed(("cy", "dot"))
    Person.objects.filter(display_name="Dot").update(line_manager=four[2])

    with pytest.raises(Overtaken, match="The person of row 2 would come under themselves"):
        apply(started, by=None)
    assert managers()["Cy"] is None


def test_somebody_who_reaches_private_requests_is_given_no_address_by_a_sheet():
    hana, ben = (
        a_person(a_council(), name=name, email=None, payroll_number=number)
        for name, number in (("Hana", "7"), ("Ben", "8"))
    )
    a_case_group("hr", a_council(), hana)
    started = checked(
        "people",
        ("Name", "Email", "Staff number"),
        ("Hana", "evil@occ.example", "7"),
        ("Ben", "ben@occ.example", "8"),
    )

    assert actions(started) == {2: "error", 3: "update"}
    assert rows_of(started)[0].problems[-1]["message"] == "Hana reaches private requests"
    apply(started, by=None)
    assert [Person.objects.get(pk=one.pk).email for one in (hana, ben)] == [None, "ben@occ.example"]


def test_people_and_sites_are_brought_in_by_administrators_and_taken_out_of_their_own_council():
    admin, manager = a_person(a_council(), "administrator"), a_person(a_council(), "asset_manager")
    theirs = a_person(a_council("CDC"), name="Somebody else")

    assert {kind.code for kind in kinds_for(admin)} == {"sites", "people"}
    assert {kind.code for kind in kinds_for(manager)} == {
        "assets",
        "asset-models",
        "suppliers",
        "circuits",
        "lines",
        "despatched-boxes",
    }
    a_grant(admin, "asset_manager")
    admin = Person.objects.get(pk=admin.pk)
    assert set(wanted(kinds()["people"], admin, {})) == {admin, manager}
    assert theirs not in wanted(kinds()["people"], manager, {})
