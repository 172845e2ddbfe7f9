"""What the desk holds of one council of the world: its people and places, requests and announcements."""

from datetime import date, timedelta

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import QueryDict

from assets.register.registering import link_ticket
from servicedesk.knowledge import announcing
from servicedesk.knowledge.models import Announcement
from servicedesk.people.models import Council, Department, Person, Site
from servicedesk.people.roles import ROLES
from servicedesk.people.standing_in import name_stand_in
from servicedesk.reports.entering import enter_figure
from servicedesk.reports.models import EnteredFigure
from servicedesk.tickets import drafts
from servicedesk.tickets.breaking_glass import break_glass
from servicedesk.tickets.finding import index_tickets
from servicedesk.tickets.models import How, Link, Merge, Task, Ticket
from servicedesk.tickets.raising import raise_ticket
from servicedesk.tickets.replying import say
from servicedesk.tickets.sealing import alert_council, ask_to_open
from servicedesk.tickets.sight import write_down
from servicedesk.tickets.workflow import move
from tests.factories import a_case_group, a_person
from tests.sweeps.marks import NOON, WORD, Side, fill, mark, marked


def add_people(side: Side) -> None:
    for role in ROLES:
        side.people[role] = a_person(side.council, role, name=f"{role} of {side.council.code}")
    place = Site.objects.create(council=side.council, name=f"Site {marked(side.number, 'site')}")
    part = Department.objects.create(
        council=side.council, name=f"Department {mark(side.number, 'department')}"
    )
    someone = a_person(
        side.council,
        "requester",
        name=f"Someone {marked(side.number, 'name')}",
        site=place,
        department=part,
        payroll_number=mark(side.number, "private person"),
        job_title=marked(side.number, "private person"),
    )
    side.people["someone"] = someone
    side.people["case worker"] = a_person(
        side.council, "requester", name=f"Case worker of {side.council.code}"
    )
    sealed = a_case_group("hr", side.council, side.people["case worker"])
    sealed.name = f"Group {marked(side.number, 'case group')}"
    sealed.save()
    side.rows |= {"name": someone, "department": part, "site": place, "case group": sealed}
    a_case_group("cyber", side.council, side.people["case worker"])
    side.rows["stand-in"] = name_stand_in(
        someone,
        side.people["case worker"],
        by=someone,
        starts_at=NOON,
        ends_at=NOON + timedelta(days=3650),
        now=NOON,
    )


def add_tickets(side: Side, service) -> None:
    someone = side.people["someone"]
    for kind, fields in {
        "shared": {"type": "incident"},
        "own_council": {"type": "incident"},
        "hr": {"type": "request", "sensitivity": "hr"},
        "cyber": {"type": "security"},
    }.items():
        text = marked(side.number, kind)
        ticket = raise_ticket(
            by=someone, requester=someone, title=text, description=text, service=service, now=NOON, **fields
        )
        say(ticket, by=someone, body=text, visibility="public", files=[_file(text)], now=NOON)
        if kind == "own_council":
            Ticket.objects.filter(pk=ticket.pk).update(sharing="own_council")
        ticket.refresh_from_db()
        fill(ticket, side.number, kind, "resolution_code")
        ticket.save()
        index_tickets([ticket])
        side.rows[kind] = ticket
    note = marked(side.number, "internal note")
    engineer = side.people["engineer"]
    said = say(
        side.rows["shared"], by=engineer, body=note, visibility="internal", files=[_file(note)], now=NOON
    )
    side.rows["internal note"] = said.attachments.get()
    draft = QueryDict(mutable=True)
    draft.update({"body": f"{marked(side.number, 'draft')} begun"})
    for name in ("help", f"say-{side.rows['shared']}", f"reply-{side.rows['shared']}"):
        drafts.keep(someone, name, draft)


def another_ticket(side: Side, requester: Person, service) -> None:
    ticket = raise_ticket(
        by=requester, requester=requester, type="incident", title=WORD, service=service, now=NOON
    )
    say(side.rows["shared"], by=side.people["engineer"], body=WORD, visibility="public", now=NOON)
    say(ticket, by=side.people["engineer"], body=WORD, visibility="internal", now=NOON)
    link_ticket(side.rows["asset"], ticket, by=side.people["engineer"])


def add_ties(side: Side) -> None:
    """Every ticket has a task; the shared one is tied to those that others may not see, and one was merged into it."""
    shared, someone = side.rows["shared"], side.people["someone"]
    for kind in ("shared", "own_council", "hr", "cyber"):
        ticket, text = side.rows[kind], marked(side.number, "task" if kind == "shared" else kind)
        task = Task.objects.create(
            ticket=ticket, position=1, title=text, detail=text, team=ticket.team, created_at=NOON
        )
        if kind == "shared":
            side.rows["task"] = task
        else:
            Link.objects.create(ticket=shared, other=ticket, kind="relates", made_by=someone, made_at=NOON)
    Ticket.objects.filter(pk=shared.pk).update(parent=side.rows["own_council"])
    Ticket.objects.filter(pk=side.rows["hr"].pk).update(parent=shared)
    _merged(side, shared)


def _merged(side: Side, target: Ticket) -> None:
    someone, text = side.people["someone"], marked(side.number, "own_council")
    source = raise_ticket(
        by=someone, requester=someone, type="incident", title=text, description=text, now=NOON
    )
    say(source, by=someone, body=text, visibility="public", files=[_file(text)], now=NOON)
    Merge.objects.create(source=source, target=target, by=side.people["engineer"], at=NOON)
    Ticket.objects.filter(pk=source.pk).update(
        sharing="own_council", state="cancelled", merged_into=target, duplicate_of=target
    )


def _file(text: str) -> SimpleUploadedFile:
    return SimpleUploadedFile(f"{text}.txt", text.encode())


def add_figures(side: Side) -> None:
    """What was entered of the last month that has ended."""
    figure = EnteredFigure(
        council=side.council,
        kind="calls",
        month=date(2026, 10, 1),
        part=50,
        whole=1000,
        source=marked(side.number, "entered figure"),
        read_on=date(2026, 11, 2),
    )
    side.rows["entered figure"] = enter_figure(figure, by=side.people["service_owner"], now=NOON)


def add_approval(side: Side, service) -> None:
    """Something that waits for the word of the budget approver."""
    someone, text = side.people["someone"], marked(side.number, "approval")
    ticket = raise_ticket(
        by=someone, requester=someone, type="request", title=text, description=text, service=service, now=NOON
    )
    approver = side.people["budget_approver"]
    side.rows["approval"] = move(
        ticket, "request_approval", by=None, approver=approver, reason=text, now=NOON
    )


def add_announcements(side: Side) -> None:
    """One that is published and holds, and a draft. Strangers are told nothing of either."""
    for kind in ("announcement", "draft announcement"):
        text = marked(side.number, kind)
        row = announcing.draft(
            Announcement(title=text, text=text, starts_at=NOON),
            [side.council],
            [side.rows["site"]],
            by=side.people["engineer"],
            now=NOON,
        )
        side.rows[kind] = row
    told, manager = side.rows["announcement"], side.people["queue_manager"]
    side.rows["announcement"] = announcing.move(told, "publish", by=manager, version=told.version, now=NOON)


def add_sealing(side: Side) -> None:
    """Somebody else broke the glass of the personnel matter, tried another, and read it; its group asks to open it."""
    ticket, reason = side.rows["hr"], marked(side.number, "glass")
    reader = a_person(side.council, "auditor", name=f"Reader of {side.council.code}")
    side.rows["glass"] = break_glass(by=reader, reference=ticket.reference, reason=reason)
    break_glass(by=reader, reference=marked(side.number, "glass"), reason=reason)
    write_down(reader, ticket, How.PAGE)
    worker = side.people["case worker"]
    ask_to_open(ticket, by=worker, sharing="shared", reason=marked(side.number, "hr"), now=NOON)
    for council in Council.objects.exclude(pk=side.council.pk):
        officer = side.people["cyber_officer"]
        alert_council(side.rows["cyber"], by=officer, council=council, now=NOON)
