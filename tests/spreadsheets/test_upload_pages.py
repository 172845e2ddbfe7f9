"""What the pages of an import say of the file itself: what is read, how its letters are written, all of it or none."""

import re

import pytest
from django.core.files.base import ContentFile

from assets.register.models import Asset
from servicedesk.jobs.models import Job
from servicedesk.spreadsheets import importing
from servicedesk.spreadsheets.applying import write
from servicedesk.spreadsheets.models import Import
from tests.factories import a_council, a_person
from tests.spreadsheets.incoming import a_csv, bring

pytestmark = pytest.mark.django_db

ROWS = (("Asset tag", "Category", "State"), ("1", "Laptop", "In use"), ("1", "Laptop", ""))


@pytest.fixture
def manager(client):
    person = a_person(a_council(), "asset_manager")
    client.force_login(person)
    return person


def text_of(response) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def upload(client, **given) -> Import:
    client.post("/imports/", {"kind": "assets", "council": a_council().pk, **given})
    return Import.objects.get()


def address(started: Import, step: str = "") -> str:
    return f"/imports/{started.pk}/{step}"


def test_all_rows_or_none_imports_nothing_as_long_as_a_row_is_held_back(client, manager):
    started = bring(a_csv(*ROWS), a_council(), manager)
    page = text_of(client.get(address(started)))
    assert "Import all rows or none" in page
    assert "good rows now" in page

    refused = client.post(address(started, "apply/"), {"version": started.version, "whole": "on"})

    assert refused.status_code == 409
    assert "cannot be imported as they are. Nothing was imported." in text_of(refused)
    assert (Import.objects.get().state, Job.objects.count()) == ("checked", 0)
    client.post(address(started, "apply/"), {"version": started.version})
    assert Import.objects.get().state == "applying"


def test_letters_that_were_taken_for_others_are_read_again_as_the_person_says(client, manager):
    started = upload(client, file=ContentFile(b"Asset tag,Category,Notes\n1,Laptop,\x8eluk\n", "old.csv"))
    guessed = text_of(client.get(address(started, "sheet/")))
    assert "We have taken them for Old Mac (Mac Roman), which fits best." in guessed
    assert "éluk" in guessed
    given = {"version": started.version, "sheet": "", "header_row": 1, "encoding": "cp1252"}

    said = client.post(address(started, "sheet/"), given)

    started = Import.objects.get()
    assert (said.url, started.mapping["encoding"]) == (address(started, "sheet/"), "cp1252")
    told = text_of(client.get(said.url))
    assert "The file is read as Windows (Western European) now." in told
    assert "Žluk" in told
    assert "We have taken them" not in told
    on = client.post(address(started, "sheet/"), {**given, "version": started.version})
    assert on.url == address(started, "mapping/")
    assert "Žluk" in text_of(client.get(on.url))
    started = Import.objects.get()
    assert started.mapping["encoding"] == "cp1252"  # it is read so from now on
    write(importing.check(started, by=manager), by=manager)
    assert Asset.objects.get().notes == "Žluk"


def test_page_says_what_can_be_read_and_pasted_rows_need_no_encoding(client, manager):
    formats = "(.xlsx, .xlsb or .xls), an OpenDocument spreadsheet (.ods), a text file (.csv or .tsv)"
    assert formats in text_of(client.get("/imports/"))
    client.post(
        "/imports/", {"kind": "assets", "council": a_council().pk, "pasted": "Asset tag\tNotes\n1\té\n"}
    )
    page = text_of(client.get(address(Import.objects.get(), "sheet/")))
    assert formats in page
    assert "Letters are written in" not in page
