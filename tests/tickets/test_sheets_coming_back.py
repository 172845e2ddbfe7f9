"""Requests taken out as a spreadsheet, edited and brought back: the same deeds as on their pages, and no others."""

import csv
from io import BytesIO, StringIO

import pytest
from django.core.files import File
from openpyxl import load_workbook

from servicedesk.history.models import Change
from servicedesk.notifications.models import Message
from servicedesk.spreadsheets import importing, taking_out
from servicedesk.spreadsheets.applying import write
from servicedesk.spreadsheets.changing import Overtaken
from servicedesk.spreadsheets.kinds import kinds
from servicedesk.spreadsheets.models import Import
from servicedesk.spreadsheets.taking_back import take_back
from servicedesk.tickets import sheet_changes
from servicedesk.tickets.models import Clock, Comment, Ticket
from servicedesk.tickets.raising import raise_ticket
from servicedesk.tickets.workflow import change, move
from tests.factories import (
    a_case_group,
    a_council,
    a_council_alone,
    a_person,
    a_requester,
    a_service,
    a_site,
    a_team,
    an_engineer,
)
from tests.spreadsheets.incoming import a_csv, bring, going_out, rows_of
from tests.spreadsheets.test_round_trip import SOFFICE, through_libreoffice

pytestmark = pytest.mark.django_db
REASON = "Reason or note"
NOT_THEIRS = "Only the requester, while nobody has begun or whoever manages the queue may do this"


@pytest.fixture
def asha():
    return an_engineer(a_council("OCC"), name="Asha")


@pytest.fixture
def desk(asha):
    return a_team("Service desk", members=(asha,))


def a_request(desk, **given) -> Ticket:
    """A request with clocks and history."""
    ben = given.pop("requester", None) or a_requester(a_council("OCC"))
    service = given.pop("service", None) or a_service(team=desk)
    return raise_ticket(
        **{"by": ben, "requester": ben, "type": "incident", "title": "No sound", "service": service, **given}
    )


def taken_out(person, **cells: dict) -> File:
    """What the person takes out of their requests at OCC, with these cells typed over: {reference: {heading: text}}."""
    rows = kinds()["tickets"].rows(person, {}).filter(council__code="OCC")
    text = going_out("tickets", rows, person).read().decode("utf-8-sig")
    lines = list(csv.reader(StringIO(text)))
    for line in lines[1:]:
        for heading, typed in cells.get(line[0], {}).items():
            line[lines[0].index(heading)] = typed
    return a_csv(*map(tuple, lines), name="requests.csv")


def edited(person, ticket: Ticket, **cells: str) -> Import:
    """The sheet of what the person sees, checked, with these cells of one ticket typed over."""
    headings = {name.replace("_", " ").capitalize(): text for name, text in cells.items()}
    file = taken_out(person, **{ticket.reference: headings})
    return bring(file, a_council("OCC"), person, kind="tickets")


def changes_of(started: Import) -> dict[str, tuple]:
    """What the one changed row would change: {column: (old, new) as they read}."""
    [row] = rows_of(started, "update")
    return {name: (old, new) for name, (_, _, old, new) in row.changes.items()}


def refusals(started: Import) -> list[tuple[str, str]]:
    return [(each["field"], each["message"]) for row in rows_of(started) for each in row.problems]


def test_what_nobody_edited_changes_nothing(asha, desk):
    a_request(desk, site=a_site(a_council("OCC")))
    a_request(desk, title="=cmd", description="Two\nlines")
    move(a_request(desk), "take", by=asha)

    file = taken_out(asha)

    assert bring(file, a_council("OCC"), asha, kind="tickets").counts == {
        "create": 0,
        "update": 0,
        "unchanged": 3,
        "ambiguous": 0,
        "error": 0,
    }


def test_edited_cells_and_what_follows_from_them_are_shown_and_nothing_is_done_before_the_import(asha, desk):
    ticket, other, site = a_request(desk), a_request(desk), a_site(a_council("OCC"), "Depot")
    before = Ticket.objects.values().get(pk=ticket.pk), Change.objects.count(), Message.objects.count()

    started = edited(asha, ticket, summary="No sound at all", site="Depot", impact="1", urgency="1")

    assert changes_of(started) == {
        "title": ("No sound", "No sound at all"),
        "site": ("", "Depot"),
        "impact": ("3", "1"),
        "urgency": ("3", "1"),
        "priority": ("P4 low", "P1 critical"),
    }
    assert started.counts["unchanged"] == 1
    own = Change.objects.exclude(kind__startswith="spreadsheets.").exclude(kind="files.storedfile")
    assert (Ticket.objects.values().get(pk=ticket.pk), own.count(), Message.objects.count()) == before

    write(started, by=asha)

    ticket.refresh_from_db()
    other.refresh_from_db()
    assert (ticket.title, ticket.site, ticket.priority) == ("No sound at all", site, "P1")
    assert (other.title, other.version) == ("No sound", 1)
    done = Change.objects.filter(kind="tickets.ticket", object_id=ticket.pk).latest("pk")
    assert (done.change_set.by_id, done.change_set.source) == (asha.pk, "import")
    assert set(done.fields) == {"title", "site", "impact", "urgency", "priority"}
    [fix] = Clock.objects.filter(ticket=ticket, metric="resolution")
    assert fix.due_at == ticket.due_at < other.due_at


def test_priority_by_hand_is_the_queue_managers_and_takes_a_reason(asha, desk):
    mo = a_person(a_council("OCC"), "queue_manager", name="Mo")
    ticket = a_request(desk)

    assert refusals(edited(asha, ticket, priority="P2 high", reason_or_note="The mayor waits")) == [
        ("priority", "Only who manages the queue may set a priority by hand")
    ]
    assert refusals(edited(mo, ticket, priority="P2 high")) == [("note", "Enter the reason")]
    assert refusals(edited(mo, ticket, priority="P2 high", reason_or_note="x" * 201)) == [
        ("note", "Reason must be 200 characters or fewer")
    ]

    write(edited(mo, ticket, priority="P2 high", reason_or_note="The mayor waits"), by=mo)

    ticket.refresh_from_db()
    assert (ticket.priority, ticket.priority_override, ticket.priority_reason) == (
        "P2",
        "P2",
        "The mayor waits",
    )


def test_giving_a_request_to_others_is_the_move_that_does_so(asha, desk):
    dev, second = an_engineer(a_council("OCC"), name="Dev"), a_team("Second line")
    ticket = a_request(desk)

    started = edited(asha, ticket, assignment_group="Second line", assigned_to="dev")

    assert changes_of(started) == {
        "team": ("Service desk", "Second line"),
        "assignee": ("", "dev"),
        "state": ("New", "Assigned"),
    }
    write(started, by=asha)
    ticket.refresh_from_db()
    assert (ticket.team, ticket.assignee, ticket.state) == (second, dev, "assigned")

    assert refusals(edited(asha, ticket, assigned_to="Asha")) == [
        ("note", "Enter a note for whoever takes this on")
    ]
    write(edited(asha, ticket, assigned_to="Asha", reason_or_note="You know him"), by=asha)
    ticket.refresh_from_db()
    assert (ticket.assignee, ticket.reassign_count) == (asha, 1)
    assert [(each.body, each.visibility) for each in Comment.objects.all()] == [("You know him", "internal")]


@pytest.mark.parametrize(
    ("state", "cells", "to"),
    [
        ("new", {"state": "In progress"}, {"state": "in_progress", "assignee": "Asha"}),
        ("in_progress", {"state": "New", "reason_or_note": "Not mine"}, {"state": "new", "assignee": "None"}),
        (
            "in_progress",
            {"state": "Resolved", "how_it_was_resolved": "Fixed", "what_was_done": "A new headset"},
            {"state": "resolved", "resolution_code": "fixed", "resolution_note": "A new headset"},
        ),
        ("waiting_supplier", {"state": "In progress"}, {"state": "in_progress"}),
    ],
)
def test_a_state_cell_runs_its_move(asha, desk, state, cells, to):
    ticket = a_request(desk)
    Ticket.objects.filter(pk=ticket.pk).update(state=state)

    write(edited(asha, ticket, **cells), by=asha)

    ticket.refresh_from_db()
    assert {name: str(getattr(ticket, name)) for name in to} == to


@pytest.mark.parametrize(
    ("cells", "refused"),
    [
        (
            {"state": "Resolved"},
            ["Choose how it was resolved", "Enter what was done, in words for the requester"],
        ),
        (
            {"state": "Cancelled", "reason_or_note": "No"},
            [NOT_THEIRS],
        ),
        ({"state": "Scheduled"}, ["No sheet brings {} to “Scheduled”"]),
        ({"state": "Closed"}, ["No sheet brings {} to “Closed”"]),
        ({"state": "In progress", "assigned_to": "Dev"}, ["With the rest of the row it would be “Asha”"]),
        ({"what_was_done": "Nothing"}, ["How it was resolved is said when it is resolved"]),
        ({"assignment_group": "Thrid line"}, ["We know no one thing on offer called “Thrid line”"]),
        ({"assigned_to": "Twin"}, ["We know no one thing on offer called “Twin”"]),
        ({"service": "HR advice"}, ["We know no one thing on offer called “HR advice”"]),
        ({"summary": "(clear)"}, ["This may not be empty"]),
        ({"impact": "1", "reason_or_note": "The mayor waits"}, [sheet_changes.UNHEARD]),
        ({"state": "In progress", "reason_or_note": "Mine"}, [sheet_changes.UNHEARD]),
    ],
)
def test_what_a_page_would_refuse_is_refused_in_its_words(asha, desk, cells, refused):
    for name in ("Dev", "Twin", "Twin"):
        an_engineer(a_council("OCC"), name=name)
    a_service("HR advice", sensitivity="hr")
    ticket = a_request(desk)

    started = edited(asha, ticket, **cells)

    assert (started.counts["update"], started.counts["error"]) == (0, 1)
    told = [message for _, message in refusals(started)]
    assert told == [message.format(ticket.reference) for message in refused]


def test_a_refused_state_names_the_moves_that_there_are(asha, desk):
    ticket = a_request(desk)

    [row] = rows_of(edited(asha, ticket, state="Scheduled"), "error")

    assert row.problems[0]["remedy"] == (
        "From new it can go on by: Assign (Assigned); Take (In progress); Resolve (Resolved); Cancel (Cancelled); "
        "Ask for approval (Waiting for approval)"
    )


def test_grey_cells_change_nothing(asha, desk):
    ticket = a_request(desk)

    typed = {
        "caller": "Asha",
        "opened": "2020-01-01 09:00:00",
        "reopen_count": "7",
        "type": "Security incident",
    }

    assert edited(asha, ticket, **typed).counts["unchanged"] == 1


def test_where_a_request_changed_meanwhile_there_are_three_values_to_choose_from(asha, desk):
    ticket, dev = a_request(desk), an_engineer(a_council("OCC"), name="Dev")
    file = taken_out(asha, **{ticket.reference: {"Summary": "Mine", "Impact": "2"}})
    change(ticket, by=dev, version=1, title="Theirs")

    started = bring(file, a_council("OCC"), asha, kind="tickets")

    [row] = rows_of(started)
    assert (row.action, row.told) == ("stale", {"title": ["Mine", "Theirs", "No sound"]})
    assert row.problems[0]["message"] == "The ticket was changed after this file was exported (1 (now 2))"
    for whose, title in {"theirs": "Theirs", "before": "No sound", "yours": "Mine"}.items():
        started = importing.decide(started, {"stale": whose}, by=asha, version=started.version)
        assert changes_of(started).get("title", ("", "Theirs"))[1] == title
    write(started, by=asha)
    ticket.refresh_from_db()
    assert (ticket.title, ticket.impact, ticket.version) == ("Mine", 2, 3)


def test_nothing_is_written_where_one_request_was_changed_since_the_check(asha, desk):
    first, second = a_request(desk), a_request(desk)
    cells = {ticket.reference: {"Summary": "New"} for ticket in (first, second)}
    started = bring(taken_out(asha, **cells), a_council("OCC"), asha, kind="tickets")
    change(second, by=asha, version=1, impact=1)

    with pytest.raises(Overtaken, match="changed by somebody since the rows were checked"):
        write(started, by=asha)

    assert set(Ticket.objects.values_list("title", flat=True)) == {"No sound"}


def test_undo_gives_back_facts_and_lists_what_was_moved_or_changed_since(asha, desk):
    mo = a_person(a_council("OCC"), "queue_manager", name="Mo")
    facts, moved, since = a_request(desk), a_request(desk), a_request(desk)
    was = Ticket.objects.values().get(pk=facts.pk)
    cells = {
        facts.reference: {"Summary": "New", "Priority": "P1 critical", REASON: "Flood", "Impact": "2"},
        moved.reference: {"State": "In progress"},
        since.reference: {"Summary": "New", "Category": "Sound"},
    }
    applied = write(bring(taken_out(mo, **cells), a_council("OCC"), mo, kind="tickets"), by=mo)
    change(since, by=asha, version=2, title="Asha's")

    undone = take_back(applied, by=mo)

    now = Ticket.objects.values().get(pk=facts.pk)
    assert {name for name in now if now[name] != was[name]} - {"version"} == set()
    assert undone.undone["restored"] == 2
    assert {(left["label"], left["why"], *left["fields"]) for left in undone.undone["left"]} == {
        (moved.reference, sheet_changes.STAYS, "assignee", "state"),
        (since.reference, "It was changed since.", "title"),
    }
    since.refresh_from_db()
    moved.refresh_from_db()
    assert (since.title, since.category, moved.state) == ("Asha's", "", "in_progress")


def test_export_greys_what_cannot_be_changed_and_offers_what_requests_can_be_given(asha, desk):
    a_team("Of the south", a_council_alone("SND", "South Northants"))
    a_case_group("hr", a_council("OCC"), asha)
    a_service("HR advice", team=desk, sensitivity="hr")
    a_request(desk, service=a_service("Laptops", team=desk))
    export = taking_out.start(kinds()["tickets"], {}, "xlsx", by=asha)
    with export.file.content.open("rb") as file:
        book = load_workbook(BytesIO(file.read()))

    sheet = book["Tickets"]
    rules = [rule for rule in sheet.data_validations.dataValidation if rule.formula1]
    offered = {sheet.cell(1, next(iter(rule.sqref.ranges)).min_col).value: rule.formula1 for rule in rules}
    grey = [cell.value for cell in sheet[1] if cell.fill.fgColor.rgb == sheet["A1"].fill.fgColor.rgb]
    assert offered["Service"] == '"Laptops"'
    assert offered["Assignment group"] == '"Service desk"'
    assert offered["Assigned to"] == '"Asha"'
    assert {
        "Reference",
        "Number",
        "Council",
        "Caller",
        "Opened",
        "Type",
        "For",
        "Aim to fix by",
        "Version",
    } <= set(grey)
    assert not {"Summary", "Service", "Site", "State", "Impact", "Priority", "Assigned to", REASON} & set(
        grey
    )


@pytest.mark.skipif(SOFFICE is None, reason="LibreOffice is not here: apt-get install libreoffice-calc-nogui")
def test_what_is_edited_in_libreoffice_is_changed_and_nothing_else(asha, desk, tmp_path):
    ticket = a_request(desk, title="=cmd")
    a_request(desk, title="00123")
    export = taking_out.start(kinds()["tickets"], {}, "xlsx", by=asha)
    with export.file.content.open("rb") as file:
        book = load_workbook(BytesIO(file.read()))
    sheet = book["Tickets"]
    headings = {cell.value: cell.column for cell in sheet[1]}
    [line] = [row for row in sheet.iter_rows(min_row=2) if row[0].value == ticket.reference]
    line[headings["Urgency"] - 1].value = "1"
    path = tmp_path / "requests.xlsx"
    book.save(path)

    saved = File(BytesIO(through_libreoffice(path, tmp_path)), "requests.xlsx")

    started = bring(saved, a_council("OCC"), asha, kind="tickets")
    assert changes_of(started) == {"urgency": ("3", "1"), "priority": ("P4 low", "P3 normal")}
    assert (started.counts["unchanged"], started.counts["error"]) == (1, 0)


def test_a_sheet_changes_so_many_requests_and_no_more(asha, desk, monkeypatch):
    monkeypatch.setattr(sheet_changes, "MOST_AT_ONCE", 1)
    tickets = [a_request(desk) for _ in range(2)]
    cells = {ticket.reference: {"Summary": "New"} for ticket in tickets}

    started = bring(taken_out(asha, **cells), a_council("OCC"), asha, kind="tickets")

    assert (started.counts["update"], refusals(started)) == (
        1,
        [("reference", "At most 1 requests are changed by one sheet")],
    )
