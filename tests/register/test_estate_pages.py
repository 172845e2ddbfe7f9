"""The pages of models, suppliers, contracts, circuits, lines and useful lives, and of what hangs off an asset."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from assets.register.keeping import add_row, change_row, with_source
from assets.register.models import AssetModel, Circuit, CIRelation, Contract, LifecyclePolicy, Line, Supplier
from assets.register.registering import link_ticket
from tests.factories import a_council, a_model, a_person, a_service, a_site, a_ticket, an_asset, an_engineer
from tests.register.pages import manager, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def keeper(client):
    person = manager("OCC")
    client.force_login(person)
    return person


MODEL = {
    "manufacturer": "Ubiquiti",
    "name": "U6",
    "category": "access_point",
    "end_of_sale__none": "on",
    "end_of_sale__source": "maker’s notice",
    "end_of_sale__checked": "14/8/2026",
    "watts": "12.5",
    "holds_data": "False",
}


def test_model_is_added_says_what_is_known_of_its_dates_and_is_changed(client, keeper):
    assert client.post("/assets/models/new/", MODEL).status_code == 302
    model = AssetModel.objects.get()
    assert (str(model.manufacturer), model.holds_data) == ("Ubiquiti", False)
    assert model.sources == {
        "end_of_sale": {"source": "maker’s notice", "checked": "2026-08-14", "announced": False}
    }

    page = text_of(client.get(f"/assets/models/{model.pk}/"))
    assert "Not announced (maker’s notice, checked 14 Aug 2026)" in page
    assert "Not known" in page
    assert "109.5, by its watts" in page

    form = {**MODEL, "version": 1, "end_of_sale": "31/3/2024"}
    answer = client.post(f"/assets/models/{model.pk}/edit/", form)
    assert (answer.status_code, "not both" in text_of(answer)) == (422, True)
    del form["end_of_sale__none"]
    assert client.post(f"/assets/models/{model.pk}/edit/", form).status_code == 302
    stale = client.post(f"/assets/models/{model.pk}/edit/", {**form, "notes": "Mine"})
    assert (stale.status_code, "Mine" in text_of(stale)) == (409, True)
    model.refresh_from_db()
    assert (model.end_of_sale, model.version, model.notes) == (date(2024, 3, 31), 2, "")


def test_list_of_models_tells_dates_that_are_near_and_filters(client, keeper):
    soon = timezone.localdate() + timedelta(days=30)
    model = a_model("Ends soon", end_of_support=soon)
    change_row(model, by=None, version=1, sources=with_source(model, "end_of_support", "maker", None))
    a_model("Ends never")

    page = text_of(client.get("/assets/models/?support=soon"))

    assert ("Ends soon" in page, "Ends never" in page) == (True, False)
    assert client.get("/assets/models/?support=oops").status_code == 422


def test_what_ends_is_said_in_lists(client, keeper):
    today = timezone.localdate()
    supplier = Supplier(name="Isis", certificate="iso27001", certificate_expiry=today - timedelta(days=1))
    supplier = add_row(supplier, by=None)
    ends = today + timedelta(days=75)
    add_row(
        Contract(council=a_council(), supplier=supplier, reference="C-1", ends_on=ends, notice_months=3),
        by=None,
    )

    assert ", ended" in text_of(client.get("/assets/suppliers/?certificate=ended"))
    page = text_of(client.get("/assets/contracts/?end=soon"))
    assert ("75 days left" in page, "3 months" in page) == (True, True)
    assert "C-1" not in text_of(client.get("/assets/contracts/?end=ended"))


def test_lines_count_down_and_the_critical_ones_come_first(client, keeper):
    site = a_site(a_council(), "County Hall")
    for number, fields in enumerate(({"type": "sip"}, {"type": "isdn"}, {"type": "pstn", "critical": True})):
        add_row(Line(council=a_council(), number=f"line-{number}", site=site, **fields), by=None)

    page = text_of(client.get("/assets/lines/"))

    assert "2 analogue lines still to move, 1 of them critical." in page
    assert page.index("line-2") < page.index("line-1") < page.index("line-0")
    assert "Analogue lines" in text_of(client.get("/"))
    assert "line-0" not in text_of(client.get("/assets/lines/?analogue_left=true"))


def test_circuit_is_added_for_one_council_with_what_belongs_to_it(client, keeper):
    site, router = a_site(a_council(), "County Hall"), an_asset(a_council(), "RTR", category="router")
    elsewhere = a_site(a_council("CDC"))
    sent = {"council": a_council().pk, "number": "IF-1", "status": "in_use", "site": site.pk, "asset": "rtr"}

    assert client.post("/assets/circuits/new/", {**sent, "site": elsewhere.pk}).status_code == 422
    assert client.post("/assets/circuits/new/", {**sent, "asset": "nothing"}).status_code == 422
    assert client.post("/assets/circuits/new/", sent).status_code == 302
    circuit = Circuit.objects.get()
    assert (circuit.site, circuit.asset, circuit.council) == (site, router, a_council())
    again = client.post("/assets/circuits/new/", sent)
    assert "Circuit number is already in use" in text_of(again)


def test_council_decides_how_long_things_last_and_the_default_stays(client, keeper):
    default = LifecyclePolicy.objects.get(council=None, category="laptop")
    sent = {"council": a_council().pk, "category": "laptop", "useful_life_months": "48"}

    assert client.post("/assets/policies/new/", sent).status_code == 302
    assert client.post("/assets/policies/new/", sent).status_code == 422
    assert (
        "Change"
        not in text_of(client.get(f"/assets/policies/{default.pk}/")).split("<main")[1].split("History")[0]
    )
    assert client.get(f"/assets/policies/{default.pk}/edit/").status_code in (200, 403)
    assert (
        client.post(
            f"/assets/policies/{default.pk}/edit/", {"version": 1, "useful_life_months": 1}
        ).status_code
        == 403
    )


def test_who_reads_the_register_reads_these_and_who_does_not_reads_none(client):
    theirs = add_row(Line(council=a_council("CDC"), number="theirs", type="pstn"), by=None)
    pages = [
        f"/assets/{noun}/" for noun in ("models", "suppliers", "contracts", "circuits", "lines", "policies")
    ]

    client.force_login(an_engineer(a_council()))
    assert [client.get(page).status_code for page in pages] == [200] * 6
    assert client.get(f"/assets/lines/{theirs.pk}/").status_code == 200
    assert client.get(f"/assets/lines/{theirs.pk}/edit/").status_code == 403
    client.force_login(a_person(a_council(), "requester"))
    assert [client.get(page).status_code for page in pages] == [403] * 6
    assert client.get(f"/assets/lines/{theirs.pk}/").status_code == 404


def test_page_of_connections_adds_ends_and_tells_what_hangs_off(client, keeper):
    switch = an_asset(a_council(), "SW-1", category="switch", site=a_site(a_council(), "County Hall"))
    an_asset(a_council(), "AP-1", category="access_point", uplink=switch)
    server, service = (
        an_asset(a_council(), "SRV-1", category="server"),
        a_service("Website", public_facing=True),
    )
    path = f"/assets/{switch.pk}/relations/"

    assert (
        client.post(f"/assets/{server.pk}/relations/", {"kind": "connects_to", "other": "sw-1"}).status_code
        == 302
    )
    assert client.post(path, {"service": service.pk, "how": "runs_on"}).status_code == 302
    assert client.post(path, {"kind": "connects_to", "other": "SW-1"}).status_code == 422
    page = text_of(client.get(path))
    assert "1 access point, 1 server" in page
    assert "1. The public uses Website." in page
    assert "1 access point, 1 server" in text_of(client.get(f"/assets/{switch.pk}/"))
    relation = CIRelation.objects.get(source=server)
    assert client.post(f"{path}{relation.pk}/end/").status_code == 302
    assert not CIRelation.objects.filter(source=server).exists()


def test_ticket_about_a_switch_says_what_hangs_off_it_and_what_impact_that_has(client):
    engineer = an_engineer(a_council())
    switch = an_asset(a_council(), "SW-1", category="switch")
    an_asset(a_council(), "AP-1", category="access_point", uplink=switch)
    about, other = a_ticket(impact=3), a_ticket()
    link_ticket(switch, about, by=engineer)
    link_ticket(an_asset(a_council()), other, by=engineer)
    client.force_login(engineer)

    page = text_of(client.get(f"/tickets/{about}/"))
    assert "2. A team or a site depends on it." in page
    assert "The impact of this request is 3." in page
    assert "What hangs off it" not in text_of(client.get(f"/tickets/{other}/"))


def test_uplink_and_supplier_are_changed_on_the_asset(client, keeper):
    core = an_asset(a_council(), "CORE", category="switch", hostname="sw-core")
    an_asset(a_council("CDC"), "THEIRS", category="switch")
    supplier = add_row(Supplier(name="Isis"), by=None)
    asset = an_asset(a_council(), "SW-1", category="switch")
    sent = {
        "asset_tag": "SW-1",
        "category": "switch",
        "ownership": "owned",
        "date_precision": "day",
        "os_upgradeable": "unknown",
        "supplier": supplier.pk,
        "version": 1,
    }

    refused = client.post(f"/assets/{asset.pk}/edit/", {**sent, "uplink": "THEIRS"})
    assert "No asset of this council has the tag, hostname or serial number THEIRS" in text_of(refused)
    assert client.post(f"/assets/{asset.pk}/edit/", {**sent, "uplink": "SW-CORE"}).status_code == 302
    asset.refresh_from_db()
    assert (asset.uplink, asset.supplier) == (core, supplier)
    page = text_of(client.get(f"/assets/{asset.pk}/"))
    assert ("CORE" in page, "Isis" in page) == (True, True)
