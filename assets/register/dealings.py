"""What takes the word of two: loans and transfers between councils, and writing off what was lost."""

from typing import Any

from assets.register.models import Asset, Loan, Transfer, WriteOff
from servicedesk.people.access import councils_of, may
from servicedesk.people.roles import Permission

RELATED = ("asset__council", "asset__model__manufacturer", "asset__manufacturer", "council", "receiver")
LOANS = (*RELATED, "person", "offered_by", "decided_by")
TRANSFERS = (*RELATED, "offered_by", "decided_by")
WRITE_OFFS = ("asset__council", "asset__model", "asset__manufacturer", "council", "recorded_by", "decided_by")


def loans_seen(person) -> Any:
    """The loans of both sides."""
    return Loan.objects.visible_to(person).select_related(*LOANS)


def transfers_seen(person) -> Any:
    """The transfers of both sides."""
    return Transfer.objects.visible_to(person).select_related(*TRANSFERS)


def write_offs_seen(person) -> Any:
    """What was asked of budget approvers."""
    return WriteOff.objects.visible_to(person).select_related(*WRITE_OFFS)


def to_answer(person) -> dict[str, Any]:
    """How many offers wait for the person's own word, by kind; only kinds that some of waits."""
    counts = {
        "loans": Loan.objects.answered_by(person).exclude(offered_by=person).count(),
        "transfers": Transfer.objects.answered_by(person).exclude(offered_by=person).count(),
    }
    return {name: count for name, count in counts.items() if count}


def write_offs_to_answer(person) -> Any:
    """What the person is asked to let go, the first asked first."""
    approving = councils_of(person, Permission.APPROVE_SPENDING)
    asked = write_offs_seen(person).filter(council__in=approving, decision="")
    asked = asked.exclude(recorded_by=person).exclude(asset__holder=person)
    return asked.order_by("id") if approving else asked.none()


def may_answer(person, dealing: Loan | Transfer | WriteOff) -> bool:
    """Whether it waits for an answer that the person may give: never to what they put, or lost, themselves."""
    if isinstance(dealing, WriteOff):
        open_still, put_by = dealing.decision == "", dealing.recorded_by_id
        if dealing.asset.holder_id == person.pk:
            return False
        may_at = may(person, Permission.APPROVE_SPENDING, dealing.council_id)
    else:
        open_still, put_by = dealing.state == "offered", dealing.offered_by_id
        may_at = may(person, Permission.EDIT_ASSETS, dealing.receiver_id)
    return open_still and may_at and put_by != person.pk


def may_end(person, dealing: Loan | Transfer) -> bool:
    """Whether the person may take an offer back, or end a loan."""
    own = may(person, Permission.EDIT_ASSETS, dealing.council_id)
    if isinstance(dealing, Transfer):
        return own and dealing.state == Transfer.State.OFFERED
    either = own or may(person, Permission.EDIT_ASSETS, dealing.receiver_id)
    return either and dealing.state in (Loan.State.OFFERED, Loan.State.AGREED)


def is_offered(asset: Asset) -> bool:
    """Whether it is lent, or waits for another council's answer."""
    lent = Loan.objects.filter(asset=asset, state__in=(Loan.State.OFFERED, Loan.State.AGREED))
    return lent.exists() or Transfer.objects.filter(asset=asset, state=Transfer.State.OFFERED).exists()


def of_asset(person, asset: Asset) -> dict[str, Any]:
    """The dealings about one asset that are not over, for its page."""
    return {
        "loans": list(loans_seen(person).filter(asset=asset, state__in=("offered", "agreed"))),
        "transfers": list(transfers_seen(person).filter(asset=asset)),
        "write_offs": list(write_offs_seen(person).filter(asset=asset)),
    }
