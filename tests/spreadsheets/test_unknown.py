"""What a file names and we do not know is told once, decided once, and then means the same everywhere."""

import pytest

from assets.register.models import Asset, AssetModel, Circuit, Line, Supplier
from servicedesk.people.models import Department, Person, Site
from servicedesk.spreadsheets import importing
from servicedesk.spreadsheets.applying import write
from servicedesk.spreadsheets.deciding import Decider, place
from servicedesk.spreadsheets.kinds import Name, kinds
from servicedesk.spreadsheets.models import Import
from servicedesk.spreadsheets.spelling import Names
from tests.factories import a_council, a_model, a_person, a_site
from tests.spreadsheets.incoming import a_csv, rows_of

pytestmark = pytest.mark.django_db

ROWS = (
    ("Asset tag", "Category", "Status", "Site", "Make", "Model", "Assigned to"),
    ("1", "Laptop", "In stock", "Bodicote Hse", "Lenovo", "ThinkPad T41", "Okoro, J"),
    ("2", "Laptop", "On the shelf", "BODICOTE  hse", "Lenovo", "ThinkPad T14", "J Okoro"),
    ("3", "Toaster", "In stock", "Bodicote House", "Lenovo", "ThinkPad T41", "Jo Okoro"),
    ("4", "Laptop", "In stock", "New Depot", "Acme", "Anvil", "Spare"),
)


def begun(*rows: tuple, said=None, kind: str = "assets", **options) -> Import:
    """Uploaded, and its columns confirmed."""
    started = importing.start(a_csv(*(rows or ROWS)), "x.csv", kinds()[kind], a_council(), by=None, **options)
    return importing.choose(started, said or {}, by=None, version=started.version)


def told(started: Import) -> dict[tuple[str, str], tuple]:
    return {
        (each["field"], each["written"]): (each["count"], each["rows"], each["creatable"])
        for each in started.unknown
    }


def test_every_unknown_word_is_told_once_with_its_rows_and_whether_it_can_be_created():
    a_site(name="Bodicote House")
    a_model("ThinkPad T14", "Lenovo")
    a_person(name="Jo Okoro")
    a_site(a_council("CDC"), "New Depot"), a_person(a_council("CDC"), name="J Okoro")

    found = told(begun())

    assert found == {
        ("category", "Toaster"): (1, [4], False),
        ("manufacturer", "Acme"): (1, [5], True),
        ("model", "ThinkPad T41"): (2, [2, 4], False),  # a row without a category cannot make a model
        ("model", "Anvil"): (1, [5], True),
        ("state", "On the shelf"): (1, [3], False),
        ("site", "Bodicote Hse"): (2, [2, 3], True),
        ("site", "New Depot"): (1, [5], True),
        ("holder", "J Okoro"): (2, [2, 3], False),
    }


def test_words_are_decided_once_and_mean_the_same_in_every_row():
    house = a_site(name="Bodicote House")
    model = a_model("ThinkPad T14", "Lenovo")
    jo = a_person(name="Jo Okoro", email="jo@occ.example")
    said = {
        "values": {
            "site": {"Bodicote Hse": "Bodicote House"},
            "model": {"ThinkPad T41": "Lenovo ThinkPad T14"},
            "holder": {"J Okoro": "jo@occ.example"},
            "state": {"On the shelf": "In stock"},
            "category": {"Toaster": ""},
        },
        "creates": {"site": ["New Depot"]},
    }

    started = importing.check(begun(said=said), by=None)
    write(started, by=None)

    assets = {asset.asset_tag: asset for asset in Asset.objects.select_related("site", "model", "holder")}
    depot = Site.objects.get(name="New Depot", council=a_council())
    assert [assets[tag].site for tag in "1234"] == [house, house, house, depot]
    assert [assets[tag].model for tag in "1234"] == [model, model, model, None]
    assert [assets[tag].holder for tag in "1234"] == [jo, jo, jo, None]
    assert (assets["2"].state, assets["3"].category) == ("in_stock", "laptop")  # which the model says
    warned = {problem["value"] for row in rows_of(started) for problem in row.problems}
    assert {"Anvil", "Acme"} <= warned  # of these nothing was decided
    assert not {"Bodicote Hse", "ThinkPad T41", "J Okoro", "Toaster", "New Depot"} & warned


def test_namesakes_are_told_apart_by_address():
    a_person(name="Jo Okoro", email="jo@occ.example"), a_person(name="Jo Okoro", email="jo2@occ.example")
    started = begun(("Asset tag", "Assigned to"), ("1", "Jo Okoro"))
    decider = Decider(started, None)

    (word,) = decider.words

    assert decider.choices(word, "", "")[:2] == [
        ("=jo@occ.example", "Use Jo Okoro (jo@occ.example)"),
        ("=jo2@occ.example", "Use Jo Okoro (jo2@occ.example)"),
    ]
    said = {"values": {"holder": {"Jo Okoro": "jo2@occ.example"}}}
    write(
        importing.check(importing.choose(started, said, by=None, version=started.version), by=None), by=None
    )
    assert Asset.objects.get().holder.email == "jo2@occ.example"


def test_address_that_nobody_has_is_asked_about_where_it_stands():
    jo = a_person(name="Jo Okoro", email="jo@occ.example")
    rows = (("Asset tag", "Email"), ("1", "jo.okoro@occ.example"))

    started = begun(*rows, said={"values": {"holder_email": {"jo.okoro@occ.example": "jo@occ.example"}}})
    write(importing.check(started, by=None), by=None)

    assert list(told(started)) == [("holder_email", "jo.okoro@occ.example")]
    assert Asset.objects.get().holder == jo


def decided(started: Import, **said) -> Import:
    """Imported as it was decided."""
    chosen = importing.choose(started, said, by=None, version=started.version)
    return write(importing.check(chosen, by=None), by=None)


def offered(started: Import, person=None) -> dict[str, list[str]]:
    """What is offered of ours for each word, beside creating it and leaving it blank."""
    decider = Decider(started, person)
    return {
        word.written: [words for value, words in decider.choices(word, "", "") if value.startswith("=")]
        for word in decider.words
    }


def test_suppliers_of_assets_circuits_and_lines_are_asked_about_and_made():
    bt = Supplier.objects.create(name="BT Wholesale")
    assets = begun(("Asset tag", "Supplier"), ("1", "BT Wholesal"), ("2", "Insight"))
    circuits = begun(("Circuit number", "Provider"), ("C1", "BT Wholesal"), ("C2", "Gamma"), kind="circuits")
    lines = begun(("Number", "Type", "Provider"), ("01865 1", "PSTN", "Gamma"), kind="lines")

    assert told(assets) == {
        ("supplier", "BT Wholesal"): (1, [2], True),
        ("supplier", "Insight"): (1, [3], True),
    }
    assert offered(circuits) == {"BT Wholesal": ["Use BT Wholesale"], "Gamma": []}
    assert told(lines) == {("provider", "Gamma"): (1, [2], True)}

    decided(assets, values={"supplier": {"BT Wholesal": "BT Wholesale"}}, creates={"supplier": ["Insight"]})
    decided(circuits, values={"provider": {"BT Wholesal": "BT Wholesale"}}, creates={"provider": ["Gamma"]})
    decided(lines, values={"provider": {"Gamma": ""}})

    insight, gamma = Supplier.objects.exclude(pk=bt.pk).order_by("pk")
    assert (insight.name, gamma.name) == ("Insight", "Gamma")
    assert list(Asset.objects.order_by("asset_tag").values_list("supplier", flat=True)) == [bt.pk, insight.pk]
    assert list(Circuit.objects.order_by("number").values_list("provider", flat=True)) == [bt.pk, gamma.pk]
    assert Line.objects.get().provider is None


def test_makers_and_replacements_of_models_are_asked_about_but_not_those_in_the_sheet():
    t14 = a_model("ThinkPad T14", "Lenovo")
    started = begun(
        ("Make", "Model", "Type", "Replaced by"),
        ("Lenovo", "ThinkPad T15", "Laptop", "ThinkPad T16"),
        ("Lenovo", "ThinkPad T16", "Laptop", ""),
        ("Lenova", "ThinkPad T13", "Laptop", "Thinkpad T-14"),
        ("Acme", "Anvil", "Laptop", "Hammer"),
        kind="asset-models",
    )

    assert told(started) == {
        ("manufacturer", "Lenova"): (1, [4], True),
        ("manufacturer", "Acme"): (1, [5], True),
        ("replacement_model", "Thinkpad T-14"): (1, [4], False),
        ("replacement_model", "Hammer"): (1, [5], False),
    }
    assert offered(started)["Thinkpad T-14"] == ["Use ThinkPad T14 (Lenovo)"]

    decided(
        started,
        values={
            "manufacturer": {"Lenova": "Lenovo"},
            "replacement_model": {"Thinkpad T-14": "Lenovo ThinkPad T14", "Hammer": ""},
        },
        creates={"manufacturer": ["Acme"]},
    )

    models = AssetModel.objects.exclude(pk=t14.pk)
    assert {str(model.name): (model.manufacturer.name, model.replacement_model) for model in models} == {
        "ThinkPad T13": ("Lenovo", t14),
        "ThinkPad T15": ("Lenovo", models.get(name="ThinkPad T16")),
        "ThinkPad T16": ("Lenovo", None),
        "Anvil": ("Acme", None),
    }


def test_places_and_managers_of_people_are_asked_about_in_their_own_council_alone():
    hall = a_site(name="County Hall")
    planning = Department.objects.create(council=a_council(), name="Planning")
    boss = a_person(name="Ann Boss", email="ann@occ.example")
    a_person(name="Ann Bass", email=None), a_person(a_council("CDC"), name="Ann Bess", email="an@occ.example")
    a_site(a_council("CDC"), "County Hal")
    started = begun(
        ("Name", "Department", "Site", "Manager"),
        ("Jo Okoro", "Plannin", "County Hal", "an@occ.example"),
        kind="people",
    )

    assert offered(started, a_person(a_council(), "administrator")) == {
        "Plannin": ["Use Planning"],
        "County Hal": ["Use County Hall"],
        "an@occ.example": ["Use Ann Boss (ann@occ.example)"],
    }
    decided(
        started,
        values={
            "department": {"Plannin": "Planning"},
            "site": {"County Hal": "County Hall"},
            "line_manager": {"an@occ.example": "ann@occ.example"},
        },
    )
    jo = Person.objects.get(display_name="Jo Okoro")
    assert (jo.department, jo.site, jo.line_manager) == (planning, hall, boss)


def test_what_somebody_has_added_meanwhile_is_not_asked_about_any_more():
    started = begun(("Asset tag", "Site"), ("1", "New Depot"), ("2", "Old Depot"))
    a_site(name="New depot")

    assert [word.written for word in Decider(started, None).words] == ["Old Depot"]


def test_decisions_stand_beside_those_on_other_pages_and_can_be_taken_back():
    started = begun(("Asset tag", "Site"), *((str(n), f"Depot {n:02}") for n in range(45)))
    decider = Decider(started, None)
    first, last = place(decider, "site", "1"), place(decider, "site", "3")

    def decide(started: Import, word, choice: str) -> Import:
        said = Decider(started, None).said({word: choice})
        return importing.choose(started, said, by=None, version=started.version)

    one, other = first.words[0], last.words[-1]
    standing = decide(decide(started, one, "create"), other, "blank")
    kept = dict(standing.mapping)
    taken_back = decide(standing, one, "")

    assert (len(first.words), first.following, len(last.words), last.following) == (
        20,
        {"field": "site", "page": 2},
        5,
        None,
    )
    assert kept["creates"] == {"site": ["Depot 00"]}
    assert kept["values"] == {"site": {"Depot 44": ""}}
    assert taken_back.mapping["creates"] == {"site": []}
    assert taken_back.mapping["values"] == {"site": {"Depot 44": ""}}


def test_names_are_found_by_near_spellings_and_by_parts():
    names = Names(Name(each, each) for each in ("Bodicote House", "Banbury Library", "Bicester Library", "X"))

    assert [name.reads for name in names.near("Bodicote Hse")] == ["Bodicote House"]
    assert [name.reads for name in names.near("Banbury Libary")] == ["Banbury Library", "Bicester Library"]
    assert names.near("Zzz") == []
    assert [name.reads for name in names.holding("lib ban")] == ["Banbury Library"]
    assert names.exactly("BODICOTE  house") == Name("Bodicote House", "Bodicote House")
    assert (names.exactly("Bodicote"), names.holding(" ")) == (None, [])


def test_person_is_offered_nobody_of_the_other_council():
    a_person(a_council("CDC"), name="Jon Okoro"), a_site(a_council("CDC"), "Bodicote Hall")
    manager = a_person(a_council(), "asset_manager", name="Kim")
    started = begun(("Asset tag", "Site", "Assigned to"), ("1", "Bodicote Hse", "John Okoro"))
    decider = Decider(started, manager)

    offered = [words for word in decider.words for value, words in decider.choices(word, "o", "")]

    assert [words for words in offered if "Okoro" in words or "Bodicote" in words] == [
        "Create “Bodicote Hse”"
    ]
