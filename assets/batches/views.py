"""Pages of batches: the list, a new one, and one with where it stands."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from assets.batches import workflow
from assets.batches.approving import Approval
from assets.batches.board import columns_of, lost_since, places_of
from assets.batches.choosing import create_batch, match, priced
from assets.batches.contentment import comments_of, content_of
from assets.batches.duties import hands_in, may_decide, why_not
from assets.batches.energy import table_of
from assets.batches.filters import BatchFilters
from assets.batches.forms import BatchDetailsForm, BatchForm, BatchMoveForm, PassOnForm
from assets.batches.freezing import freezes_of
from assets.batches.models import Batch
from assets.batches.passing_on import pass_on
from assets.batches.planning import change_batch
from assets.batches.small import CHANGED, SMALL, make_small, refuse_count
from assets.batches.small_forms import SmallForm
from assets.batches.standing import Standing, money_of, money_together, standings_of
from assets.batches.states import BATCH_ENDS, BATCH_MOVES
from assets.batches.supply import linked
from assets.batches.undoing import last_deed
from assets.orders.standing import counted
from assets.refresh.filters import due_filters
from assets.register.filling_in import fill_in
from assets.register.lifecycle import MoveRefused
from assets.register.models import Asset
from servicedesk import wording
from servicedesk.lists.keyset import keyset_page
from servicedesk.lists.showing import CURSOR, chosen, page_addresses
from servicedesk.people.access import councils_of, may, open_door, require
from servicedesk.people.happenings import happenings
from servicedesk.people.models import Person
from servicedesk.people.requests import SignedInRequest
from servicedesk.people.roles import Permission
from servicedesk.people.row_forms import save, show

EITHER = ("GET", "HEAD", "POST")
ORDER = ("-id", "-id")
READ = ("council", "owner", "programme", "submitted_by")
WITH = ("lines", "paying__council", "approvals__council")
SHOWN_ASSETS = 100


@require_safe
def batches(request: SignedInRequest) -> HttpResponse:
    """Batches, where each stands, and what it waits for with whom."""
    person = request.user
    require(person, Permission.SEE_ASSETS)
    seen = Batch.objects.visible_to(person)
    filters = BatchFilters(request.GET, seen, request=request)
    rows = filters.qs if filters.is_valid() else seen.none()
    page = keyset_page(rows.select_related(*READ).prefetch_related(*WITH), ORDER, request.GET.get(CURSOR, ""))
    previous, following = page_addresses(request.GET, page)
    shown = {
        "filters": filters,
        "chosen": chosen(filters.form, request.GET) if filters.is_valid() else [],
        "standings": standings_of(page.rows),
        "previous": previous,
        "next": following,
        "may_plan": may(person, Permission.PLAN_REFRESH),
        "sees_money": may(person, Permission.SEE_ASSET_MONEY),
    }
    return render(request, "batches/batches.html", shown, status=200 if filters.is_valid() else 422)


@require_http_methods(EITHER)
def new(request: SignedInRequest) -> HttpResponse:
    """Choose assets by a rule: what it matches is shown, and then frozen."""
    person = request.user
    require(person, Permission.PLAN_REFRESH)
    form = _new_form(request)
    shown: dict[str, Any] = {"form": form, "most": SHOWN_ASSETS}
    if not form.is_valid():
        return render(request, "batches/new.html", shown, status=422 if form.is_bound else 200)
    rule, values = form.rule_given(), form.values()
    try:
        if request.POST.get("do") == "create":
            made = create_batch(by=person, rule=rule, **values)
            messages.success(request, f"{made} is made. Review each of its assets next")
            return redirect("batches:batch", made.reference)
        shown["matched"] = match(rule, by=person, as_at=values["as_at"])
        assets = shown["matched"].assets
        if request.POST.get("do") == "submit":
            refuse_count(len(assets))
        if 0 < len(assets) <= SMALL:
            shown["small"] = small = _small_form(request, assets, values["as_at"])
            if small.has_changed_since:
                raise ValidationError(CHANGED)
            if small.is_bound:
                return _make_small(request, small, {"rule": rule, **values}, shown)
    except ValidationError as error:
        show(form, error)
        return render(request, "batches/new.html", shown, status=422)
    return render(request, "batches/new.html", shown)


def _small_form(request: SignedInRequest, assets: Sequence[Asset], as_at: date) -> SmallForm:
    data = request.POST if request.POST.get("do") == "submit" else None
    return SmallForm(data, by=request.user, assets=assets, lines=priced(assets, as_at))


def _make_small(
    request: SignedInRequest, form: SmallForm, values: dict[str, Any], shown: dict[str, Any]
) -> HttpResponse:
    """Make a small batch whole, or say on the same page what is missing."""
    if form.is_valid():
        try:
            made = make_small(
                by=request.user,
                outcomes=form.outcomes(),
                left_out=form.cleaned_data["left_out"],
                prices=form.prices(),
                **values,
            )
            said = made.waits or f"{made.batch} waits for approval"
            messages.success(request, f"{made.batch} is made. {said}" if made.waits else said)
            return redirect("batches:batch", made.batch.reference)
        except ValidationError as error:
            show(form, error)
        except MoveRefused as refused:
            form.add_error(None, str(refused))
    return render(request, "batches/new.html", shown, status=422)


@require_safe
def batch(request: SignedInRequest, reference: str) -> HttpResponse:
    """One batch: what is next, who has approved it, how far it has come, its money, and its board."""
    row, person = opened(request, reference), request.user
    standing = standings_of([row])[0]
    money = money_of(person, standing)
    links = list(linked(standing.lines).visible_to(person))
    columns = columns_of(person, row, standing.counts, request.GET.get("state", ""))
    shown = {
        "batch": row,
        "standing": standing,
        "chosen_by": _chosen_by(person, row),
        "moves": BATCH_MOVES,
        "answers": workflow.answers(person, standing),
        "money": money,
        "money_together": money_together(person, standing, money),
        "sees": {one.council.pk for one in money},
        "energy": table_of(person, [row], [part.council for part in row.paying.all()]),
        "reads": councils_of(person, Permission.SEE_ASSETS) & {part.council_id for part in row.paying.all()},
        "content": content_of(row, person),
        "comments": comments_of(row, person),
        "columns": columns,
        "places": places_of(columns),
        "lost_since": lost_since(person, row) if standing.counts.lost_since else [],
        "last_deed": last_deed(person, row),
        "may_plan": may(person, Permission.PLAN_REFRESH, row.council_id) and row.state not in BATCH_ENDS,
        "plans": {line.pk: may(person, Permission.PLAN_REFRESH, line.council_id) for line in standing.lines},
        "orders": list(zip(links, counted(link.order_line for link in links), strict=True)),
        "freezes": freezes_of(row),
        "happenings": happenings(
            person, row, *row.lines.all(), *links, *row.paying.all(), *row.approvals.all()
        ),
    }
    return render(request, "batches/batch.html", shown)


@require_http_methods(EITHER)
def edit(request: SignedInRequest, reference: str) -> HttpResponse:
    """Change what a batch is called, when it is planned, and what was learned."""
    row = opened(request, reference)
    require(request.user, Permission.PLAN_REFRESH, row)
    form = BatchDetailsForm(request.POST if request.method == "POST" else None, by=request.user, instance=row)
    try:
        saved, shown, status = save(form, change_batch)
    except MoveRefused as refused:
        form.add_error(None, str(refused))
        saved, shown, status = None, {"form": form, "disagreements": []}, 409
    if saved:
        messages.success(request, f"{saved} is saved")
        return redirect("batches:batch", reference)
    shown |= {"title": f"Change {row}", "back": back_to(row)}
    return render(request, "batches/row_form.html", shown, status=status)


@require_http_methods(EITHER)
def hand_on(request: SignedInRequest, reference: str) -> HttpResponse:
    """Give the batch to another owner."""
    row = opened(request, reference)
    require(request.user, Permission.PLAN_REFRESH, row)

    def do(version: int | None, **given: Any) -> str:
        return f"{row} is with {pass_on(row, by=request.user, version=version, **given).owner} now"

    return fill_in(
        request,
        PassOnForm(
            request.POST if request.method == "POST" else None, batch=row, initial={"version": row.version}
        ),
        do,
        title=f"Pass on {row}",
        back=(row.title, reverse("batches:batch", args=[reference])),
        current_version=lambda: workflow.fresh(row).version,
        template="batches/deed.html",
        words="Pass it on",
        needs="somebody else who plans the refresh of its council",
        warning=False,
        asked=[],
        about=[("Batch", row.title), ("Owner", row.owner)],
    )


@require_http_methods(EITHER)
def move(request: SignedInRequest, reference: str, name: str) -> HttpResponse:
    """Make a move of the table: its form asks just for what it needs."""
    row, person = opened(request, reference), request.user
    if name not in BATCH_MOVES:
        raise Http404
    step, standing = BATCH_MOVES[name], standings_of([row])[0]
    said = workflow.answers(person, standing).get(name)
    if said is None:
        _refuse_move(person, row, name)
    elif said and step.permission == Permission.APPROVE_SPENDING:
        raise PermissionDenied(said)
    mine = _decided_by(person, standing)
    costs = {
        one.council.pk: one.cost for one in mine if may(person, Permission.SEE_ASSET_MONEY, one.council.pk)
    }
    form = BatchMoveForm(
        request.POST if request.method == "POST" else None,
        name=name,
        councils=[one.council for one in mine],
        costs=costs,
        initial={"version": row.version},
    )

    def do(version: int | None, **given: Any) -> str:
        only = {"council": mine[0].council} if len(mine) == 1 else {}
        moved = workflow.move(row, name, by=person, given=given | only, version=version)
        return f"{moved} is {moved.get_state_display().lower()}"

    return fill_in(
        request,
        form,
        do,
        title=f"{step.words}: {row}",
        back=(row.title, reverse("batches:batch", args=[reference])),
        current_version=lambda: workflow.fresh(row).version,
        template="batches/deed.html",
        words=step.words,
        warning=name in ("cancel", "close"),
        needs=step.needs,
        asked=[one for one in mine if one.council.pk in costs] if name in ("approve", "reject") else [],
        about=_about(row, standing) if name in ("approve", "reject") else [],
    )


def opened(request: SignedInRequest, reference: str) -> Batch:
    return open_door(
        request.user,
        Batch.objects.select_related(*READ).prefetch_related(*WITH, "approvals__decided_by"),
        reference=reference,
    )


def _chosen_by(person: Person, row: Batch) -> str:
    """By which rule its assets were chosen. What somebody called their view is told to who plans with them alone."""
    if row.rule.get("tags"):
        return "From a list of tags"
    if "view" not in row.rule:
        return "From the forecast"
    plans = may(person, Permission.PLAN_REFRESH, row.council_id)
    return f"Saved view “{row.rule['view']}”" if plans else "From a saved view"


def back_to(row: Batch) -> dict[str, str]:
    return {"text": row.title, "href": reverse("batches:batch", args=[row.reference])}


def _decided_by(person: Person, standing: Standing) -> list[Approval]:
    """The councils for which the person may say yes or no."""
    row, hands = standing.batch, hands_in([standing.batch])
    return [
        one for one in standing.approvals if may_decide(person, one.council, hands[row.pk, one.council.pk])
    ]


def _about(row: Batch, standing: Standing) -> list[tuple[str, Any]]:
    """What an approver must know of a batch beside what it costs."""
    return [
        ("Batch", row.title),
        ("Devices", standing.counts.confirmed),
        ("Asked by", row.submitted_by or row.owner),
        ("Planned", wording.day(row.planned_from)),
    ]


def _refuse_move(person: Person, row: Batch, name: str) -> None:
    """403 for whoever may never make it; whoever may sees why not now, as the workflow says it."""
    step = BATCH_MOVES[name]
    if step.permission == Permission.APPROVE_SPENDING:
        require(person, step.permission)
        councils = workflow.councils_decided_by(person, row)
        if not councils:
            raise PermissionDenied("You approve the budget of no council of this batch.")
        hands = hands_in([row])
        told = [why_not(person, row, one, hands[row.pk, one.pk]) for one in councils]
        if all(told):
            raise PermissionDenied(" ".join(told))
    else:
        require(person, step.permission, row)


def _new_form(request: SignedInRequest) -> BatchForm:
    """The form with the choices of the forecast; an address may say what to choose, as the forecast's lists do."""
    names = ("council", "category", "year", "driver", "standing")
    asked = {name: request.GET[name] for name in names if name in request.GET}
    data = request.POST if request.method == "POST" else None
    return BatchForm(data, by=request.user, due=due_filters(request.user, QueryDict()), initial=asked)
