"""The pages of disposal, in the words of whoever uses them."""

from datetime import timedelta
from decimal import Decimal
from io import BytesIO
from zipfile import ZipFile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from openpyxl import Workbook, load_workbook

from assets.disposal import chasing, closing, media
from assets.disposal.models import Consignment, DueBack
from assets.register.models import Asset, Medium
from servicedesk.tickets.models import Ticket
from tests.disposal.leaving import NOW, a_consignment, a_disposing_world, collected, lines, wiped
from tests.factories import a_person, an_asset
from tests.register.pages import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(client):
    made = a_disposing_world()
    client.force_login(made.keeper)
    return made


def test_a_consignment_from_its_beginning_to_its_end(world, client):
    for tag in "AB":
        wiped(world.county, tag)
    an_asset(world.county, "BACK", state="returned")
    today = timezone.localdate()

    made = client.post(
        reverse("disposal:new_consignment"),
        {"council": world.county.pk, "supplier": world.firm.pk, "income": "30.00"},
    )
    row = Consignment.objects.get()
    page = reverse("disposal:consignment", args=[row.pk])
    assert made["Location"] == page

    scanned = client.post(reverse("disposal:scan_in", args=[row.pk]), {"names": "SNA\nB\nBACK\nnowhere"})
    assert "Not everything went in" in text_of(scanned)
    assert "BACK is returned, so “Dispose of” is not possible." in text_of(scanned)
    assert "nowhere is not in the register." in text_of(scanned)
    row.refresh_from_db()

    papers = {
        "supplier": world.firm.pk,
        "carrier_licence": "CBDU1",
        "carrier_licence_expiry": (today + timedelta(days=90)).isoformat(),
        "transfer_note": "WTN-1",
        "hazardous_waste_note": "HWN-1",
        "items_on_note": "2",
        "weee_facility": "Banbury",
        "collected_on": today.isoformat(),
        "weight_kg": "5",
        "dial_rating": "2",
        "income": "30.00",
    }
    refused = client.post(
        reverse("disposal:collect", args=[row.pk]), {"version": row.version, "supplier": world.firm.pk}
    )
    assert refused.status_code == 422
    assert "Enter the number of the waste transfer note" in text_of(refused)
    taken = client.post(reverse("disposal:collect", args=[row.pk]), {"version": row.version, **papers})
    assert taken["Location"] == page

    row.refresh_from_db()
    half = client.post(
        reverse("disposal:certify", args=[row.pk]),
        {
            "version": row.version,
            "lines": "Serial number\tOutcome\nSNA\tResold\nSNX\tShredded",
            "certificate_number": "C-1",
        },
    )
    assert half["Location"] == page
    differing = text_of(client.get(page))
    assert "B was scanned but is not certified" in differing
    assert "SNX is certified but was not scanned" in differing
    closed = client.post(reverse("disposal:close_consignment", args=[row.pk]))
    assert (closed.status_code, "The lists do not agree" in text_of(closed)) == (409, True)

    sheet = SimpleUploadedFile(
        "certificate.csv", b"Serial no,Cert no,Fate\nSNA,C-1,Resold\nSNB,C-1,Shredded\n"
    )
    client.post(reverse("disposal:certify", args=[row.pk]), {"file": sheet})
    client.post(reverse("disposal:close_consignment", args=[row.pk]))

    assert dict(Asset.objects.exclude(asset_tag="BACK").values_list("asset_tag", "state")) == {
        "A": "sold",
        "B": "destroyed",
    }
    told = text_of(client.get(page))
    assert "certificate.csv" in told
    assert "Resold" in told
    register = text_of(client.get(reverse("disposal:register")))
    assert "£30.00" in register
    assert "2.50" in register
    assert b"SNA" in b"".join(client.get(reverse("disposal:certificate", args=[row.pk])).streaming_content)


def test_what_the_firm_has_is_cancelled_on_a_page_that_asks_why(world, client):
    row = collected(world, wiped(world.county, "A"))
    address = reverse("disposal:cancel_consignment", args=[row.pk])
    assert address in client.get(reverse("disposal:consignment", args=[row.pk])).content.decode()
    assert "Why it is cancelled" in text_of(client.get(address))

    assert client.post(address, {"version": row.version}).status_code == 422
    client.post(address, {"version": row.version, "reason": "The lorry came back"})

    row.refresh_from_db()
    assert row.state == "cancelled"
    draft = a_consignment(world)
    client.post(reverse("disposal:cancel_consignment", args=[draft.pk]), {"version": draft.version})
    draft.refresh_from_db()
    assert draft.state == "cancelled"


def hidden_sheets() -> bytes:
    """A workbook of which no sheet can be seen: programs write it, though spreadsheets do not."""
    seen, hidden = BytesIO(), BytesIO()
    Workbook().save(seen)
    with ZipFile(seen) as old, ZipFile(hidden, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b'state="visible"', b'state="hidden"'))
    return hidden.getvalue()


def test_a_workbook_of_hidden_sheets_alone_is_sent_back(world, client):
    row = collected(world, wiped(world.county, "A"))
    sent = {"version": row.version, "file": SimpleUploadedFile("certificate.xlsx", hidden_sheets())}

    answer = client.post(reverse("disposal:certify", args=[row.pk]), sent)

    said = "This workbook has no sheet that can be seen"
    assert (answer.status_code, said in text_of(answer)) == (422, True)


def test_a_certificate_that_says_nothing_is_sent_back(world, client):
    row = collected(world, wiped(world.county, "A"))
    address = reverse("disposal:certify", args=[row.pk])

    assert "Paste the lines of the certificate, or select a spreadsheet" in text_of(client.post(address, {}))
    odd = client.post(address, {"lines": "SNA, C-1, vanished"})
    assert odd.status_code == 422
    assert "Row 1, SNA: “vanished” says nothing of what became of it" in text_of(odd)
    bare = client.post(address, {"lines": "SNA", "outcome": "recycled"})
    assert "Row 1, SNA: it has no certificate number" in text_of(bare)


def test_the_other_council_sees_the_consignment_and_not_its_money(world, client):
    row = collected(world, wiped(world.county, "A"), income=Decimal("41.37"))
    row = closing.take_certificate(row, lines(("SNA", "resold")), by=world.keeper, now=NOW)
    row = closing.close(row, by=world.keeper, now=NOW)
    pages = [
        reverse("disposal:consignment", args=[row.pk]),
        *(reverse(f"disposal:{name}") for name in ("consignments", "register", "print_register")),
    ]
    assert [("41.37" in text_of(client.get(page)), client.get(page).status_code) for page in pages] == [
        (True, 200),
        (False, 200),
        (True, 200),
        (True, 200),
    ]
    client.force_login(world.other_keeper)
    assert [("41.37" in text_of(client.get(page)), client.get(page).status_code) for page in pages] == [
        (False, 200)
    ] * 4
    assert cells(client, world.other_keeper)[1][-1] is None
    assert client.post(reverse("disposal:close_consignment", args=[row.pk])).status_code == 403
    client.force_login(world.jo)
    assert client.get(pages[0]).status_code == 404
    assert client.get(pages[1]).status_code == 403


def cells(client, person, sheet: str = "Disposals") -> list[tuple]:
    client.force_login(person)
    answer = client.post(reverse("disposal:export_register"))
    return list(load_workbook(BytesIO(answer.content))[sheet].values)


def test_the_register_as_a_spreadsheet(world, client):
    row = collected(world, wiped(world.county, "A"), income=Decimal("12.50"), weight_kg=Decimal("1.6"))
    row = closing.take_certificate(row, lines(("SNA", "resold")), by=world.keeper, now=NOW)
    row = closing.close(row, by=world.keeper, now=NOW)
    an_asset(world.county, "OLD", state="disposed", evidence_missing=True)

    heading, *rows = cells(client, world.keeper)
    cover = [line for (line,) in cells(client, world.keeper, "About")]

    assert "This is a document. It cannot be brought back: what is changed in it changes nothing." in cover
    assert heading[-1] == "Income excluding VAT"
    found = {line[0]: line for line in rows}
    assert found["A"][4] == "Sold"
    assert found["A"][6:] == (
        "W-A",
        "C-2",
        None,
        "no",
        row.reference,
        "Clear IT",
        "Banbury Recycling",
        1.6,
        12.5,
    )
    assert found["OLD"][9] == "yes"


def test_something_is_asked_back_from_the_page_of_its_asset(world, client):
    asset = an_asset(world.county, "LT", holder=world.jo)
    client.force_login(world.engineer)
    at = reverse("disposal:ask_back", args=[asset.pk])
    assert at in client.get(reverse("register:asset", args=[asset.pk])).content.decode()
    empty = client.post(at, {})
    assert (empty.status_code, "Enter why it must come back" in text_of(empty)) == (422, True)

    said = client.post(at, {"due_on": f"{timezone.localdate():%d/%m/%Y}", "note": "Audit"}, follow=True)

    assert "Jo Okoro is asked for LT" in text_of(said)
    assert (DueBack.objects.get().person, DueBack.objects.get().why) == (world.jo, "other")
    client.force_login(world.jo)
    assert (
        client.get(at).status_code,
        "Ask for it back" in text_of(client.get(reverse("register:asset", args=[asset.pk]))),
    ) == (
        403,
        False,
    )


def test_what_is_due_back_is_chased_and_brought_back_from_its_page(world, client):
    asset = an_asset(world.county, "LT", holder=world.jo, site=world.site)
    (row,) = chasing.expect([asset], by=world.keeper, why="swapped", due_on=timezone.localdate())
    listed = text_of(client.get(reverse("disposal:due_back")))
    assert ("LT" in listed, "Never" in listed) == (True, True)

    client.post(reverse("disposal:deed_due_back", args=[row.pk, "chase"]), {"note": "Rang Jo: tomorrow"})
    assert "Rang Jo: tomorrow" in text_of(client.get(reverse("disposal:one_due_back", args=[row.pk])))
    empty = client.post(reverse("disposal:deed_due_back", args=[row.pk, "back"]), {})
    assert (empty.status_code, "Select its condition, A to D" in text_of(empty)) == (422, True)
    client.post(reverse("disposal:deed_due_back", args=[row.pk, "back"]), {"condition": "B"})

    asset.refresh_from_db()
    assert (asset.state, asset.holder, asset.condition) == ("returned", None, "B")
    client.get(reverse("disposal:due_back"))
    assert "LT" not in text_of(client.get(reverse("disposal:due_back")))


def test_lost_from_the_page_opens_a_security_incident(world, client):
    asset = an_asset(world.county, "LT", holder=world.jo, site=world.site)
    (row,) = chasing.expect([asset], by=world.keeper, why="leaver", due_on=timezone.localdate())

    client.post(reverse("disposal:deed_due_back", args=[row.pk, "lost"]), {"what_happened": "On the train"})

    assert DueBack.objects.get().state == "lost"
    assert Ticket.objects.get().type == "security"


def test_media_are_wiped_from_the_page_of_the_asset(world, client):
    asset = an_asset(world.county, "SRV", category="server", state="returned")
    client.post(
        reverse("disposal:add_medium", args=[asset.pk]), {"kind": "hard_disk", "serial_number": "wd1"}
    )
    medium = Medium.objects.get()
    assert "Hard disk WD1" in text_of(client.get(reverse("register:asset", args=[asset.pk])))

    given = {"method": "purge", "verified_by": world.second.pk, "certificate_number": "M-1"}
    alone = client.post(
        reverse("disposal:deed_medium", args=[medium.pk, "wipe"]), given | {"verified_by": world.keeper.pk}
    )
    assert "Somebody else must look at the result" in text_of(alone)
    client.post(reverse("disposal:deed_medium", args=[medium.pk, "wipe"]), given)

    asset.refresh_from_db()
    assert (asset.state, asset.certificate_number) == ("sanitised", "M-1")


def test_each_part_of_the_wipe_ledger(world, client):
    county = world.county
    an_asset(county, "WAITS", state="returned")
    an_asset(county, "SCREEN", state="returned", category="monitor")
    an_asset(county, "FAILED", state="sanitise_failed")
    an_asset(county, "BARE", state="sanitised")
    an_asset(county, "OLD", state="disposed", evidence_missing=True)
    disk = media.add_medium(an_asset(county, "DISK", state="returned"), by=world.keeper, kind="hard_disk")
    media.wipe_medium(disk, by=world.keeper, given={"method": "clear", "note": "Dead"}, passed=False)
    names = ("WAITS", "SCREEN", "FAILED", "BARE", "OLD", "DISK")

    def told(part: str) -> list[str]:
        page = text_of(client.get(reverse("disposal:wiping"), {"show": part, "council": "OCC"}))
        return [name for name in names if f">{name}<" in page]

    assert {part: told(part) for part in ("waiting", "failed", "unchecked", "certificates", "missing")} == {
        "waiting": ["WAITS", "DISK"],
        "failed": ["FAILED", "DISK"],
        "unchecked": [],
        "certificates": [],
        "missing": ["BARE", "OLD"],
    }


def test_the_first_screen_counts_what_is_overdue_and_what_has_no_certificate(world, client):
    yesterday = timezone.localdate() - timedelta(days=1)
    chasing.expect(
        [an_asset(world.county, "LT", holder=world.jo)], by=world.keeper, why="loan", due_on=yesterday
    )
    an_asset(world.county, "BARE", state="sanitised")

    cards = text_of(client.get(reverse("portal:cards")))

    assert "Coming back and leaving" in cards
    assert f"{reverse('disposal:due_back')}?overdue=true&amp;council=OCC" in cards
    client.force_login(a_person(world.county, "requester"))
    assert "Coming back and leaving" not in text_of(client.get(reverse("portal:cards")))


def test_two_people_scan_the_same_thing_into_two_consignments(world, client):
    asset = wiped(world.county, "A")
    row = a_consignment(world, asset)
    other = a_consignment(world)

    told = text_of(client.post(reverse("disposal:scan_in", args=[other.pk]), {"names": "A"}))

    assert f"A is in consignment {row} already." in told
