"""Loans between councils: the owner's asset manager offers, the borrower's agrees, and then the asset can be issued."""

from datetime import date, datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from assets.register.lifecycle import TERMINAL, AssetState, MoveRefused
from assets.register.models import Asset, Custody, Loan
from servicedesk.history import editing
from servicedesk.people.access import may, require, serving
from servicedesk.people.models import Person
from servicedesk.people.roles import Permission

OPEN = (Loan.State.OFFERED, Loan.State.AGREED)


def offer_loan(
    asset: Asset,
    *,
    by: Person,
    person: Person,
    starts_on: date,
    ends_on: date,
    reason: str,
    now: datetime | None = None,
) -> Loan:
    """Offer to lend an asset to somebody of another council. Raises PermissionDenied, or ValidationError by field."""
    require(by, Permission.EDIT_ASSETS, asset)
    now = now or timezone.now()
    problems = {}
    if person.council_id == asset.council_id:
        problems["person"] = f"{person} is of {asset.council}: issue it to them without a loan"
    elif not person.is_active or person.council_id not in serving(asset.council_id, now):
        problems["person"] = "Enter somebody of a council that shares the desk"
    if ends_on < starts_on:
        problems["ends_on"] = "The last day must not be before the first"
    elif ends_on < timezone.localdate(now):
        problems["ends_on"] = "The last day must not be in the past"
    if not reason.strip():
        problems["reason"] = "Enter what it is lent for"
    if problems:
        raise ValidationError(problems)
    loan = Loan(
        council=asset.council,
        receiver=person.council,
        asset=asset,
        person=person,
        starts_on=starts_on,
        ends_on=ends_on,
        reason=reason.strip(),
        offered_by=by,
        offered_at=now,
    )
    return editing.add(loan, by=by, check=_refuse, now=now)


def answer_loan(
    loan: Loan,
    *,
    by: Person,
    agree: bool,
    note: str = "",
    version: int | None = None,
    now: datetime | None = None,
) -> Loan:
    """Agree to a loan, or refuse it, for the council of the person. Raises PermissionDenied, or MoveRefused."""
    require_receiver(by, loan.receiver_id)
    if loan.offered_by_id == by.pk:
        raise PermissionDenied("Somebody else must agree to what you offered.")
    if not agree and not note.strip():
        raise ValidationError({"note": "Enter why it is refused"})
    state = Loan.State.AGREED if agree else Loan.State.REFUSED
    return _moved(loan, Loan.State.OFFERED, state, by, note, version, now)


def end_loan(loan: Loan, *, by: Person, version: int | None = None, now: datetime | None = None) -> Loan:
    """End a loan that nobody uses, or take back the offer. Raises PermissionDenied, or MoveRefused."""
    if not any(may(by, Permission.EDIT_ASSETS, council) for council in (loan.council_id, loan.receiver_id)):
        require(by, Permission.EDIT_ASSETS, loan)
    if loan.state not in OPEN:
        raise MoveRefused(f"The loan is over already: {loan.get_state_display().lower()}.")
    if Custody.objects.filter(loan=loan, ended_at=None).exists():
        raise MoveRefused(f"{loan.person} still has {loan.asset}. Take it back first: that ends the loan.")
    now = now or timezone.now()
    return editing.change(
        loan, by=by, version=version or loan.version, now=now, state=Loan.State.ENDED, ended_at=now
    )


def require_receiver(by: Person, council: int) -> None:
    """Refuse who may not answer for the council that is asked."""
    if not may(by, Permission.EDIT_ASSETS, council):
        raise PermissionDenied("Only an asset manager of the other council can answer this.")


def _moved(
    loan: Loan, source: str, state: str, by: Person, note: str, version: int | None, now: datetime | None
) -> Loan:
    if loan.state != source:
        raise MoveRefused(f"The loan is {loan.get_state_display().lower()} already.")
    now = now or timezone.now()
    answer: dict[str, Any] = {"decided_by": by, "decided_at": now, "decision_note": note.strip()}
    return editing.change(loan, by=by, version=version or loan.version, now=now, state=state, **answer)


def _refuse(loan: Loan) -> None:
    """Raises ValidationError where the asset cannot be lent."""
    if loan.asset.state in (*TERMINAL, AssetState.LOST_STOLEN):
        raise ValidationError(
            f"{loan.asset} is {loan.asset.get_state_display().lower()}, so it cannot be lent."
        )
    if Loan.objects.filter(asset=loan.asset, state__in=OPEN).exclude(pk=loan.pk).exists():
        raise ValidationError(f"{loan.asset} is lent, or offered to somebody, already.")
