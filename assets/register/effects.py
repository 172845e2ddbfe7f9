"""What each move changes beside the state, and the evidence that it leaves: one function to a move.

An effect sets columns of the asset, which is saved afterwards, and returns the rows that are written with it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Model
from django.utils import timezone

from assets.register.custody import Handing
from assets.register.known import Known
from assets.register.lifecycle import MOVES
from assets.register.models import (
    Asset,
    AssetFile,
    Disposal,
    Loan,
    Medium,
    Repair,
    Sanitisation,
    StagingCheck,
)
from servicedesk.files.checking import check
from servicedesk.files.models import StoredFile
from servicedesk.files.storing import keep

CHANGED = (
    "state",
    "serial_number",
    "holder_id",
    "holder_note",
    "site_id",
    "room",
    "condition",
    "certificate_number",
    "disposal_date",
    "evidence_missing",
)
"""The columns that moves set."""


@dataclass
class Deed:
    """One deed of moving: by whom, when, what is known, and the files that came with it, kept once a council."""

    by: Any
    now: datetime
    known: Known
    files: dict[tuple[int, int], StoredFile] = field(default_factory=dict)

    def file_of(self, asset: Asset, given: Mapping[str, Any]) -> StoredFile | None:
        """The file that was given with the move, kept for the council of the asset."""
        content = given.get("file")
        if not content:
            return None
        key = id(content), asset.council_id
        if key not in self.files:
            kept = check(content)
            self.files[key] = keep(
                content,
                kept.name,
                council=asset.council,
                by=self.by,
                content_type=kept.content_type,
                now=self.now,
            )
        return self.files[key]

    def day_of(self, given: Mapping[str, Any]) -> date:
        """The day it was done, which is today unless another is given."""
        return given.get("done_on") or timezone.localdate(self.now)


Given = Mapping[str, Any]
Rows = list[Model]


def bring_about(name: str, asset: Asset, given: Given, deed: Deed) -> Rows:
    """Change the asset as the move does, without saving it. Returns the evidence, not saved either."""
    step = MOVES[name]
    asset.state = step.targets[0] if len(step.targets) == 1 else given["to"]
    if given.get("condition"):
        asset.condition = given["condition"]
    if given.get("site"):
        asset.site = given["site"]
        asset.room = given.get("room", "")
    elif given.get("room"):
        asset.room = given["room"]
    return EFFECTS.get(name, _nothing_more)(asset, given, deed)


def handing_of(name: str, asset: Asset, given: Given, known: Known) -> Handing:
    """What a custody that begins or ends with the move remembers."""
    person = given.get("person")
    loan: Loan | None = None
    if name == "issue" and person and person.council_id != asset.council_id:
        loan = known.loans.get((asset.pk, person.pk))
    return Handing(given.get("condition") or "", str(given.get("note") or ""), loan)


def _nothing_more(asset: Asset, given: Given, deed: Deed) -> Rows:
    return []


def _receive(asset: Asset, given: Given, deed: Deed) -> Rows:
    asset.serial_number = (given.get("serial_number") or asset.serial_number).strip().upper()
    return []


def _stage(asset: Asset, given: Given, deed: Deed) -> Rows:
    listed = deed.known.check_lists.get(asset.model_id or 0, [])
    return [StagingCheck(**_of(asset, deed), items=listed)] if listed else []


def _issue(asset: Asset, given: Given, deed: Deed) -> Rows:
    asset.holder = given.get("person")
    asset.holder_note = given.get("pool") or ""
    return []


def _send_for_repair(asset: Asset, given: Given, deed: Deed) -> Rows:
    """Where it went stands by the asset; the request that it went for among its requests."""
    said = {name: given.get(name) or "" for name in ("supplier_reference", "note")}
    sent = {"supplier": given.get("supplier"), "ticket": given.get("ticket")}
    return [Repair(**_of(asset, deed), **sent, **said)]


def _back_from_repair(asset: Asset, given: Given, deed: Deed) -> Rows:
    return _nobody_has_it(asset, given, deed) if asset.state == "in_stock" else []


def _nobody_has_it(asset: Asset, given: Given, deed: Deed) -> Rows:
    asset.holder, asset.holder_note = None, ""
    return []


def _sanitise(asset: Asset, given: Given, deed: Deed) -> Rows:
    asset.certificate_number = given["certificate_number"]
    asset.evidence_missing = False
    return wiping(asset, given, deed, Sanitisation.Result.PASSED)


def _fail_sanitising(asset: Asset, given: Given, deed: Deed) -> Rows:
    return wiping(asset, given, deed, Sanitisation.Result.FAILED)


def wiping(asset: Asset, given: Given, deed: Deed, result: str, medium: Medium | None = None) -> Rows:
    """The record of a wiping, of one medium or of the asset as a whole, and its file. Neither is saved."""
    said = ("method", "technique", "tool", "tool_version", "certificate_number", "note")
    file = deed.file_of(asset, given)
    row = Sanitisation(
        **_of(asset, deed),
        **{name: given.get(name) or "" for name in said},
        done_on=deed.day_of(given),
        verified_by=given.get("verified_by"),
        file=file,
        result=result,
        medium=medium,
    )
    return [row, *_on_asset(asset, file, deed)]


def _on_asset(asset: Asset, file: StoredFile | None, deed: Deed) -> Rows:
    """The certificate among the files of the asset, by way of which it is read."""
    return [AssetFile(**_of(asset, deed), kind=AssetFile.Kind.CERTIFICATE, file=file)] if file else []


def _leave(asset: Asset, given: Given, deed: Deed) -> Rows:
    """Gone for good: the day, to whom, for how much. Its own certificate stays that of its wiping."""
    asset.holder, asset.holder_note = None, ""
    asset.disposal_date = deed.day_of(given)
    said = ("consignment_reference", "recipient", "buyer", "certificate_number", "note")
    file = deed.file_of(asset, given)
    disposal = Disposal(
        **_of(asset, deed),
        **{name: given.get(name) or "" for name in said},
        kind=asset.state,
        income=given.get("income"),
        done_on=asset.disposal_date,
        file=file,
    )
    return [disposal, *_on_asset(asset, file, deed)]


def _destroy(asset: Asset, given: Given, deed: Deed) -> Rows:
    asset.certificate_number = given["certificate_number"]
    asset.evidence_missing = False
    return _leave(asset, given, deed)


def _write_off(asset: Asset, given: Given, deed: Deed) -> Rows:
    asset.disposal_date = timezone.localdate(deed.now)
    return _nobody_has_it(asset, given, deed)


def _of(asset: Asset, deed: Deed) -> dict[str, Any]:
    return {
        "council": asset.council,
        "asset": asset,
        "recorded_by": deed.by,
        "recorded_at": deed.now,
    }


EFFECTS: dict[str, Callable[[Asset, Given, Deed], Rows]] = {
    "receive": _receive,
    "stage": _stage,
    "issue": _issue,
    "send_for_repair": _send_for_repair,
    "back_from_repair": _back_from_repair,
    "return": _nobody_has_it,
    "find": _nobody_has_it,
    "write_off": _write_off,
    "sanitise": _sanitise,
    "fail_sanitising": _fail_sanitising,
    "destroy": _destroy,
    "dispose": _leave,
    "donate": _leave,
    "sell": _leave,
}
