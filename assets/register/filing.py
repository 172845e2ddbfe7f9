"""Files on an asset: what was paid for it, how it looks, what certifies its end. An invoice says money."""

from collections.abc import Sequence
from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from assets.register.lifecycle import MoveRefused
from assets.register.models import Asset, AssetFile
from servicedesk.files.checking import check_all
from servicedesk.files.storing import keep
from servicedesk.history.recording import change_set, record, snapshot
from servicedesk.people.access import require
from servicedesk.people.models import Person
from servicedesk.people.roles import Permission

RELATED = ("asset", "council", "recorded_by", "file")


def add_files(
    asset: Asset, *, by: Person, kind: str, files: Sequence[UploadedFile], now: datetime | None = None
) -> list[AssetFile]:
    """Put files on an asset. Raises PermissionDenied, or ValidationError with a sentence for each refused."""
    _check_right(by, asset, kind)
    if not files:
        raise ValidationError({"files": "Select a file"})
    try:
        kept = check_all(list(files))
    except ValidationError as error:
        raise ValidationError({"files": error.messages}) from error
    made = []
    with change_set(by=by, now=now) as deed:
        for content, told in zip(files, kept, strict=True):
            stored = keep(
                content, told.name, council=asset.council, by=by, content_type=told.content_type, now=deed.at
            )
            row = AssetFile(
                council=asset.council,
                asset=asset,
                recorded_by=by,
                recorded_at=deed.at,
                kind=kind,
                file=stored,
            )
            row.save()
            made.append(row)
        record(deed, made)
    return made


def remove_file(row: AssetFile, *, by: Person, now: datetime | None = None) -> None:
    """Take a file off its asset: kept, and not shown any more. Raises PermissionDenied, or MoveRefused."""
    require(by, Permission.EDIT_ASSETS, row)
    if row.kind == AssetFile.Kind.CERTIFICATE:
        raise MoveRefused("A certificate is evidence and stays.")
    with change_set(by=by, now=now) as deed:
        before = snapshot([row])
        if AssetFile.objects.filter(pk=row.pk, removed_at=None).update(removed_at=deed.at):
            row.removed_at = deed.at
            record(deed, [row], before)


def files_of(person, asset: Asset) -> list[AssetFile]:
    """The files on it that the person may see, the last first."""
    return list(AssetFile.objects.visible_to(person).filter(asset=asset).select_related(*RELATED))


def _check_right(by: Person, asset: Asset, kind: str) -> None:
    """Whoever moves assets may show how one looks; what it cost is for who keeps the register."""
    if kind not in AssetFile.Kind.values:
        raise ValidationError({"kind": "Select what kind of file it is"})
    if kind == AssetFile.Kind.INVOICE:
        require(by, Permission.SEE_ASSET_MONEY, asset)
        require(by, Permission.EDIT_ASSETS, asset)
    else:
        require(by, Permission.MOVE_ASSETS, asset)
