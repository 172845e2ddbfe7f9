"""What proves that a batch is as it says: its money from rows, its items from evidence, everything from history."""

from collections import defaultdict
from decimal import Decimal

from django.db.models import Sum

from assets.batches.models import Batch, BatchCouncil, BatchItem, BatchLine
from assets.batches.standing import money_of, money_together, standings_of
from assets.disposal.models import ConsignmentItem
from assets.orders.models import OrderedAsset
from assets.register.models import Asset, Disposal, Sanitisation, ServiceRecord
from servicedesk.history.models import Change
from servicedesk.history.recording import snapshot
from tests.batches.sums import SWAPPED, WIPED

KINDS = (Batch, BatchCouncil, BatchLine, BatchItem, Asset)
KEPT = (
    "confirmed",
    "allocated",
    "scheduled",
    "no_show",
    "swapped",
    "returned",
    "sanitised",
    "sanitise_failed",
)
LEFT = ("disposed", "donated", "sold", "destroyed")
GONE_AS = {
    "sold": ("sold",),
    "donated": ("donated",),
    "destroyed": ("destroyed",),
    "recycled": ("disposed", "destroyed"),
}


def money_by_rows(batch: Batch) -> dict[int, Decimal]:
    """What each council has paid, added up from single rows: orders, swaps, disposals, and what was sold."""
    found: defaultdict[int, Decimal] = defaultdict(Decimal)
    for line in BatchLine.objects.filter(batch=batch):
        bought = OrderedAsset.objects.filter(
            line__for_batch__line=line, line__order__state__in=("placed", "closed")
        ).exclude(asset__state="cancelled")
        found[line.council_id] += sum(bought.values_list("line__unit_price", flat=True), Decimal(0))
        items = BatchItem.objects.filter(batch=batch, council=line.council_id, category=line.category)
        deployed = items.filter(state__in=SWAPPED, outcome="replace").count()
        found[line.council_id] += line.deploy * deployed
        found[line.council_id] += (
            line.disposal * items.filter(state__in=("sold", "recycled", "destroyed")).count()
        )
        sold = Disposal.objects.filter(asset__in=items.filter(state="sold").values("asset"))
        found[line.council_id] -= sold.aggregate(all=Sum("income"))["all"] or 0
    return dict(found)


def odd_money(batch: Batch, everybody, approvers: list) -> list[str]:
    """Where what is told of the money is not what its rows add up to, or is told to whom it does not belong."""
    standing = standings_of([Batch.objects.get(pk=batch.pk)])[0]
    rows, by_rows = money_of(everybody, standing), money_by_rows(batch)
    frozen = dict(batch.paying.exclude(actual=None).values_list("council", "actual"))
    together = money_together(everybody, standing, rows)
    checks = {
        "each council pays what its rows add up to": {row.council.pk: row.actual.total for row in rows}
        == by_rows,
        "what is told is what was written down, once it is": all(
            row.total == frozen.get(row.council.pk, row.actual.total) for row in rows
        ),
        "all pay what each pays": together and together.total == sum(row.total for row in rows),
        "each approver is told of their own council alone": all(
            [row.council.pk for row in money_of(one, standing)] == [one.council_id] for one in approvers
        ),
    }
    return [words for words, holds in checks.items() if not holds]


def unproven(item: BatchItem) -> list[str]:
    """What the record of an item does not prove of where it stands."""
    asset, state = item.asset, item.state
    wiped = asset.holds_no_data or _has(Sanitisation, asset, result="passed")
    left = Disposal.objects.filter(asset=asset).last()
    incident = ServiceRecord.objects.filter(asset=asset, ticket=item.incident, ticket__type="security")
    needs = {
        "why, and until when": state != "deferred" or bool(item.reason and item.deferred_until),
        "why it is left out": state != "excluded" or bool(item.reason),
        "what replaces it": state not in ("allocated", "scheduled", "no_show", *SWAPPED)
        or item.outcome != "replace"
        or item.replacement is not None
        and item.replacement.council_id == item.council_id,
        "an appointment": state not in ("scheduled", "no_show") or item.scheduled_for is not None,
        "a signature": state not in SWAPPED or bool(item.signed_by and item.swapped_at and item.attempts),
        "its security incident": state != "lost" or incident.exists(),
        "that it was wiped": state not in WIPED or wiped,
        "that wiping failed": state != "sanitise_failed" or _has(Sanitisation, asset, result="failed"),
        "how it left": state not in GONE_AS or asset.state in GONE_AS[state] and left is not None,
        "to whom, for how much": state != "sold" or bool(left and left.buyer and left.income is not None),
        "who received it": state != "donated" or bool(left and left.recipient),
        "its certificate of destruction": state != "destroyed" or bool(left and left.certificate_number),
        "with which consignment": state != "recycled"
        or asset.state == "destroyed"
        or _consigned(asset, left),
        "that it is kept for the batch": item.locked == (state in KEPT and item.batch.is_open),
        "that it has ended, as its asset is gone": asset.state not in LEFT
        or state not in SWAPPED
        or not item.locked,
    }
    return [f"{item.asset}, {state}: {words}" for words, holds in needs.items() if not holds]


def _consigned(asset: Asset, left: Disposal) -> bool:
    """Whether a facility has certified it in the consignment that is named."""
    items = ConsignmentItem.objects.filter(asset=asset, consignment__reference=left.consignment_reference)
    return items.exclude(outcome="").exists()


def left_without_evidence() -> list[Asset]:
    """What holds data and is gone, although nothing proves that it was wiped or destroyed."""
    gone = Asset.objects.filter(state__in=LEFT).select_related("model")
    return [
        asset
        for asset in gone
        if not asset.holds_no_data
        and not (
            asset.certificate_number
            and (asset.state == "destroyed" or _has(Sanitisation, asset, result="passed"))
        )
    ]


def _has(model, asset: Asset, **more) -> bool:
    return model.objects.filter(asset=asset, **more).exists()


class Beginning:
    """How everything stood, from which history tells how it stands."""

    def __init__(self) -> None:
        self.last = Change.objects.order_by("-id").values_list("id", flat=True).first() or 0
        self.rows = {model: _columns(model) for model in KINDS}

    def untold(self) -> list[str]:
        """The columns of which history alone does not tell how they are."""
        found = []
        for model, rows in self.rows.items():
            was = {key: dict(columns) for key, columns in rows.items()}
            changes = Change.objects.filter(kind=model._meta.label_lower, id__gt=self.last, object_id__in=was)
            for change in changes.order_by("id"):
                was[change.object_id] |= {
                    name: values[1] for name, values in change.fields.items() if name in was[change.object_id]
                }
            now = _columns(model)
            found += [
                f"{model.__name__} {key}: {name}"
                for key, columns in was.items()
                for name, value in columns.items()
                if now[key][name] != value
            ]
        return found


def _columns(model) -> dict[int, dict]:
    rows = list(model.objects.all())
    return {key: {name: value for name, (value, _) in one.items()} for key, one in snapshot(rows).items()}
