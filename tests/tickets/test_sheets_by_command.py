"""Requests brought back by command: in somebody's name and by their rights, or not at all."""

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.utils import timezone

from servicedesk.spreadsheets import importing
from servicedesk.spreadsheets.models import Import
from servicedesk.tickets.models import Ticket
from servicedesk.tickets.raising import raise_ticket
from tests.factories import a_council, a_requester, a_service, a_team, an_engineer
from tests.spreadsheets.incoming import a_csv

pytestmark = pytest.mark.django_db


@pytest.fixture
def ticket() -> Ticket:
    """A request for the team of asha@example.org."""
    asha = an_engineer(a_council("OCC"), name="Asha", email="asha@example.org")
    ben = a_requester(a_council("OCC"))
    service = a_service(team=a_team("Service desk", members=(asha,)))
    return raise_ticket(by=ben, requester=ben, type="incident", title="No sound", service=service)


@pytest.fixture
def sheet(ticket, tmp_path):
    path = tmp_path / "requests.csv"
    path.write_bytes(a_csv(("Reference", "Summary"), (ticket.reference, "No sound at all")).read())
    return str(path)


def brought(sheet: str, capsys, *options: str) -> tuple[int, str]:
    with pytest.raises(SystemExit) as ended:
        call_command("import_sheet", "tickets", sheet, "--council", "OCC", "--apply", *options)
    return ended.value.code, capsys.readouterr().out


def test_sheet_of_requests_in_nobodys_name_is_refused_and_not_passed_over(ticket, sheet, capsys):
    code, said = brought(sheet, capsys)

    assert (code, Ticket.objects.get().title) == (2, "No sound")
    assert (
        "row 2, column A: error: A sheet changes requests in somebody’s name. "
        "Bring it in on the page of imports, or say by whom it is." in said
    )


def test_sheet_is_brought_in_and_taken_back_in_the_name_of_somebody_who_may(ticket, sheet, capsys):
    code, said = brought(sheet, capsys, "--by", "Asha@example.org")
    assert (code, Ticket.objects.get().title, "1 update" in said) == (0, "No sound at all", True)
    number = str(Import.objects.get().pk)

    with pytest.raises(CommandError, match="It changed tickets, which somebody takes back by their rights"):
        call_command("imports", "--undo", number)
    with pytest.raises(CommandError, match="Nobody signs in as nobody@example.org"):
        call_command("imports", "--undo", number, "--by", "nobody@example.org")
    a_requester(a_council("OCC"), email="ben@example.org")
    with pytest.raises(CommandError, match="may not take it back"):
        call_command("imports", "--undo", number, "--by", "ben@example.org")
    assert Import.objects.get().state == "applied"
    call_command("imports", "--undo", number, "--by", "asha@example.org")

    assert capsys.readouterr().out == "Restored: 1, removed: 0\n"
    assert (Ticket.objects.get().title, Import.objects.get().state) == ("No sound", "undone")


def test_somebody_who_may_not_import_brings_nothing_in(sheet, capsys):
    a_requester(a_council("OCC"), email="cy@example.org")

    with pytest.raises(CommandError, match="You may not import tickets for this council"):
        call_command("import_sheet", "tickets", sheet, "--council", "OCC", "--by", "cy@example.org")


def test_somebody_who_loses_the_right_before_it_is_checked_is_told_so(sheet, monkeypatch):
    def refuse(*args, **more):
        raise PermissionDenied("You may not import tickets for this council.")

    monkeypatch.setattr(importing, "check", refuse)

    with pytest.raises(CommandError, match="You may not import tickets for this council"):
        call_command("import_sheet", "tickets", sheet, "--council", "OCC", "--by", "asha@example.org")


def test_import_that_says_what_is_sealed_now_is_neither_listed_nor_taken_back(sheet, capsys):
    brought(sheet, capsys, "--by", "asha@example.org")
    Import.objects.update(withdrawn_at=timezone.now())
    number = Import.objects.get().pk

    with pytest.raises(CommandError, match=f"There is no import {number}"):
        call_command("imports", "--undo", str(number), "--by", "asha@example.org")


def test_reason_that_goes_with_no_change_is_refused_and_not_lost(ticket, tmp_path, capsys):
    path = tmp_path / "requests.csv"
    path.write_bytes(a_csv(("Reference", "Reason or note"), (ticket.reference, "She rang again")).read())

    code, said = brought(str(path), capsys, "--by", "asha@example.org")

    assert code == 2
    assert "row 2, column B: error: The row says a reason or note and changes nothing. Empty the cell" in said
