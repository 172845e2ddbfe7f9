"""The pages on which rows are taken out: their columns, the wait for many, and whose exports they are."""

import html
import re

import pytest

from servicedesk.jobs.models import Job
from servicedesk.jobs.running import run
from servicedesk.spreadsheets import taking_out
from servicedesk.spreadsheets.models import Export
from tests.factories import a_council, a_person, an_asset, an_engineer
from tests.spreadsheets.test_pages import text_of

pytestmark = pytest.mark.django_db


def test_export_button_gives_the_file(client):
    client.force_login(an_engineer())
    an_asset(tag="1", category="laptop")
    an_asset(tag="2", category="monitor")

    response = client.post("/exports/", {"kind": "assets", "format": "csv", "category": "monitor"})

    content = b"".join(response.streaming_content).decode("utf-8-sig")
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert [line.split(",")[0] for line in content.splitlines()[1:]] == ['"2"']


def test_long_export_is_waited_for_and_fetched(client, monkeypatch):
    monkeypatch.setattr(taking_out, "MADE_AT_ONCE", 0)
    client.force_login(an_engineer())
    an_asset(tag="1")

    waiting = client.post("/exports/", {"kind": "assets", "format": "xlsx"}, follow=True)
    before = client.get(f"/exports/{Export.objects.get().pk}/file/")
    run(Job.objects.get().pk)
    ready = client.get(waiting.redirect_chain[-1][0])

    assert "Waiting to start" in text_of(waiting)
    assert before.status_code == 404
    assert "Download assets 20" in text_of(ready)


def test_export_of_somebody_else_is_not_there(client):
    an_asset()
    other = an_engineer()
    client.force_login(other)
    b"".join(client.post("/exports/", {"kind": "assets", "format": "csv"}).streaming_content)
    export = Export.objects.get()
    client.force_login(an_engineer())

    assert [client.get(f"/exports/{export.pk}/{step}").status_code for step in ("", "file/")] == [404, 404]


@pytest.mark.parametrize(
    "given",
    [
        {"kind": "nix", "format": "csv"},
        {"kind": "assets", "format": "pdf"},
        {"kind": "assets", "format": "csv", "columns": "nix"},
        {"kind": "assets", "format": "csv", "columns": "purchase_cost_ex_vat"},
        {"kind": "assets", "format": "csv", "state": "x"},
        {"kind": "assets", "format": "csv", "coucil": "OCC"},
        {"kind": "assets", "format": "csv", "q": "a\0b"},
        {"kind": "assets", "format": "csv", "a\0b": "c\0d"},
    ],
)
def test_export_that_is_not_understood_is_refused(client, given):
    client.force_login(an_engineer())

    assert client.post("/exports/", given).status_code == 400


def test_supplier_may_not_export(client):
    client.force_login(a_person(None, "supplier_contact"))

    answers = [client.get("/exports/"), client.get("/exports/new/assets/")]
    answers.append(client.post("/exports/", {"kind": "assets", "format": "csv"}))

    assert [answer.status_code for answer in answers] == [403, 403, 403]


def test_columns_are_chosen_for_what_the_list_shows_and_remembered(client):
    client.force_login(a_person(a_council(), "asset_manager"))
    an_asset(tag="1", category="laptop", room="1.1")
    an_asset(tag="2", category="monitor", room="2.2")
    listed = client.get("/assets/?category=monitor")
    [link] = re.findall(r'href="(/exports/new/[^"]*)"', listed.content.decode())

    page = client.get(html.unescape(link))
    given = hidden_inputs(page) | {"columns": ["asset_tag", "room"], "format": "csv"}
    content = b"".join(client.post("/exports/", given).streaming_content).decode("utf-8-sig")
    again = client.get(html.unescape(link))

    assert "1 asset: Category: Monitor" in text_of(page)
    assert "Always there: Asset tag, Serial number, Hostname, Version" in text_of(page)
    assert content.splitlines() == [
        '"Asset tag","Serial number","Hostname","Room","Version"',
        '"2","","","2.2","1"',
    ]
    assert (ticked(page) - {"xlsx"} > {"room", "notes"}, ticked(again)) == (True, {"room", "csv"})


def test_earlier_exports_are_listed_for_their_person_alone(client):
    one, other = an_engineer(), an_engineer()
    an_asset()
    client.force_login(one)
    b"".join(client.post("/exports/", {"kind": "assets", "format": "csv"}).streaming_content)

    own = text_of(client.get("/exports/"))
    client.force_login(other)

    assert "Assets, " in own and "CSV" in own and "Export tickets" in own
    assert "You have not taken anything out yet" in text_of(client.get("/exports/"))


@pytest.mark.parametrize("kind", ["nix", "service-report"])
def test_there_is_no_export_of_what_is_no_kind(client, kind):
    client.force_login(an_engineer())

    assert client.get(f"/exports/new/{kind}/").status_code == 404


@pytest.mark.parametrize("query", ["state=nix", "coucil=OCC", "q=a%00b"])
def test_export_with_a_filter_that_is_not_understood_is_refused_at_once(client, query):
    client.force_login(an_engineer())

    assert client.get(f"/exports/new/assets/?{query}").status_code == 400


def hidden_inputs(page) -> dict[str, str]:
    """What the form sends along besides what is chosen."""
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page.content.decode()))


def ticked(page) -> set[str]:
    """The values that are chosen already."""
    inputs = re.findall(r"<input[^>]*>", page.content.decode())
    return {re.search(r'value="([^"]*)"', each)[1] for each in inputs if " checked" in each}
