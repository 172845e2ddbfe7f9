"""Figures that other systems count: entered by a service owner, and shown as such."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from servicedesk.history.editing import Stale
from servicedesk.people.models import Person
from servicedesk.reports.entering import correct_figure, enter_figure
from servicedesk.reports.models import EnteredFigure
from servicedesk.reports.service_report import ServiceReport
from tests.reports.november import November
from tests.reports.test_pages import REPORT, cells, client_of
from tests.reports.vector import at

pytestmark = pytest.mark.django_db
DECEMBER = at("2026-12-03T10:00")


def entered(by: Person, kind: str = "calls", part: int = 120, whole: int = 4000, **fields) -> EnteredFigure:
    given = {"month": date(2026, 11, 1), "source": "Telephone system", "read_on": date(2026, 12, 2), **fields}
    figure = EnteredFigure(council=by.council, kind=kind, part=part, whole=whole, **given)
    return enter_figure(figure, by=by, now=DECEMBER)


def told(reader: Person, scope: str, month: date = date(2026, 11, 1)) -> dict[str, list[str]]:
    table = ServiceReport(reader, month, scope, DECEMBER).tables[-1]
    return {row.code: [cell.text for cell in row.cells] for row in table.rows}


@pytest.fixture
def owner(november: November) -> Person:
    return november.reader("service_owner")


def test_report_shows_it_with_who_entered_it_and_from_where(november, owner):
    entered(owner, month=date(2026, 10, 1), part=200, whole=4000, read_on=date(2026, 11, 2))
    entered(owner)
    source = f"Entered by {owner} from Telephone system, 2 December 2026"

    assert told(november.reader("auditor"), "OCC")["calls"] == [
        *("3.0%", "120", "4,000", "5.0%", "−2.0 points", "No figure entered", source),
    ]


def test_where_nothing_was_entered_there_is_no_nought(november):
    nothing = "No figure entered"

    assert told(november.reader("auditor"), "OCC") == {
        kind: [nothing, nothing, nothing, nothing, "–", nothing, nothing]
        for kind in ("calls", "changes", "projects")
    }


def test_nought_that_was_entered_is_one(november, owner):
    entered(owner, "changes", 0, 0)

    assert told(november.reader("auditor"), "OCC")["changes"][:3] == ["–", "0", "0"]


def test_all_together_have_a_number_where_each_council_entered_one(november, owner):
    reader = november.reader("cyber_officer")
    entered(owner)
    assert told(reader, "joint")["calls"][:3] == ["No figure entered for Cherwell District Council"] * 3

    theirs = november.reader("service_owner", "CDC")
    entered(theirs, part=80, whole=1000)

    assert told(reader, "joint")["calls"][:3] == ["4.0%", "200", "5,000"]
    sources = f"CDC: Entered by {theirs} from Telephone system, 2 December 2026; OCC: Entered by {owner}"
    assert told(reader, "joint")["calls"][-1].startswith(sources)


def test_small_numbers_of_another_council_are_kept_back_and_its_source_is_not_told(november):
    entered(november.reader("service_owner", "CDC"), "changes", 3, 20)

    assert told(november.reader("queue_manager"), "CDC")["changes"] == [
        *("<5", "<5", "20", "No figure entered", "kept back", "No figure entered", "Entered there"),
    ]


def test_is_entered_by_the_service_owner_of_that_council_alone(november, owner):
    for role in ("queue_manager", "cyber_officer", "administrator", "auditor", "engineer"):
        with pytest.raises(PermissionDenied):
            entered(november.reader(role))
    figure = entered(owner)
    with pytest.raises(PermissionDenied):
        correct_figure(figure, by=november.reader("service_owner", "CDC"), version=1, part=1)


@pytest.mark.parametrize(
    "given, field",
    [
        ({"month": date(2026, 12, 1), "read_on": date(2026, 12, 2)}, "month"),
        ({"month": date(2026, 11, 2)}, "month"),
        ({"part": 4001}, "part"),
        ({"whole": 10_000_001}, "whole"),
        ({"read_on": date(2026, 12, 4)}, "read_on"),
        ({"read_on": date(2026, 10, 31)}, "read_on"),
        ({"source": ""}, "source"),
    ],
)
def test_what_cannot_be_is_refused_in_words(owner, given, field):
    with pytest.raises(ValidationError) as refused:
        entered(owner, **given)
    assert list(refused.value.message_dict) == [field]


def test_is_entered_once_a_month(owner):
    entered(owner)
    with pytest.raises(ValidationError, match="entered for November 2026 already"):
        entered(owner)


def test_correction_is_of_whoever_made_it_and_its_history_tells_what_it_was(november, owner):
    figure, second = entered(owner), november.reader("service_owner")

    corrected = correct_figure(figure, by=second, version=1, part=130, now=DECEMBER)

    assert (corrected.part, corrected.entered_by, corrected.version) == (130, second, 2)
    with pytest.raises(Stale):
        correct_figure(figure, by=owner, version=1, part=140, now=DECEMBER)
    assert told(november.reader("auditor"), "OCC")["calls"][1] == "130"


@pytest.mark.usefixtures("end_of_november")
def test_it_is_entered_and_corrected_by_page(november, owner):
    client = client_of(owner)
    typed = {
        "kind": "projects",
        "council": owner.council_id,
        "month": "2026-10-01",
        "part": "386",
        "whole": "1000",
        "source": "Time sheets",
        "read_on": "5/11/2026",
    }
    answer = client.post("/reports/entered/new/", typed, follow=True)
    assert "Working time that went into projects, Oxfordshire County Council, October 2026 is entered" in (
        answer.content.decode()
    )
    figure = EnteredFigure.objects.get()
    page = client.get(f"/reports/entered/{figure.pk}/").content.decode()
    assert 'value="386"' in page

    changed = {
        "version": "1",
        "part": "350",
        "whole": "1000",
        "source": "Time sheets",
        "read_on": "5/11/2026",
    }
    assert client.post(f"/reports/entered/{figure.pk}/", changed).status_code == 302
    stale = client.post(f"/reports/entered/{figure.pk}/", changed | {"part": "1"})
    assert (stale.status_code, "350" in stale.content.decode()) == (409, True)
    report = client_of(november.reader("auditor")).get(REPORT.format("OCC").replace("11", "10"))
    assert cells(report.content.decode(), "Entered from elsewhere")["Working time that went into projects"][
        :3
    ] == ["35.0%", "350", "1,000"]


@pytest.mark.usefixtures("end_of_november")
def test_list_is_for_whom_figures_are_and_tells_of_their_own_council(november, owner):
    read = {"month": date(2026, 10, 1), "read_on": date(2026, 11, 2)}
    entered(owner, source="Our switch", **read)
    entered(november.reader("service_owner", "CDC"), source="Their switch", **read)

    page = client_of(november.reader("auditor")).get("/reports/entered/").content.decode()

    assert ("Our switch" in page, "Their switch" in page, "Enter a figure" in page) == (True, False, False)
    assert client_of(november.engineer).get("/reports/entered/").status_code == 403
