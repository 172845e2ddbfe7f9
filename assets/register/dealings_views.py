"""Pages of what takes the word of two: loans, transfers and write-offs, put by one side and answered by the other."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assets.register import lending, transferring, writing_off
from assets.register.dealings import (
    loans_seen,
    may_answer,
    may_end,
    transfers_seen,
    write_offs_seen,
)
from assets.register.facts import GROUPS, in_words, label, what_it_is
from assets.register.filling_in import fill_in
from assets.register.history import changes_while_owned, lines
from assets.register.life_forms import AcceptForm, AnswerForm, LoanForm, ReasonForm, TransferForm
from assets.register.life_views import EITHER
from assets.register.lifecycle import MoveRefused
from assets.register.models import Asset, Loan, Transfer, WriteOff
from assets.register.registering import fresh
from servicedesk.lists.keyset import keyset_page
from servicedesk.lists.showing import CURSOR, page_addresses
from servicedesk.people.access import may, open_door, require
from servicedesk.people.requests import SignedInRequest
from servicedesk.people.roles import Permission

ORDER = ("-id", "-id")


@require_safe
def loans(request: SignedInRequest) -> HttpResponse:
    """Loans of both sides, or those whose last day is past."""
    require(request.user, Permission.SEE_ASSETS)
    rows, overdue = loans_seen(request.user), request.GET.get("overdue") == "true"
    today = timezone.localdate()
    return _list(
        request,
        rows.overdue(today) if overdue else rows,
        "register/loans.html",
        overdue=overdue,
        today=today,
    )


@require_safe
def transfers(request: SignedInRequest) -> HttpResponse:
    """Assets that change, or changed, their owner."""
    require(request.user, Permission.SEE_ASSETS)
    return _list(request, transfers_seen(request.user), "register/transfers.html")


@require_safe
def write_offs(request: SignedInRequest) -> HttpResponse:
    """What budget approvers were asked."""
    require(request.user, Permission.SEE_ASSETS)
    return _list(request, write_offs_seen(request.user), "register/write_offs.html")


@require_http_methods(EITHER)
def lend(request: SignedInRequest, pk: int) -> HttpResponse:
    """Offer to lend an asset."""
    asset = _asset(request, pk)
    form = LoanForm(request.POST or None, by=request.user, initial={"starts_on": timezone.localdate()})

    def do(version: int | None, **given) -> str:
        loan = lending.offer_loan(asset, by=request.user, **given)
        return f"{loan.receiver} is asked to agree to the loan"

    return _offer(request, asset, form, do, f"Lend to another council: {asset}", "Offer the loan")


@require_http_methods(EITHER)
def loan(request: SignedInRequest, pk: int) -> HttpResponse:
    """A loan, and the answer to it."""
    row = open_door(request.user, _Seen(loans_seen), pk=pk)

    def do(version: int | None, answer: str = "", note: str = "") -> str:
        agree = answer == "yes"
        lending.answer_loan(row, by=request.user, agree=agree, note=note, version=version)
        return "The loan is agreed" if agree else "The loan is refused"

    facts = [
        ("Asset", f"{what_it_is(row.asset)}, {row.asset}"),
        ("Owner", row.council),
        ("For", f"{row.person}, {row.receiver}"),
        ("First day", in_words("purchase_date", row.starts_on, "")),
        ("Last day", in_words("purchase_date", row.ends_on, "")),
        ("What for", row.reason),
        *_answer(row),
    ]
    return _answered(request, row, AnswerForm, do, facts, "loans", end="register:end_loan")


@require_POST
def end_loan(request: SignedInRequest, pk: int) -> HttpResponse:
    """End a loan, or take back its offer."""
    row = open_door(request.user, _Seen(loans_seen), pk=pk)
    return _ended(request, row, lending.end_loan, "The loan is over")


@require_http_methods(EITHER)
def transfer_asset(request: SignedInRequest, pk: int) -> HttpResponse:
    """Offer an asset to another council."""
    asset = _asset(request, pk)
    form = TransferForm(request.POST or None, asset=asset, by=request.user)

    def do(version: int | None, **given) -> str:
        made = transferring.offer_transfer(asset, by=request.user, **given)
        return f"{made.receiver} is asked to take {asset} over"

    return _offer(request, asset, form, do, f"Give to another council: {asset}", "Offer it", transfer=True)


@require_http_methods(EITHER)
def transfer(request: SignedInRequest, pk: int) -> HttpResponse:
    """A transfer, the answer to it, and for who gave the asset what was known of it then."""
    row = open_door(request.user, _Seen(transfers_seen), pk=pk)

    def do(version: int | None, answer: str = "", note: str = "", asset_tag: str = "") -> str:
        if answer == "yes":
            taken = transferring.accept_transfer(row, by=request.user, asset_tag=asset_tag, version=version)
            return f"{taken} belongs to {row.receiver} now"
        transferring.refuse_transfer(row, by=request.user, note=note, version=version)
        return "The transfer is refused"

    facts = [
        ("Asset", f"{what_it_is(row.asset)}, {row.asset_named_for(request.user)}"),
        ("From", row.council),
        ("To", row.receiver),
        ("Why", row.reason),
        *_answer(row),
    ]
    known, changes = _kept(request.user, row)
    more = {"known": known, "changes": changes}
    return _answered(
        request, row, AcceptForm, do, facts, "transfers", end="register:withdraw_transfer", **more
    )


@require_POST
def withdraw_transfer(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take back the offer of an asset."""
    row = open_door(request.user, _Seen(transfers_seen), pk=pk)
    return _ended(request, row, transferring.withdraw_transfer, "The offer is taken back")


@require_http_methods(EITHER)
def ask_write_off(request: SignedInRequest, pk: int) -> HttpResponse:
    """Ask whether what was lost may be written off."""
    asset = _asset(request, pk)

    def do(version: int | None, reason: str = "") -> str:
        writing_off.ask_to_write_off(asset, by=request.user, reason=reason)
        return f"The budget approver of {asset.council} is asked"

    return _offer(
        request, asset, ReasonForm(request.POST or None), do, f"Ask to write off: {asset}", "Ask for approval"
    )


@require_http_methods(EITHER)
def write_off(request: SignedInRequest, pk: int) -> HttpResponse:
    """The question whether an asset may be written off, and its answer."""
    row = open_door(request.user, _Seen(write_offs_seen), pk=pk)

    def do(version: int | None, answer: str = "", note: str = "") -> str:
        approve = answer == "yes"
        writing_off.answer_write_off(row, by=request.user, approve=approve, note=note, version=version)
        return f"You {'approved' if approve else 'refused'} that {row.asset} is written off"

    facts = [
        ("Asset", f"{what_it_is(row.asset)}, {row.asset}"),
        ("Council", row.council),
        ("Why", row.reason),
        ("Asked by", row.recorded_by),
        ("Answer", row.get_decision_display()),
        ("Answered by", row.decided_by),
        ("Note", row.decision_note),
    ]
    if may(request.user, Permission.SEE_ASSET_MONEY, row.council_id):
        facts.insert(2, ("It cost", in_words("purchase_cost_ex_vat", row.asset.purchase_cost_ex_vat, "")))
    return _answered(request, row, AnswerForm, do, facts, "write_offs")


class _Seen:
    """Rows with what their page shows, behind the door."""

    def __init__(self, rows: Callable[[Any], Any]) -> None:
        self.rows = rows

    def visible_to(self, person, /) -> Any:
        return self.rows(person)


def _asset(request: SignedInRequest, pk: int) -> Asset:
    asset = fresh(open_door(request.user, Asset.objects, pk=pk))
    require(request.user, Permission.EDIT_ASSETS, asset)
    return asset


def _list(request: SignedInRequest, rows: Any, template: str, **shown: Any) -> HttpResponse:
    page = keyset_page(rows, ORDER, request.GET.get(CURSOR, ""))
    previous, following = page_addresses(request.GET, page)
    return render(request, template, {"rows": page.rows, "previous": previous, "next": following, **shown})


def _offer(
    request: SignedInRequest, asset: Asset, form, do, title: str, words: str, **shown: Any
) -> HttpResponse:
    return fill_in(
        request,
        form,
        do,
        title=title,
        back=(str(asset), reverse("register:asset", args=[asset.pk])),
        current_version=lambda: fresh(asset).version,
        what_it_is=what_it_is(asset),
        words=words,
        asset=asset,
        **shown,
    )


def _answered(
    request: SignedInRequest,
    row,
    form: type[AnswerForm],
    do,
    facts: list,
    listed: str,
    end: str = "",
    **shown: Any,
) -> HttpResponse:
    """The page of a dealing: what it is, the form of its answer for whoever may give it, and the way to end it."""
    answering = may_answer(request.user, row)
    if request.method == "POST" and not answering:
        raise PermissionDenied("This does not wait for your answer.")
    ending = bool(end) and may_end(request.user, row)
    address = reverse(f"register:{listed}")
    return fill_in(
        request,
        form(request.POST or None, initial={"version": row.version}),
        do,
        title=_title(request.user, row),
        back=(listed.replace("_", "-").capitalize(), address),
        current_version=lambda: type(row).objects.visible_to(request.user).get(pk=row.pk).version,
        template="register/dealing.html",
        facts=[(name, value) for name, value in facts if value not in (None, "")],
        answering=answering,
        end=reverse(end, args=[row.pk]) if ending else "",
        version=row.version,
        asset_open=Asset.objects.visible_to(request.user).filter(pk=row.asset_id).exists(),
        asset=row.asset,
        **shown,
    )


def _title(person, row: Loan | Transfer | WriteOff) -> str:
    if isinstance(row, WriteOff):
        return f"Write off {row.asset}"
    if isinstance(row, Transfer):
        return f"Transfer of {row.asset_named_for(person)} to {row.receiver}"
    return str(row)


def _ended(request: SignedInRequest, row, deed, said: str) -> HttpResponse:
    try:
        deed(row, by=request.user)
        messages.success(request, said)
    except MoveRefused as refused:
        messages.error(request, str(refused))
    return redirect("register:loan" if isinstance(row, Loan) else "register:transfer", row.pk)


def _answer(row: Loan | Transfer) -> list[tuple[str, Any]]:
    return [
        ("State", row.get_state_display()),
        ("Offered by", row.offered_by),
        ("Answered by", row.decided_by),
        ("Note", row.decision_note),
    ]


def _kept(person, row: Transfer) -> tuple[dict[str, list], list]:
    """What who gave the asset still knows of it: what the register said that day, and its history until then."""
    if row.state != Transfer.State.ACCEPTED or not may(person, Permission.SEE_ASSETS, row.council_id):
        return {}, []
    hidden = {
        name for name, needed in Asset.guarded_fields.items() if not may(person, needed, row.council_id)
    }
    known = {}
    for heading, names in GROUPS.items():
        told = [
            (label(name), in_words(name, row.known[name][0], row.known[name][1]))
            for name in names
            if name in row.known and name not in hidden and row.known[name][0] not in (None, "", False)
        ]
        if told:
            known[heading] = told
    changes = changes_while_owned(person, row.asset, row.council_id)
    return known, [(change, lines(change)) for change in changes]
