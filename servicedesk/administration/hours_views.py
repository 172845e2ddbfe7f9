"""The pages of calendars and service levels."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from servicedesk import wording
from servicedesk.administration.hours_forms import (
    DAYS,
    ClearDayForm,
    CoverForm,
    DayForm,
    KeepForm,
    LevelForm,
    NewCalendarForm,
    WeekForm,
)
from servicedesk.administration.proposing import concerned, give_hours, propose
from servicedesk.administration.proposing import cover as give_cover
from servicedesk.administration.views.nouns import administered, show
from servicedesk.catalogue.models import Service
from servicedesk.people.access import may, open_door, require
from servicedesk.people.happenings import happenings
from servicedesk.people.models import Agreement
from servicedesk.people.requests import SignedInRequest
from servicedesk.people.roles import Permission
from servicedesk.service_levels import keeping
from servicedesk.service_levels.calendar_shape import windows_as_text
from servicedesk.service_levels.filters import LevelFilter
from servicedesk.service_levels.models import Calendar, CalendarVersion, ServiceLevel
from servicedesk.tickets.remeasuring import Touched

READ_OR_SENT = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
def calendars(request: SignedInRequest) -> HttpResponse:
    """All hours that anything is measured by."""
    require(request.user, Permission.SEE_SETTINGS)
    rows = Calendar.objects.visible_to(request.user).prefetch_related("councils__council", "teams__team")
    administers = may(request.user, Permission.ADMINISTER)
    return render(request, "administration/calendars.html", {"calendars": rows, "administers": administers})


@READ_OR_SENT
def new_calendar(request: SignedInRequest) -> HttpResponse:
    """Add hours that a council or a team may then keep."""
    require(request.user, Permission.ADMINISTER)
    form = NewCalendarForm(_sent(request))
    if form.is_valid():
        try:
            name, code = form.cleaned_data["name"], form.cleaned_data["code"]
            made = keeping.new_calendar(by=request.user, code=code, name=name, week=form.week)
            messages.success(request, f"{made} is added.")
            return redirect("hours:calendar", made.pk)
        except ValidationError as error:
            show(form, error)
    page = {"form": form, "heading": "Add a calendar", "back": reverse("hours:calendars"), "final": True}
    return render(request, "administration/propose.html", page, status=422 if form.is_bound else 200)


@require_safe
def calendar(request: SignedInRequest, pk: int) -> HttpResponse:
    """The hours of one calendar, the days that differ, whose they are, and what happened to them."""
    row = open_door(request.user, Calendar.objects, pk=pk)
    weeks: list[tuple[str, Calendar | CalendarVersion]] = [
        ("From the beginning", row),
        *((f"From {one.starts_on:%d %B %Y}", one) for one in row.versions.all()),
    ]
    days = list(row.exceptions.filter(date__gte=timezone.localdate()).order_by("date"))
    context = {
        "calendar": row,
        "weeks": [(title, _in_words(week), week.bank_holidays) for title, week in weeks],
        "days": [(one, windows_as_text(one.windows)) for one in days],
        "councils": [link.council for link in row.councils.select_related("council")],
        "teams": [link.team for link in row.teams.select_related("team")],
        "administers": may(request.user, Permission.ADMINISTER),
        "keeps": keeping.may_keep(request.user, keeping.councils_kept(row)),
        "beside_others": keeping.BESIDE_OTHERS,
        "happenings": happenings(request.user, row, *keeping.told_with(row)),
    }
    return render(request, "administration/calendar.html", context)


@READ_OR_SENT
def hours(request: SignedInRequest, pk: int) -> HttpResponse:
    """Other weekly hours, from a day on."""
    row = _calendar(request, pk)
    form = WeekForm(_sent(request), calendar=row)

    def write() -> Touched:
        given = form.cleaned_data
        saved = keeping.change_hours(
            row,
            by=request.user,
            version=given["version"] or 0,
            week=form.week,
            starts_on=given["starts_on"],
        )
        return Touched(calendar=saved)

    return _propose_for(request, row, form, write, f"Change the hours of {row}")


@READ_OR_SENT
def day(request: SignedInRequest, pk: int) -> HttpResponse:
    """A day that is closed, or has hours of its own."""
    row = _calendar(request, pk)
    form = DayForm(_sent(request), calendar=row)

    def write() -> Touched:
        given = form.cleaned_data
        saved = keeping.set_day(
            row,
            by=request.user,
            version=given["version"],
            day=given["day"],
            windows=given["hours"],
            reason=given["reason"],
        )
        return Touched(calendar=saved)

    return _propose_for(request, row, form, write, f"A day on which {row} differs")


@READ_OR_SENT
def clear_day(request: SignedInRequest, pk: int, day: int) -> HttpResponse:
    """The hours of its weekday again, for a day that differed."""
    row = _calendar(request, pk)
    differs = row.exceptions.filter(pk=day).first()
    if differs is None:
        raise Http404
    form = ClearDayForm(_sent(request), calendar=row)

    def write() -> Touched:
        version = form.cleaned_data["version"]
        return Touched(calendar=keeping.clear_day(row, by=request.user, version=version, day=differs.date))

    heading = f"{wording.day(differs.date)} as any other of {row}"
    return _propose_for(request, row, form, write, heading)


@READ_OR_SENT
def keep(request: SignedInRequest, pk: int) -> HttpResponse:
    """Make them a council's or a team's hours."""
    row = _calendar(request, pk)
    form = KeepForm(_sent(request), by=request.user)

    def write() -> Touched:
        return give_hours(row, by=request.user, **form.cleaned_data)

    return _propose_for(request, row, form, write, f"Who keeps {row}")


@READ_OR_SENT
def cover(request: SignedInRequest, pk: int) -> HttpResponse:
    """Whether a critical fault of a service is minded round the clock."""
    service = administered(request, Service, pk)
    form = CoverForm(_sent(request), service=service)

    def write() -> Touched:
        return give_cover(service, by=request.user, **form.cleaned_data)

    heading, cause = f"Out-of-hours cover of {service}", f"the cover of {service} was changed"
    back = reverse("administration:service", args=[pk])
    return propose(request, form, write, heading=heading, cause=cause, back=back)


@require_safe
def levels(request: SignedInRequest) -> HttpResponse:
    """All that is promised."""
    require(request.user, Permission.SEE_SETTINGS)
    seen = ServiceLevel.objects.visible_to(request.user).select_related(
        "council", "service", "team", "agreement", "calendar"
    )
    filters = LevelFilter(request.GET, seen, request=request)
    rows = filters.qs if filters.is_valid() else seen.none()
    shown = {
        "levels": rows.order_by(
            "kind", "ticket_type", "priority", "metric", "council", "service", "starts_on", "id"
        ),
        "form": filters.form,
        "administers": may(request.user, Permission.ADMINISTER),
    }
    return render(request, "administration/levels.html", shown, status=200 if filters.is_valid() else 422)


@READ_OR_SENT
def new_level(request: SignedInRequest) -> HttpResponse:
    """Promise something, perhaps as a target of the agreement that the address names."""
    require(request.user, Permission.ADMINISTER)
    key = request.GET.get("agreement", "")
    known = Agreement.objects.visible_to(request.user)
    named = known.filter(pk=int(key)).first() if key.isdecimal() and len(key) < 19 else None
    return _level(request, ServiceLevel(), "Add a target" if named else "Add a service level", named)


@READ_OR_SENT
def level(request: SignedInRequest, pk: int) -> HttpResponse:
    """One promise, to be changed."""
    row = open_door(request.user, ServiceLevel.objects, pk=pk)
    require(request.user, Permission.ADMINISTER)
    return _level(request, row, f"{row}", row.agreement)


def _level(
    request: SignedInRequest, row: ServiceLevel, heading: str, agreement: Agreement | None
) -> HttpResponse:
    form = LevelForm(_sent(request), by=request.user, instance=row, agreement=agreement)

    def write() -> Touched:
        old = concerned(row)
        new = row if row.pk else ServiceLevel()
        saved = keeping.save_level(
            new, by=request.user, version=form.cleaned_data["version"], **form.values()
        )
        return Touched(tickets=concerned(saved) | old)

    back = reverse("administration:agreement", args=[agreement.pk]) if agreement else reverse("hours:levels")
    return propose(request, form, write, heading=heading, cause="what we promise was changed", back=back)


def _calendar(request: SignedInRequest, pk: int) -> Calendar:
    """One that the person may look at, by who administers any council; whether it is theirs is asked as they write."""
    row = open_door(request.user, Calendar.objects, pk=pk)
    require(request.user, Permission.ADMINISTER)
    return row


def _propose_for(request: SignedInRequest, row: Calendar, form, write, heading: str) -> HttpResponse:
    back = reverse("hours:calendar", args=[row.pk])
    cause = f"the hours of {row} were changed"
    return propose(request, form, write, heading=heading, cause=cause, back=back)


def _sent(request: SignedInRequest):
    return request.POST if request.method == "POST" else None


def _in_words(week: Calendar | CalendarVersion) -> list[tuple[str, str]]:
    if week.always:
        return [("Every day", "Round the clock")]
    return [(name, windows_as_text(week.windows.get(str(n), [])) or "Closed") for n, name in enumerate(DAYS)]
