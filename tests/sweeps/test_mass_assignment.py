"""Whatever else a page is sent, it takes the answers to what it asks: every column of the row is sent beside them."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import models
from django.forms.models import model_to_dict
from django.utils import timezone
from knox.models import AuthToken

from assets.register.models import Asset, Line
from assets.register.together import CHANGEABLE
from servicedesk.people.models import Grant, Membership, Person, Team
from servicedesk.spreadsheets.models import Export, Import
from servicedesk.tickets.models import Comment, Ticket
from tests.sweeps.asking import signed_in
from tests.sweeps.marks import NOON
from tests.sweeps.world import World

pytestmark = pytest.mark.django_db
# What somebody might hope to set, beside the columns themselves.
HOPES = {
    "pk": 1,
    "is_staff": "on",
    "is_superuser": "on",
    "groups": 1,
    "role": "administrator",
    "by": 1,
    "now": "2020-01-01",
}
HELP = {"kind": "incident", "title": "No sound", "effect": "me", "sensitivity": "normal"}
TICKET = {
    "title": "New title",
    "description": "",
    "category": "",
    "subcategory": "",
    "impact": 3,
    "urgency": 3,
}
ASSET = {
    "category": "laptop",
    "asset_tag": "NEW-1",
    "state": "in_stock",
    "ownership": "owned",
    "date_precision": Asset().date_precision,
    "os_upgradeable": Asset().os_upgradeable,
}

# What the page of an asset asks, written out so that another question is a decision.
ASKED = [
    "asset_tag",
    "serial_number",
    "category",
    "model",
    "manufacturer",
    "ownership",
    "managed_by",
    "condition",
    "hostname",
    "ip_address",
    "mac_address",
    "management_address",
    "firmware_version",
    "network_role",
    "rack",
    "rack_unit",
    "stack_name",
    "stack_member",
    "uplink",
    "imei",
    "phone_number",
    "os_name",
    "os_version",
    "os_upgradeable",
    "encrypted",
    "data_classification",
    "purchase_date",
    "in_service_date",
    "date_precision",
    "purchase_cost_ex_vat",
    "po_number",
    "supplier",
    "cost_centre",
    "department",
    "warranty_months",
    "warranty_end",
    "support_contract_end",
    "lease_end",
    "vendor_end_of_support",
    "holder",
    "holder_note",
    "site",
    "room",
    "last_audit_at",
    "annual_kwh_override",
    "notes",
]


def everything_of(row: models.Model) -> dict[str, Any]:
    """Every column by its name and by its attribute, as a form is sent: with what no row of ours has in it."""
    sent = dict(HOPES)
    for column in row._meta.concrete_fields:
        sent[column.name] = sent[column.attname] = _odd(column, column.value_from_object(row))
    return sent


def _odd(column: models.Field, value: Any) -> Any:
    """What could stand in the column and stands in no row that a test looks at."""
    if column.choices:
        return column.flatchoices[-1][0]
    if isinstance(column, models.BooleanField):
        return "on"
    if isinstance(column, models.DateTimeField):
        return "2021-02-03T04:05"
    if isinstance(column, models.DateField):
        return "2021-02-03"
    if isinstance(column, models.ForeignKey | models.AutoField):
        return value or 1
    return 7 if isinstance(column, models.IntegerField | models.DecimalField) else "odd"


def columns(row: models.Model) -> dict[str, Any]:
    return type(row)._base_manager.filter(pk=row.pk).values().get()


def changed(before: dict[str, Any], after: dict[str, Any]) -> set[str]:
    return {name for name in before if before[name] != after[name]}


def others(row: models.Model) -> list[dict[str, Any]]:
    return list(type(row)._base_manager.exclude(pk=row.pk).order_by("pk").values())


def filled_in(asset: Asset) -> dict[str, Any]:
    """The form of an asset as its page shows it."""
    fields = model_to_dict(asset, ASKED)
    return {name: "" if value is None else value for name, value in fields.items()}


def people() -> list[list[dict[str, Any]]]:
    """Who there is and what each may do; when somebody last signed in aside."""
    held = Person._base_manager.order_by("pk").values()
    rows = [{name: value for name, value in row.items() if name != "last_login"} for row in held]
    return [rows, *(list(kind.objects.order_by("pk").values()) for kind in (Grant, Membership))]


def send(world: World, role: str, address: str, other: models.Model, **asked: Any) -> None:
    """Send a page what it asks and every column beside it; nobody but the row it is about may change by that."""
    before = people()

    response = signed_in(world.person("OCC", role)).post(address, {**everything_of(other), **asked})

    assert response.status_code == 302, response.content.decode()
    assert people() == before


@pytest.fixture
def ticket(world, monkeypatch) -> Ticket:
    """A request in its first hour, so that no deadline passes however late it is now."""
    monkeypatch.setattr(timezone, "now", lambda: NOON + timedelta(hours=1))
    Ticket.objects.filter(pk=world.sides["OCC"].rows["shared"].pk).update(state="in_progress")
    return Ticket.objects.get(pk=world.sides["OCC"].rows["shared"].pk)


def test_correcting_a_ticket(world, ticket):
    other = world.sides["CDC"].rows["cyber"]
    before, rest = columns(ticket), others(ticket)
    own = {"service": ticket.service_id, "site": ticket.site_id, "version": ticket.version}

    send(world, "engineer", f"/tickets/{ticket}/change/", other, **TICKET, **own)

    assert changed(before, columns(ticket)) == {"title", "description", "category", "subcategory", "version"}
    assert others(ticket) == rest


def test_moving_a_ticket(world, ticket):
    other = world.sides["CDC"].rows["cyber"]
    before, rest = columns(ticket), others(ticket)
    given = {"version": ticket.version, "question": "Which headset?"}

    send(world, "engineer", f"/tickets/{ticket}/moves/ask_customer/", other, **given)

    told = {"last_comment_at", "last_comment_by_id", "first_response_at", "response_due_at"}
    assert changed(before, columns(ticket)) - told == {"state", "version", "due_at", "sort_due"}
    assert columns(ticket)["state"] == "waiting_customer"
    assert others(ticket) == rest


@pytest.mark.parametrize(
    ("role", "address"), [("engineer", "/tickets/{}/comments/"), ("someone", "/requests/{}/reply/")]
)
def test_saying_something(world, ticket, role, address):
    other = world.sides["CDC"].rows["cyber"].comments.first()
    before, rest = columns(ticket), others(ticket)
    sent = {"visibility": "public", "body": "Hello"}

    send(world, role, address.format(ticket), other, **sent)

    said = Comment.objects.latest("id")
    assert (said.ticket, said.author, said.visibility, said.body, said.supplier_team) == (
        ticket,
        world.person("OCC", role),
        "public",
        "Hello",
        None,
    )
    assert said.at > other.at
    told = {"last_comment_at", "last_comment_by_id", "first_response_at", "response_due_at", "version"}
    assert changed(before, columns(ticket)) <= told
    assert others(ticket) == rest


def test_asking_for_help(world):
    other, asker = world.sides["CDC"].rows["cyber"], world.person("OCC", "someone")

    send(world, "someone", "/help/", other, **{**HELP, "description": "", "service": ""})

    made = Ticket.objects.latest("id")
    kept = {name: value for name, value in columns(made).items() if value not in (None, "", 0, False)}
    assert kept.pop("reference").startswith("INC-")
    assert kept.pop("source_ref").startswith(f"form-{asker.pk}-")
    moments = {name for name, value in kept.items() if hasattr(value, "tzinfo")}
    assert moments == {"reported_at", "logged_at", "response_due_at", "due_at", "sort_due"}
    assert all(kept[name] > other.reported_at for name in moments)
    assert {name: value for name, value in kept.items() if name not in moments} == {
        "id": made.pk,
        "type": "incident",
        "council_id": asker.council_id,
        "sharing": "shared",
        "sensitivity": "normal",
        "requester_id": asker.pk,
        "channel": "portal",
        "title": "No sound",
        "site_id": asker.site_id,
        "team_id": Team.objects.first_to_answer(asker.council).pk,
        "impact": 3,
        "urgency": 1,
        "priority": "P3",
        "state": "new",
        "version": 1,
        "is_open": True,
    }


def test_correcting_an_asset(world):
    asset, other = world.sides["OCC"].rows["asset"], world.sides["CDC"].rows["asset"]
    before, rest = columns(asset), others(asset)
    own = {"holder": asset.holder.email, "room": "2.14", "version": asset.version}

    send(world, "asset_manager", f"/assets/{asset.pk}/edit/", other, **{**filled_in(asset), **own})

    assert changed(before, columns(asset)) == {"room", "version"}
    assert others(asset) == rest


def test_registering_an_asset(world):
    other = world.sides["CDC"].rows["asset"]
    asked = {**filled_in(Asset()), **ASSET}
    rest = list(Asset.objects.order_by("pk").values())

    send(world, "asset_manager", "/assets/new/", other, **asked)

    made = Asset.objects.latest("id")
    kept = {name: value for name, value in columns(made).items() if value not in (None, "", 0, False)}
    assert kept.pop("registered_at") > other.registered_at
    assert kept == {
        "id": made.pk,
        "council_id": world.sides["OCC"].council.pk,
        "asset_tag": "NEW-1",
        "category": "laptop",
        "state": "in_stock",
        "ownership": "owned",
        "date_precision": Asset().date_precision,
        "os_upgradeable": Asset().os_upgradeable,
        "version": 1,
    }
    assert others(made) == rest


def test_adding_a_line_and_changing_it(world):
    side, other = world.sides["OCC"], world.sides["CDC"].rows["line"]
    rest = list(Line.objects.order_by("pk").values())
    asked = {"number": "01865 1", "type": "pstn", "status": "in_use", "council": side.council.pk}
    empty = dict.fromkeys(("provider", "product", "site", "use", "contract_end", "migrate_by", "notes"), "")
    sent = {**everything_of(other), **empty, **asked}
    sent.pop("critical")

    client = signed_in(world.person("OCC", "asset_manager"))
    assert client.post("/assets/lines/new/", sent).status_code == 302

    made = Line.objects.latest("id")
    kept = {name: value for name, value in columns(made).items() if value not in (None, "", 0, False)}
    assert kept == {
        "id": made.pk,
        "council_id": side.council.pk,
        "number": "01865 1",
        "type": "pstn",
        "status": "in_use",
        "version": 1,
        "rank": 1,
    }
    assert others(made) == rest
    before = columns(made)

    changed_to = {**sent, "use": "Lift", "version": 1, "council": other.council_id}
    assert client.post(f"/assets/lines/{made.pk}/edit/", changed_to).status_code == 302

    assert changed(before, columns(made)) == {"use", "version"}
    assert others(made) == rest


def test_changing_many_assets(world):
    asset, other = world.sides["OCC"].rows["asset"], world.sides["CDC"].rows["asset"]
    before, rest = columns(asset), others(asset)
    empty = dict.fromkeys(CHANGEABLE, "")
    asked = {**empty, "asset": f"{asset.pk}-{asset.version}", "do": "change", "room": "2.14", "clear": []}

    send(world, "asset_manager", "/assets/together/", other, **asked)

    assert changed(before, columns(asset)) == {"room", "version"}
    assert others(asset) == rest


def test_counting(world):
    side, other = world.sides["OCC"], world.sides["CDC"].rows["stock-take"]
    there, rest = side.rows["stock-take"], others(side.rows["stock-take"])
    before, counting = columns(there), world.person("OCC", "asset_manager")

    send(world, "asset_manager", f"/assets/stock-takes/{there.pk}/count/", other, name="X-1", asset="")

    line = there.lines.get(name="X-1")
    assert (line.asset, line.counted_by, line.expected, line.moved_here) == (None, counting, False, False)
    assert line.counted_at > other.begun_at
    assert (columns(there), others(there)) == (before, rest)


def test_making_a_token(world):
    other = world.person("CDC", "administrator")
    client, before = signed_in(world.person("OCC", "someone")), people()

    answer = client.post(
        "/account/tokens/", {**everything_of(other), "user": other.pk, "expiry": "2099-01-01"}
    )

    assert answer.status_code == 200
    assert people() == before
    (token,) = AuthToken.objects.all()
    assert token.user == world.person("OCC", "someone")
    assert token.expiry < timezone.now() + timedelta(days=91)


def test_taking_rows_out(world):
    other, wanting = world.sides["CDC"].rows["export"], world.person("OCC", "asset_manager")
    before = people(), list(Export.objects.order_by("pk").values())
    sent = {"kind": "assets", "format": "csv", "wanted_by": other.wanted_by_id}

    answer = signed_in(wanting).post("/exports/", sent)  # whatever it does not ask for is taken for a filter

    assert answer.status_code == 400
    assert (people(), list(Export.objects.order_by("pk").values())) == before


def test_bringing_rows_in(world):
    other, manager = world.sides["CDC"].rows["import"], world.person("OCC", "asset_manager")
    sheet = SimpleUploadedFile("new.csv", b"Asset tag,Category\nN1,Laptop\n")
    asked = {"kind": "assets", "council": manager.council_id, "file": sheet}

    send(world, "asset_manager", "/imports/", other, **asked)

    made = Import.objects.latest("id")
    assert (made.council, made.started_by, made.version) == (manager.council, manager, 1)
    assert (made.state, made.counts, made.applied_at, made.job) == ("mapped", {}, None, None)
