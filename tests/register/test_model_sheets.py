"""Models by spreadsheet, with their makers, what replaces them, and where each value comes from."""

import csv
from datetime import date
from decimal import Decimal
from io import BytesIO, StringIO

import pytest
from django.core.files import File

from assets.register.keeping import change_row, with_source
from assets.register.models import AssetModel, Manufacturer
from servicedesk.history.models import Change
from servicedesk.spreadsheets.applying import write as apply
from tests.factories import a_council, a_model, a_person
from tests.spreadsheets.incoming import a_csv, actions, bring, codes, going_out, rows_of

pytestmark = pytest.mark.django_db


def checked(*rows, **options):
    return bring(a_csv(*rows), a_council(), kind="asset-models", **options)


def imported(*rows, **options):
    return apply(checked(*rows, **options), by=None)


def came_back(edited=lambda text: text):
    """Every model as it is taken out, edited, and checked again."""
    file = going_out("asset-models", AssetModel.objects.all())
    text = edited(file.read().decode("utf-8-sig"))
    return bring(File(BytesIO(text.encode()), "models.csv"), a_council(), kind="asset-models")


def test_models_come_in_with_their_makers_and_come_back_unchanged():
    old = a_model("2930F", "HPE Aruba", "switch")
    headings = (
        "Make",
        "Model",
        "Part no",
        "Type",
        "Useful life",
        "Can hold data",
        "LDOS",
        "Watts",
        "kWh",
        "Replaced by",
    )
    headings += ("Replacement price", "Price year", "Embodied carbon")

    done = imported(
        headings,
        (
            "HPE ARUBA",
            "2930f",
            "JL255A",
            "Switch",
            "96 months",
            "No",
            "31/10/2027",
            "55.00",
            "",
            "CX 6200",
            "",
            "",
            "",
        ),
        (
            "hpe aruba",
            "CX 6200",
            "JL728A",
            "Switch",
            "",
            "",
            "",
            "",
            "501.24",
            "",
            "£1,650.00",
            "2026/27",
            "310.5",
        ),
    )

    assert (done.state, done.counts["create"], done.counts["update"]) == ("applied", 1, 1)
    old.refresh_from_db()
    new = AssetModel.objects.get(name="CX 6200")
    assert (old.part_number, old.useful_life_months, old.holds_data, old.watts) == ("JL255A", 96, False, 55)
    assert (old.end_of_support, old.replacement_model) == (date(2027, 10, 31), new)
    assert (new.annual_kwh, new.replacement_cost_ex_vat, new.price_base_fy) == (
        Decimal("501.2"),
        Decimal("1650.00"),
        "2026/27",
    )
    assert Manufacturer.objects.count() == 1
    assert {change.council_id for change in Change.objects.filter(kind="register.assetmodel")} == {None}
    assert set(actions(came_back()).values()) == {"unchanged"}


def test_model_of_an_unknown_maker_is_made_with_it_where_that_was_allowed_and_one_without_is_refused():
    a_model("R650", "Cisco")
    rows = (
        ("Make", "Model", "Type", "Price year"),
        ("Ruckus", "R650", "Access point", "2026/99"),
        ("", "R750", "Access point", ""),
    )
    assert actions(checked(*rows)) == {2: "error", 3: "error"}  # it is not Cisco's R650
    started = checked(*rows, create=["manufacturers"])
    assert actions(started) == {2: "create", 3: "error"}
    assert codes(started) == {2: ["date_not_understood"], 3: ["look_up_unknown"]}
    assert rows_of(started)[1].problems[0]["message"] == "A new asset model needs a manufacturer"

    apply(started, by=None)
    assert [str(model.manufacturer) for model in AssetModel.objects.order_by("pk")] == ["Cisco", "Ruckus"]


def test_date_that_comes_by_sheet_is_announced_after_all():
    model = a_model("R740", "Dell", "server")
    sources = with_source(model, "end_of_support", "Dell", date(2026, 8, 14), announced=False)
    change_row(model, by=None, version=1, sources=sources)

    imported(("Make", "Model", "End of support"), ("Dell", "R740", "31/05/2027"))

    model.refresh_from_db()
    assert (model.end_of_support, model.sources) == (
        date(2027, 5, 31),
        {"end_of_support": {"source": "Dell", "checked": "2026-08-14"}},
    )


def a_sourced_model() -> AssetModel:
    model = a_model("R740", "Dell", "server")
    sources = {
        "end_of_support": {"source": "dell.com", "checked": "2026-08-14"},
        "end_of_sale": {"source": "dell.com", "checked": "2026-08-15", "announced": False},
        "watts": {"source": "Boavizta"},
    }
    values = {"end_of_support": date(2027, 5, 31), "watts": Decimal(350), "sources": sources}
    return change_row(model, by=None, version=1, **values)


def test_sources_go_out_and_come_back_unchanged():
    a_sourced_model()
    a_model("2930F", "HPE Aruba", "switch")

    text = going_out("asset-models", AssetModel.objects.order_by("pk")).read().decode("utf-8-sig")

    headings, sourced, plain = csv.reader(StringIO(text))
    said = {each: value for each, value in zip(headings, sourced, strict=True) if "source" in each.lower()}
    told = dict(zip(headings, sourced, strict=True))
    assert {each: value for each, value in said.items() if value} == {
        "Source of the end of sale": "dell.com",
        "Source of the end of support": "dell.com",
        "Source of the power in watts": "Boavizta",
    }
    assert (told["End of sale"], told["Is the end of sale announced"]) == ("", "No")
    assert told["Date on which the end of support was checked"] == "2026-08-14"
    assert [value for each, value in zip(headings, plain, strict=True) if " the " in each and value] == []
    assert set(actions(came_back()).values()) == {"unchanged"}


def test_sources_that_are_edited_are_the_only_change_and_blank_ones_stay():
    a_sourced_model()

    started = came_back(lambda text: text.replace("2026-08-15", "2026-11-28").replace("Boavizta", ""))

    old, new, *words = rows_of(started)[0].changes["sources"]
    assert list(rows_of(started)[0].changes) == ["sources"]
    assert (new["end_of_sale"], {**new, "end_of_sale": old["end_of_sale"]}) == (
        {"source": "dell.com", "checked": "2026-11-28", "announced": False},
        old,
    )
    assert words[1] == words[0].replace("2026-08-15", "2026-11-28")
    assert "End of sale: dell.com, checked 2026-11-28, not announced" in words[1]
    apply(started, by=None)
    assert AssetModel.objects.get().sources == new


def test_sources_are_emptied_and_kept_as_the_cell_and_the_column_say():
    a_sourced_model()
    rows = (
        ("Make", "Model", "Source of the power in watts", "Source of the end of support"),
        ("Dell", "R740", "(clear)", "endoflife.date"),
    )
    started = checked(*rows, said={"policies": {"end_of_support_source": "fill"}})

    assert apply(started, by=None).counts["update"] == 1
    assert AssetModel.objects.get().sources == {
        "end_of_support": {"source": "dell.com", "checked": "2026-08-14"},
        "end_of_sale": {"source": "dell.com", "checked": "2026-08-15", "announced": False},
    }


def test_not_announced_is_said_by_sheet_and_is_no_unknown_date():
    a_sourced_model()
    headings = ("Make", "Model", "Type", "End of support", "Is the end of support announced")

    done = imported(
        headings,
        ("Dell", "R740", "", "(clear)", "No"),
        ("Dell", "R750", "Server", "", "No"),
        ("Dell", "R760", "Server", "", ""),
    )

    assert (done.counts["update"], done.counts["create"]) == (1, 2)
    found = {model.name: model.said("end_of_support") for model in AssetModel.objects.all()}
    assert {name: (said.value, said.known) for name, said in found.items()} == {
        "R740": (None, "not_announced"),
        "R750": (None, "not_announced"),
        "R760": (None, "unknown"),
    }


def test_a_date_that_is_said_not_to_be_announced_is_refused():
    a_sourced_model()
    headings = ("Make", "Model", "Type", "End of support", "Is the end of support announced")

    started = checked(
        headings, ("Dell", "R740", "", "", "No"), ("Dell", "R750", "Server", "31/05/2028", "No")
    )

    assert actions(started) == {2: "error", 3: "error"}
    assert {row.problems[0]["message"] for row in rows_of(started)} == {
        "The end of support cannot be a date and not be announced"
    }


def test_source_that_is_too_long_is_refused():
    started = checked(
        ("Make", "Model", "Type", "Source of the end of support"),
        ("Dell", "R740", "Server", "x" * 201),
        create=["manufacturers"],
    )

    assert codes(started) == {2: ["text_too_long"]}


def test_price_is_neither_shown_to_nor_taken_from_who_may_not_see_money():
    a_model("R740", "Dell", "server", replacement_cost_ex_vat=Decimal("7450.00"))
    engineer = a_person(a_council(), "engineer")

    told = going_out("asset-models", AssetModel.objects.all(), engineer).read()

    assert b"7450" not in told
    assert b"Replacement price" not in told
