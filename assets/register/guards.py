"""What each move asks of an asset and of what was given with it: the guards, one function to a move.

A guard answers with problems by name of what was given; under "" stands what no other answer would mend. The same
guards serve pages, the API, moves of many at once and sheets.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from assets.register.known import Known
from assets.register.lifecycle import DAYS_LOST, MOVES, TERMINAL, AssetState, Move
from assets.register.models import Asset, Condition, Sanitisation
from assets.register.verifying import wrong_verifier
from servicedesk import wording
from servicedesk.tickets.models import Ticket

Given = Mapping[str, Any]
Problems = dict[str, str]

MISSING = {
    "reason": "Enter the reason",
    "to": "Select where it goes: in stock or in use",
    "condition": "Select its condition, A to D",
    "note": "Enter a note that says what happened",
    "what_happened": "Enter what happened",
    "method": "Select how it was wiped",
    "verified_by": "Enter who looked at the result",
    "certificate_number": "Enter the number of the certificate",
    "consignment_reference": "Enter the reference of the consignment",
    "recipient": "Enter who receives it",
    "buyer": "Enter who buys it",
    "income": "Enter what it was sold for",
}


@dataclass(frozen=True)
class Question:
    """One asset, one move: what was given with it, who makes it and when, and what is known beside."""

    asset: Asset
    given: Given
    known: Known
    by: Any
    now: datetime


def problems_of(name: str, question: Question) -> Problems:
    """Why this move of this asset is refused; nothing where it is not. The state itself is asked elsewhere."""
    step, given = MOVES[name], question.given
    missing = {field: MISSING[field] for field in step.asks if _is_missing(given.get(field))}
    found = GUARDS.get(name, _free)(question) | missing | _odd(question) | _consigned(question)
    return _held_back(step, question.asset) | found | _data_left(step, question) | _kept(name, question)


def unknown_of(step: Move, given: Iterable[str]) -> Problems:
    """What was given that the move does not take."""
    return {name: "This move does not take that." for name in set(given) - {*step.asks, *step.takes}}


def _is_missing(value: Any) -> bool:
    return value is None or value == "" or isinstance(value, str) and not value.strip()


def _held_back(step: Move, asset: Asset) -> Problems:
    """A legal hold stops whatever destroys evidence."""
    if step.destroys and asset.legal_hold_reason:
        return {"": f"{asset} is on legal hold, so “{step.words}” is not possible until the hold is lifted."}
    return {}


def _data_left(step: Move, question: Question) -> Problems:
    """What once held data does not go the way of what never did, whatever it is called now."""
    asset = question.asset
    if asset.state in step.exempt_sources and asset.pk in question.known.held_data:
        return {"": f"{asset} was registered as something that holds data. Wipe it first."}
    return {}


def _kept(name: str, question: Question) -> Problems:
    """What somebody else has for now is not moved; that it is lost is always said."""
    why = "" if name in ("lose", "find") else question.known.kept.get(question.asset.pk)
    return {"": why} if why else {}


def _odd(question: Question) -> Problems:
    """What is wrong with a value whichever move it comes with."""
    given, asset, found = question.given, question.asset, {}
    if given.get("condition") and given["condition"] not in Condition.values:
        found["condition"] = MISSING["condition"]
    if given.get("site") and given["site"].council_id != asset.council_id:
        found["site"] = f"Choose a site of {asset.council}"
    if given.get("done_on") and given["done_on"] > timezone.localdate(question.now):
        found["done_on"] = "The date must not be in the future"
    if given.get("income") is not None and given["income"] < 0:
        found["income"] = "What it was sold for must be 0 or more"
    return found


def _consigned(question: Question) -> Problems:
    """A consignment that is named has brought the asset to a facility that says so: nobody writes down a name alone."""
    asset, named = question.asset, question.given.get("consignment_reference")
    if _is_missing(named) or (asset.pk, str(named).strip()) in question.known.consigned:
        return {}
    return {
        "consignment_reference": f"No facility has certified {asset} in a consignment of this reference. Scan it into "
        "a consignment: it leaves the register when that is closed"
    }


def _free(question: Question) -> Problems:
    return {}


def _receive(question: Question) -> Problems:
    if question.asset.serial_number or question.given.get("serial_number"):
        return {}
    return {"serial_number": "Enter its serial number"}


def _stage(question: Question) -> Problems:
    listed = question.known.check_lists.get(question.asset.model_id or 0, [])
    left = [item for item in listed if item not in (question.given.get("checked") or ())]
    return {"checked": f"Not ticked yet: {'; '.join(left)}"} if left else {}


def _issue(question: Question) -> Problems:
    given, asset = question.given, question.asset
    person, pool = given.get("person"), given.get("pool")
    if person and pool:
        return {"pool": "Enter a person or a pool, not both"}
    if not (person or pool or given.get("room")):
        return {"person": "Enter who gets it: a person, a room or a pool"}
    if person is None:
        return {}
    if not person.is_active:
        return {"person": f"{person} has left. Enter somebody who has not"}
    return _of_this_council(question, person, asset)


def _of_this_council(question: Question, person: Any, asset: Asset) -> Problems:
    """Somebody of another council needs a loan that both agreed to, and that is not over."""
    if person.council_id == asset.council_id:
        return {}
    loan, day = question.known.loans.get((asset.pk, person.pk)), timezone.localdate(question.now)
    if loan is None:
        return {"person": f"Enter somebody of {asset.council}, or agree a loan with the other council first"}
    if not loan.starts_on <= day <= loan.ends_on:
        until = f"{wording.day(loan.starts_on)} to {wording.day(loan.ends_on)}"
        return {"person": f"The loan to {person} is for {until}"}
    return {}


def _send_for_repair(question: Question) -> Problems:
    given = question.given
    ticket = given.get("ticket")
    if ticket and question.by and not Ticket.objects.visible_to(question.by).filter(pk=ticket.pk).exists():
        return {"ticket": "No request that you can see has this reference"}
    if ticket or given.get("supplier_reference"):
        return {}
    return {"supplier_reference": "Enter the supplier’s reference, or the reference of a request"}


def _back_from_repair(question: Question) -> Problems:
    to, asset = question.given.get("to"), question.asset
    if to and to not in MOVES["back_from_repair"].targets:
        return {"to": MISSING["to"]}
    if to == AssetState.IN_USE and not (asset.holder_id or asset.pk in question.known.held):
        return {"to": f"Nobody has {asset}, so it can only go into stock"}
    return {}


def _write_off(question: Question) -> Problems:
    asset, known = question.asset, question.known
    if asset.pk not in known.approved:
        return {"": f"The budget approver of {asset.council} has not approved that {asset} is written off."}
    free = known.lost_since(asset) + timedelta(days=DAYS_LOST)
    if question.now < free:
        return {
            "": f"{asset} can be written off from {wording.day(free)}, {DAYS_LOST} days after it was lost."
        }
    return {}


def _sanitise(question: Question) -> Problems:
    found = _attempt(question) | _media_left(question)
    wrong = wrong_verifier(question.given.get("verified_by"), question.asset, question.by)
    return found | ({"verified_by": wrong} if wrong else {})


def _attempt(question: Question) -> Problems:
    method = question.given.get("method")
    return {} if not method or method in Sanitisation.Method.values else {"method": MISSING["method"]}


def _media_left(question: Question, out_of_it: bool = False) -> Problems:
    """Each medium that is listed has a wiping of its own; `out_of_it` asks about those alone that were taken out."""
    left = question.known.unwiped.get(question.asset.pk, [])
    named = ", ".join(str(medium) for medium in left if medium.removed_on or not out_of_it)
    return {"": f"Not wiped, or without a certificate: {named}."} if named else {}


def _leave(question: Question) -> Problems:
    """Gone for good: nobody has it any more, and what held data is certified to hold none."""
    asset = question.asset
    if asset.holder_id and asset.state not in TERMINAL:
        return {"": f"{asset.holder} still has {asset}. Take it back first."}
    never = asset.holds_no_data and asset.pk not in question.known.held_data
    certified = never or asset.certificate_number or asset.pk in question.known.certified
    if not certified:
        return {"": f"There is no certificate that {asset} was wiped."}
    return _media_left(question)


def _destroy(question: Question) -> Problems:
    """Destroyed as a whole, with what is in it; what was taken out of it is not."""
    asset = question.asset
    if asset.holder_id:
        return {"": f"{asset.holder} still has {asset}. Take it back first."}
    return _media_left(question, out_of_it=True)


GUARDS: dict[str, Callable[[Question], Problems]] = {
    "receive": _receive,
    "stage": _stage,
    "issue": _issue,
    "send_for_repair": _send_for_repair,
    "back_from_repair": _back_from_repair,
    "write_off": _write_off,
    "sanitise": _sanitise,
    "fail_sanitising": _attempt,
    "destroy": _destroy,
    "dispose": _leave,
    "donate": _leave,
    "sell": _leave,
}
