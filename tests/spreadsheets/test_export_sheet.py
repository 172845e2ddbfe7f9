"""The command by which spreadsheets go out."""

import csv

import pytest
from django.core.management import CommandError, call_command

from servicedesk.history.models import Change
from servicedesk.spreadsheets.models import Export
from tests.factories import a_council, a_person, a_site, an_asset
from tests.spreadsheets.test_import_sheet import told

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", ["out.xlsx", "out.csv"])
def test_export_sheet_writes_what_the_council_owns_and_it_comes_back_unchanged(tmp_path, capsys, name):
    an_asset(a_council("OCC"), tag="1", po_number="PO1")
    an_asset(a_council("CDC"), tag="2")

    call_command("export_sheet", "assets", str(tmp_path / name), "--council", "OCC")

    assert capsys.readouterr().out == f"1 assets written to {tmp_path / name}\n"
    assert told(capsys, tmp_path / name)[1]["counts"]["unchanged"] == 1


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("assets", "out.pdf"), "ends in .xlsx or .csv"),
        (("nix", "out.csv"), "nix cannot be exported. What can be: tickets, assets"),
        (("assets", "out.csv", "--columns", "room,nix"), "There is no column nix. There are: asset_tag, "),
        (("assets", "out.csv", "--council", "NO"), "There is no council NO"),
    ],
)
def test_export_that_cannot_be_made(arguments, sentence):
    with pytest.raises(CommandError, match=sentence):
        call_command("export_sheet", *arguments)


def taken_out(tmp_path, *options: str) -> list[dict[str, str]]:
    call_command("export_sheet", "assets", str(tmp_path / "out.csv"), *options)
    return list(csv.DictReader((tmp_path / "out.csv").read_text("utf-8-sig").splitlines()))


def test_export_is_narrowed_as_the_list_is(tmp_path, capsys):
    county, district = a_council("OCC"), a_council("CDC")
    site = a_site(county, "County Hall")
    for tag, council, fields in (
        ("1", county, {"state": "in_use", "site": site, "purchase_cost_ex_vat": 5}),
        ("2", county, {"state": "in_stock"}),
        ("3", district, {"state": "in_use"}),
    ):
        an_asset(council, tag, **fields)
    dee = a_person(district, "asset_manager", email="dee@cdc.example")
    reader = a_person(district, name="Bo", email="bo@cdc.example")

    in_use = taken_out(tmp_path, "--filter", "state=in_use")
    both = taken_out(tmp_path, "--filter", "state=in_use", "--filter", "category=laptop", "--council", "OCC")
    at_the_site = taken_out(tmp_path, "--filter", f"site={site.pk}", "--by", dee.email)

    assert [row["Asset tag"] for row in in_use] == ["1", "3"]
    assert [(row["Asset tag"], row["Purchase cost (ex VAT)"]) for row in both] == [("1", "5.00")]
    assert [(row["Asset tag"], row["Purchase cost (ex VAT)"]) for row in at_the_site] == [("1", "")]
    for options, sentence in (
        (("--filter", "nix=1"), "There is no such filter. There are: q, council, category, state"),
        (("--filter", "state=gone"), "state: Select the state from the list"),
        (("--filter", f"site={site.pk}"), "site: --by is needed for this filter"),
        (("--by", "nobody@occ.example"), "Nobody signs in as nobody@occ.example"),
        (("--filter", "state=in_use", "--as-at", "2026-03-31"), "taken out whole"),
        (
            ("--columns", "buyer", "--as-at", "2026-03-31"),
            "Columns that are to be filled in go out with rows as",
        ),
        (("--by", reader.email), "Bo may not take anything out"),
    ):
        with pytest.raises(CommandError, match=sentence):
            taken_out(tmp_path, *options)


def test_what_somebody_took_out_is_written_down_and_what_the_system_did_is_not(tmp_path):
    district = a_council("CDC")
    an_asset(district, "1", purchase_cost_ex_vat=5)
    an_asset(a_council("OCC"), "2")
    dee = a_person(district, "asset_manager", email="dee@cdc.example")

    taken_out(tmp_path)
    taken_out(tmp_path, "--by", dee.email, "--filter", "category=laptop", "--columns", "asset_tag,state")

    export = Export.objects.get()
    assert (export.wanted_by, export.filters, export.columns) == (
        dee,
        {"category": "laptop"},
        ["asset_tag", "state"],
    )
    assert (export.rows, export.file, list(export.grants.all())) == (2, None, list(dee.grants.all()))
    assert not Export.objects.visible_to(dee).exists()
    told = Change.objects.get(kind="spreadsheets.export")
    assert (told.object_id, told.action, told.change_set.by_id, told.change_set.reason) == (
        export.pk,
        "create",
        dee.pk,
        "Export of assets",
    )
