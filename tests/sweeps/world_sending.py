"""What one council of the world brings in, takes out and sends."""

import uuid
from typing import Any

from django.core.files.base import ContentFile
from django.utils import timezone

from servicedesk.files.storing import keep
from servicedesk.jobs.models import Job
from servicedesk.lists.models import SavedView
from servicedesk.notifications.models import Delivery, Message, Webhook
from servicedesk.spreadsheets import importing
from servicedesk.spreadsheets.kinds import kinds
from servicedesk.spreadsheets.models import Export, Import, ImportRows, MappingProfile
from servicedesk.spreadsheets.staging import StagedRow
from servicedesk.spreadsheets.stored_rows import STORED, pack
from tests.sweeps.marks import Side, mark, marked


def add_files(side: Side) -> None:
    """An import of the asset manager's, and an export and a job of somebody's own."""
    someone, now = side.people["someone"], timezone.now()
    side.rows["mapping"] = _mapping(side)
    side.rows["saved view"] = _saved_view(side)
    side.rows["import"] = _import(side)
    side.rows["job"] = Job.objects.create(
        task="tests.jobs.tasks.nothing",
        wanted_by=someone,
        stage=marked(side.number, "job"),
        created_at=now,
    )
    Job.objects.create(
        task="tests.jobs.tasks.nothing",
        wanted_by=someone,
        state="failed",
        problem=marked(side.number, "job"),
        created_at=now,
        finished_at=now,
    )
    file = keep(
        _sheet(side, "export"), f"{marked(side.number, 'export')}.csv", council=side.council, by=someone
    )
    side.rows["export"] = Export.objects.create(
        kind="assets", format="csv", wanted_by=someone, wanted_at=now, file=file, rows=1
    )


def add_sending(side: Side) -> None:
    """Mail that did not go, about a private request, and a webhook with what it was told."""
    text, now, ticket = marked(side.number, "unsent message"), timezone.now(), side.rows["hr"]
    side.rows["unsent message"] = Message.objects.create(
        person=side.people["requester"],
        event="answered",
        about_kind="tickets.ticket",
        about_id=ticket.pk,
        council=side.council,
        subject=marked(side.number, "hr"),
        body=marked(side.number, "hr"),
        cause=f"sweep {Message.objects.count()}",
        message_id=f"{side.number} {Message.objects.count()}",
        created_at=now,
        next_try_at=now,
        state="failed",
        ended_at=now,
        problem=text,
    )
    text = marked(side.number, "webhook")
    hook = side.rows["webhook"] = Webhook.objects.create(
        council=side.council,
        owner=side.people["administrator"],
        name=text,
        address=f"https://{mark(side.number, 'webhook')}.example/",
        secret=mark(side.number, "private person"),
        events=["ticket.raised"],
        created_at=now,
    )
    Delivery.objects.create(
        webhook=hook,
        event="ticket.raised",
        event_id=uuid.uuid5(uuid.NAMESPACE_URL, f"{hook.address}{hook.deliveries.count()}{hook.pk}"),
        about_kind="tickets.ticket",
        about_id=ticket.pk,
        payload={"said": marked(side.number, "shared")},
        problem=text,
        created_at=now,
        next_try_at=now,
    )


def _sheet(side: Side, kind: str) -> ContentFile:
    text = marked(side.number, kind)
    return ContentFile(f"Asset tag,Serial number\n{text},{mark(side.number, kind)}\n".encode())


def _saved_view(side: Side) -> SavedView:
    """The list of assets as the asset manager narrowed it, shared with colleagues."""
    return SavedView.objects.create(
        council=side.council,
        owner=side.people["asset_manager"],
        list="assets",
        name=f"{marked(side.number, 'saved view')} {SavedView.objects.count()}",
        query={"q": mark(side.number, "saved view")},
        shared=True,
    )


def _mapping(side: Side) -> MappingProfile:
    """What was said of a file of the asset manager's, kept for the next one."""
    text, number = marked(side.number, "mapping"), MappingProfile.objects.count()
    said = {"values": {"site": {text: text}}, "creates": {"site": [text]}, "policies": {}, "keys": []}
    return MappingProfile.objects.create(
        council=side.council,
        kind="assets",
        name=f"{text} {number}",
        source=f"{text} {number}",
        signature=f"{side.number}",
        headings={"A": [text, 1]},
        mapping={"columns": {"A": "asset_tag"}, "dates": {}, **said},
        saved_by=side.people["asset_manager"],
        saved_at=timezone.now(),
    )


def _import(side: Side) -> Import:
    """A checked import. Its file is read, in a process of its own, once for all worlds: it says the same in each."""
    manager, text = side.people["asset_manager"], marked(side.number, "import")
    name = f"{text}.csv"
    if side.number not in _found:
        found = importing.start(_sheet(side, "import"), name, kinds()["assets"], side.council, by=manager)
        _found[side.number] = {"sheets": found.sheets, "mapping": found.mapping}
        found.delete()
    started = Import.objects.create(
        kind="assets",
        council=side.council,
        file=keep(_sheet(side, "import"), name, council=side.council, by=manager),
        state="checked",
        counts={"create": 1, "update": 0, "unchanged": 0, "ambiguous": 0, "error": 1},
        started_by=manager,
        started_at=timezone.now(),
        profile=side.rows["mapping"],
        unknown=[{"field": "site", "written": text, "count": 1, "rows": [2], "creatable": True}],
        **_found[side.number],
    )
    words = {"severity": "error", "value": text, "message": text, "remedy": text}
    problem = {"field": "asset_tag", "column": "A", "code": "text_too_long", **words}
    row = StagedRow(2, {"asset_tag": text})
    row.action, row.problems = "error", [problem]
    for packed in pack(started, 0, [row]):
        source, *rest = packed
        ImportRows.objects.create(source_id=source, **dict(zip(STORED[1:], rest, strict=True)))
    return started


_found: dict[int, dict[str, Any]] = {}
