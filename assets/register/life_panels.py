"""What the page of an asset shows of its life: what can be done next, who has it, what stands by it as evidence."""

from typing import Any

from django.urls import reverse
from django.utils import timezone

from assets.register import custody, dealings
from assets.register.facts import in_words
from assets.register.filing import files_of
from assets.register.lifecycle import TERMINAL, AssetState
from assets.register.models import Asset, Custody, Disposal, Repair, Sanitisation, StagingCheck
from assets.register.workflow import moves_of
from servicedesk import wording
from servicedesk.people.access import may
from servicedesk.people.roles import Permission

MOST = 50


def life_of(person, asset: Asset) -> dict[str, Any]:
    """All of it, as far as the person may see and do it; who only holds it may say that they do."""
    if not may(person, Permission.SEE_ASSETS, asset.council_id):
        return {"to_sign": custody.to_sign(person, asset)}
    held = custody.custodies_of(person, asset)[:MOST]
    return {
        "to_sign": custody.to_sign(person, asset),
        "buttons": _buttons(person, asset),
        "custodies": held,
        "last": _last(asset, held),
        "evidence": evidence_of(person, asset),
        "files": files_of(person, asset),
        "may_file": may(person, Permission.MOVE_ASSETS, asset.council_id),
        "may_take_off": may(person, Permission.EDIT_ASSETS, asset.council_id),
        "today": timezone.localdate(),
        **dealings.of_asset(person, asset),
    }


def evidence_of(person, asset: Asset) -> list[tuple[str, list[tuple[str, Any]]]]:
    """Repairs, check lists, wipings and how it left, each with what was written down of it, the last first."""
    found: list[tuple[Any, str, list[tuple[str, Any]]]] = []
    for kind, tell in TELLING:
        rows = kind.objects.visible_to(person).filter(asset=asset)
        related = [
            name for name in ("recorded_by", "verified_by", "medium", "supplier") if hasattr(kind, name)
        ]
        for row in rows.select_related(*related)[:MOST]:
            words, facts = tell(row, person)
            by = f"{row.recorded_by or 'the system'}, {wording.short_moment(row.recorded_at)}"
            facts = [(name, value) for name, value in facts if value not in (None, "")]
            found.append((row.recorded_at, words, [*facts, ("Written down by", by)]))
    return [(words, facts) for _, words, facts in sorted(found, key=lambda one: one[0], reverse=True)]


def _buttons(person, asset: Asset) -> list[tuple[str, str]]:
    """Words and address of each deed that the person may do as the asset stands; nothing is offered twice."""
    council = asset.council_id
    offered = dealings.is_offered(asset)
    buttons = [
        (step.words, reverse("register:move", args=[asset.pk, name]))
        for name, step in moves_of(person, asset).items()
        if name != "write_off" or _approved(person, asset)
    ]
    keeps = may(person, Permission.EDIT_ASSETS, council)
    lost, gone = asset.state == AssetState.LOST_STOLEN, asset.state in TERMINAL
    more = [
        (
            "Hand over",
            "hand_over",
            asset.state == AssetState.IN_USE and may(person, Permission.MOVE_ASSETS, council),
        ),
        ("Ask to write off", "ask_write_off", keeps and lost),
        ("Lend", "lend", keeps and not (gone or lost or offered)),
        (
            "Give to another council",
            "transfer_asset",
            keeps and not (gone or lost or offered or asset.legal_hold_reason),
        ),
    ]
    holds = may(person, Permission.HOLD_ASSETS, council) and not gone
    if asset.legal_hold_reason:
        more.append(("Lift the legal hold", "lift_hold", may(person, Permission.HOLD_ASSETS, council)))
    else:
        more.append(("Put on legal hold", "hold", holds))
    return buttons + [
        (words, reverse(f"register:{name}", args=[asset.pk])) for words, name, open_to in more if open_to
    ]


def _approved(person, asset: Asset) -> bool:
    return dealings.write_offs_seen(person).filter(asset=asset, decision="approved").exists()


def _last(asset: Asset, held: list[Custody]) -> tuple[str, str]:
    """Who has it, or had it last, in a sentence, and what is said of it; nothing of what nobody ever had."""
    if not held:
        return "", ""
    last = held[0]
    if last.ended_at is None:
        signed = (
            "" if last.kind != Custody.Kind.PERSON else "Signed for" if last.signed_at else "Not signed for"
        )
        return f"{last} has it since {wording.day(last.begun_at)}", signed
    return f"{last} had it last, until {wording.day(last.ended_at)}", ""


def _repair(row: Repair, person) -> tuple[str, list[tuple[str, Any]]]:
    return "Sent for repair", [
        ("Supplier", row.supplier or row.supplier_name),
        ("Reference", row.supplier_reference),
        ("Note", row.note),
    ]


def _staging(row: StagingCheck, person) -> tuple[str, list[tuple[str, Any]]]:
    return "Check list", [("Done", "; ".join(row.items))]


def _wiping(row: Sanitisation, person) -> tuple[str, list[tuple[str, Any]]]:
    tool = " ".join(part for part in (row.tool, row.tool_version) if part)
    passed = row.result == Sanitisation.Result.PASSED
    return "Wiped" if passed else "Wiping failed", [
        ("Medium", row.medium),
        ("Method", row.get_method_display()),
        ("Technique", row.technique),
        ("Tool", tool),
        ("Date", wording.day(row.done_on)),
        ("Result looked at by", row.verified_by),
        ("Certificate", row.certificate_number),
        ("Note", row.note),
    ]


def _disposal(row: Disposal, person) -> tuple[str, list[tuple[str, Any]]]:
    """What it brought is money."""
    income = row.income if may(person, Permission.SEE_ASSET_MONEY, row.council_id) else None
    return row.get_kind_display(), [
        ("Date", wording.day(row.done_on)),
        ("Consignment", row.consignment_reference),
        ("Recipient", row.recipient),
        ("Buyer", row.buyer),
        ("Income", in_words("purchase_cost_ex_vat", income, "")),
        ("Certificate", row.certificate_number),
        ("Note", row.note),
    ]


TELLING: tuple[tuple[Any, Any], ...] = (
    (Repair, _repair),
    (StagingCheck, _staging),
    (Sanitisation, _wiping),
    (Disposal, _disposal),
)
