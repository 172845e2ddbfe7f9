"""Models, suppliers, circuits and lines by spreadsheet, and the network columns of the sheet of assets."""

from datetime import date

import pytest

from assets.register.keeping import add_row
from assets.register.models import Asset, Circuit, Line, Supplier
from servicedesk.history.models import Change
from servicedesk.people.models import Site
from servicedesk.spreadsheets.applying import write as apply
from tests.factories import a_council, a_site, an_asset
from tests.spreadsheets.incoming import a_csv, actions, bring, codes, going_out, rows_of

pytestmark = pytest.mark.django_db


def imported(kind: str, *rows, **options):
    return apply(bring(a_csv(*rows), a_council(), kind=kind, **options), by=None)


def checked(kind: str, *rows, **options):
    return bring(a_csv(*rows), a_council(), kind=kind, **options)


def unchanged(kind: str, rows) -> None:
    file = going_out(kind, rows)
    assert set(actions(bring(file, a_council(), kind=kind)).values()) == {"unchanged"}


def test_suppliers_come_in_for_all_councils_and_come_back_unchanged():
    add_row(Supplier(name="Isis Fibre"), by=None)

    done = imported(
        "suppliers",
        (
            "Supplier",
            "Standing",
            "Contact",
            "Phone",
            "Email",
            "Certificate",
            "Certificate no",
            "Certificate expiry",
        ),
        ("ISIS FIBRE", "At risk", "Helen", "01632 960755", "h@isis.example", "CE+", "CEP-1", "01/02/2027"),
        ("Redhorn", "", "", "", "", "", "", ""),
    )

    assert (done.counts["create"], done.counts["update"]) == (1, 1)
    isis = Supplier.objects.get(name__iexact="isis fibre")
    assert (isis.status, isis.certificate, isis.certificate_expiry, isis.contact_email) == (
        "at_risk",
        "cyber_essentials_plus",
        date(2027, 2, 1),
        "h@isis.example",
    )
    unchanged("suppliers", Supplier.objects.all())


def test_circuits_and_lines_come_in_and_come_back_unchanged():
    council, site = a_council(), a_site(name="County Hall")
    an_asset(council, "RTR-1", category="router")
    headings = ("Circuit", "Building", "Carrier", "Speed", "Critical", "Status", "Term end", "Router")
    imported(
        "circuits",
        headings,
        ("IF-1", "County Hall", "Isis Fibre", "1000", "Yes", "Live", "31/03/2028", "rtr-1"),
        create=["suppliers"],
    )
    imported(
        "lines",
        ("Number", "Type", "Location", "Used for", "Critical", "Migrate by", "Provider"),
        ("01865 000111", "Analogue", "County Hall", "Lift", "Yes", "18/12/2026", "Isis Fibre"),
        ("01865 000112", "ISDN30", "County Hall", "Fallback", "No", "", ""),
    )

    circuit = Circuit.objects.get()
    assert (circuit.council, circuit.site, str(circuit.provider), circuit.mbps_down) == (
        council,
        site,
        "Isis Fibre",
        1000,
    )
    assert (circuit.critical, circuit.status, circuit.contract_end, str(circuit.asset)) == (
        True,
        "in_use",
        date(2028, 3, 31),
        "RTR-1",
    )
    lines = Line.objects.order_by("number").values_list("number", "type", "critical", "rank", "migrate_by")
    assert list(lines) == [
        ("01865 000111", "pstn", True, 0, date(2026, 12, 18)),
        ("01865 000112", "isdn", False, 1, None),
    ]
    unchanged("circuits", Circuit.objects.all())
    unchanged("lines", Line.objects.all())


def test_site_that_a_sheet_of_connections_names_is_made_for_its_council_where_that_is_allowed():
    theirs = a_site(a_council("CDC"), name="New Depot")
    rows = (("Number", "Type", "Site"), ("1", "PSTN", "New Depot"), ("2", "PSTN", "new depot"))

    left_blank = checked("lines", *rows)
    imported("lines", *rows, create=["sites"])
    imported("circuits", ("Circuit", "Site"), ("IF-1", "Far Barn"), create=["sites"])

    assert codes(left_blank) == {2: ["look_up_unknown"], 3: ["look_up_unknown"]}
    made = Site.objects.exclude(pk=theirs.pk).order_by("name").values_list("council__code", "name")
    assert list(made) == [("OCC", "Far Barn"), ("OCC", "New Depot")]
    assert set(Line.objects.values_list("site__name", "site__council__code")) == {("New Depot", "OCC")}
    assert Change.objects.filter(kind="people.site", action="create").count() >= 2


def test_line_needs_a_type_and_another_councils_number_says_nothing():
    add_row(Line(council=a_council("CDC"), number="1", type="pstn"), by=None)
    started = checked("lines", ("Number", "Type"), ("1", "PSTN"), ("2", ""))

    assert actions(started) == {2: "create", 3: "error"}


def test_asset_hangs_off_equipment_of_the_register_or_of_the_same_sheet():
    an_asset(a_council(), "CORE", category="switch")
    an_asset(a_council("CDC"), "THEIRS", category="switch")
    rows = (
        (
            "Tag",
            "Hostname",
            "Type",
            "Status",
            "Uplink",
            "Network role",
            "Mgmt address",
            "Stack",
            "Stack member",
            "Rack unit",
        ),
        ("AP-1", "", "Access point", "In use", "sw-floor", "Wireless", "10.1.2.3", "", "", ""),
        ("FLOOR", "sw-floor", "Switch", "In use", "core", "Access", "", "stk-1", "2", "12"),
        ("AP-2", "", "Access point", "In use", "THEIRS", "", "", "", "", ""),
    )
    started = checked("assets", *rows)
    assert codes(started) == {4: ["look_up_unknown"]}
    apply(started, by=None)

    held = Asset.objects.filter(council=a_council()).values_list("asset_tag", "uplink__asset_tag")
    assert dict(held) == {"CORE": None, "FLOOR": "CORE", "AP-1": "FLOOR", "AP-2": None}
    floor = Asset.objects.get(asset_tag="FLOOR")
    assert (floor.network_role, floor.stack_name, floor.stack_member, floor.rack_unit) == (
        "access",
        "stk-1",
        2,
        12,
    )
    point = Asset.objects.get(asset_tag="AP-1")
    assert point.management_address == "10.1.2.3"
    created = Change.objects.get(kind="register.asset", object_id=point.pk)
    assert created.fields["uplink"] == [None, floor.pk, "", "FLOOR"]
    unchanged("assets", Asset.objects.filter(council=a_council()))


def test_uplinks_of_a_sheet_that_go_round_in_a_circle_are_refused():
    core = an_asset(a_council(), "CORE", category="switch")
    an_asset(a_council(), "FLOOR", category="switch", uplink=core)

    started = checked("assets", ("Tag", "Uplink"), ("CORE", "FLOOR"), ("NEW", "FLOOR"))

    assert actions(started)[2] == "error"
    assert "goes round in a circle" in rows_of(started)[0].problems[0]["message"]


def test_supplier_of_an_asset_is_found_or_made_where_that_is_allowed():
    rows = (("Tag", "Supplier"), ("A", "Isis Fibre"))
    assert codes(checked("assets", *rows)) == {2: ["look_up_unknown"]}

    imported("assets", *rows, create=["suppliers"])

    assert str(Asset.objects.get().supplier) == "Isis Fibre"
    assert not codes(checked("assets", ("Tag", "Supplier"), ("A", "ISIS fibre")))
