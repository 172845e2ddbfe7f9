"""The pages of what people are told: what is out of order, what is planned, and writing it."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.module_loading import import_string
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from servicedesk.history.editing import Stale
from servicedesk.knowledge import announcing
from servicedesk.knowledge.forms import AnnouncementForm
from servicedesk.knowledge.models import Announcement
from servicedesk.knowledge.states import MOVES, MoveRefused
from servicedesk.people.access import open_door
from servicedesk.people.happenings import happenings
from servicedesk.people.requests import SignedInRequest

MOST = 50
PUBLISH_AT_ONCE = "publish"


@require_safe
def announcements(request: SignedInRequest) -> HttpResponse:
    """What holds now, what is coming, what is over; and drafts, for who may write them."""
    now, seen = timezone.now(), _shown(request.user)
    parts = [
        ("Now", seen.on(now).order_by("starts_at")),
        ("Coming", seen.coming(now).order_by("starts_at")),
        ("Drafts and withdrawn", seen.unpublished().order_by("-id")),
        ("Over", seen.over(now).order_by("-starts_at")),
    ]
    shown = {
        "parts": [(name, list(rows[:MOST])) for name, rows in parts],
        "may_write": bool(announcing.writes_somewhere(request.user)),
    }
    return render(request, "knowledge/announcements.html", shown)


@require_safe
def announcement(request: SignedInRequest, pk: int) -> HttpResponse:
    """One of them, with what the person may do with it."""
    return _page(request, _opened(request, pk))


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: SignedInRequest) -> HttpResponse:
    """Write one, as a draft or to be published at once."""
    if not announcing.writes_somewhere(request.user):
        raise PermissionDenied(announcing.NOT_YOURS)
    begun = Announcement(starts_at=timezone.now().replace(second=0, microsecond=0))
    name = "announcement"
    draft = _begun(request, name)
    form = _form(request, begun, draft)
    if form.is_valid():
        try:
            written = announcing.draft(
                form.announcement(),
                form.cleaned_data["councils"],
                form.cleaned_data["sites"],
                by=request.user,
            )
            _forget(request, name)
            at_once = request.POST.get("then") == PUBLISH_AT_ONCE
            return (_publish if at_once else _saved)(request, written)
        except ValidationError as error:
            _show(form, error)
    shown = {"form": form, "announcement": None, "differing": [], "draft_name": name, "draft": draft}
    return render(request, "knowledge/write.html", shown, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def change(request: SignedInRequest, pk: int) -> HttpResponse:
    """Change one. Of two who do so at once the later sees both."""
    row = _opened(request, pk)
    if not announcing.may_change(request.user, row):
        raise PermissionDenied(announcing.NOT_YOURS)
    name = f"change-announcement-{pk}"
    draft = _begun(request, name)
    form = _form(request, row, draft)
    shown = {"form": form, "announcement": row, "differing": [], "draft_name": name, "draft": draft}
    status = 422 if form.is_bound else 200
    if form.is_valid():
        version = form.cleaned_data["version"] or 0
        try:
            changed = announcing.change_announcement(row, by=request.user, version=version, **form.values())
            _forget(request, name)
            return _saved(request, changed)
        except Stale as stale:
            shown["differing"], status = form.read_again(stale), 409
        except ValidationError as error:
            _show(form, error)
    return render(request, "knowledge/write.html", shown, status=status)


@require_POST
def move(request: SignedInRequest, pk: int, name: str) -> HttpResponse:
    """Publish it, say that it is over, withdraw or discard it."""
    row = _opened(request, pk)
    if name not in MOVES:
        raise Http404
    version = request.POST.get("version", "")
    try:
        read_at = int(version) if version.isdecimal() and len(version) < 10 else 0
        moved = announcing.move(row, name, by=request.user, version=read_at)
    except (MoveRefused, Stale) as refused:
        return _refused(request, row, str(refused))
    return _saved(request, moved)


def _form(request: SignedInRequest, row: Announcement, draft: Any) -> AnnouncementForm:
    """The form as it was sent, or as the person has begun to fill it in."""
    sent = request.POST if request.method == "POST" else None
    # Boxes of which none is ticked send nothing, so what a draft does not name of them was left empty.
    begun = {**dict.fromkeys(("councils", "sites"), ()), **draft.values} if draft else {}
    return AnnouncementForm(sent, by=request.user, instance=row, initial=begun)


def _begun(request: SignedInRequest, name: str) -> Any:
    """What the person has begun to write, if anything."""
    return import_string(settings.DRAFT_OF)(request.user, name)


def _forget(request: SignedInRequest, name: str) -> None:
    import_string(settings.FORGET_DRAFTS)(request.user, name)


def _shown(person) -> Any:
    return Announcement.objects.visible_to(person).prefetch_related("councils", "sites")


def _opened(request: SignedInRequest, pk: int) -> Announcement:
    return open_door(request.user, Announcement.objects, pk=pk)


def _page(request: SignedInRequest, row: Announcement) -> HttpResponse:
    reads_history = announcing.may_read_history(request.user, row)
    shown = {
        "announcement": row,
        "is_on": row.is_on(),
        "writes": announcing.may_change(request.user, row),
        "moves": [MOVES[name] for name in announcing.moves_open_to(request.user, row)],
        "told_to_writers": bool(announcing.writes_somewhere(request.user)),
        "reads_history": reads_history,
        "happenings": happenings(request.user, row) if reads_history else [],
    }
    return render(request, "knowledge/announcement.html", shown)


def _publish(request: SignedInRequest, row: Announcement) -> HttpResponse:
    try:
        return _saved(request, announcing.move(row, "publish", by=request.user, version=row.version))
    except (MoveRefused, PermissionDenied) as refused:
        messages.warning(request, f"It is kept as a draft. {refused}")
        return redirect("knowledge:announcement", row.pk)


def _saved(request: SignedInRequest, row: Announcement) -> HttpResponse:
    messages.success(request, f"“{row}” is saved: {row.get_state_display().lower()}.")
    return redirect("knowledge:announcement", row.pk)


def _refused(request: SignedInRequest, row: Announcement, reason: str) -> HttpResponse:
    back = reverse("knowledge:announcement", args=[row.pk])
    return render(request, "409.html", {"reason": reason, "back": back}, status=409)


def _show(form: AnnouncementForm, error: ValidationError) -> None:
    for name, texts in error.message_dict.items() if hasattr(error, "error_dict") else [("", error.messages)]:
        form.add_error(name if name in form.fields else None, texts)
