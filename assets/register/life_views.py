"""Pages of the life of one asset: its moves, who has it, legal hold, and its files."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assets.register import custody
from assets.register.facts import what_it_is
from assets.register.filing import add_files, remove_file
from assets.register.filling_in import fill_in
from assets.register.handing_over import hand_over as hand_asset_over
from assets.register.handing_over import set_check_list
from assets.register.holding import lift_hold as lift
from assets.register.holding import set_hold
from assets.register.life_forms import CheckListForm, FilesForm, ReasonForm, hand_over_form, move_form
from assets.register.lifecycle import MOVES, MoveRefused
from assets.register.models import Asset, AssetFile, AssetModel, CheckList
from assets.register.registering import fresh
from assets.register.workflow import move as move_asset
from servicedesk.files.storing import show
from servicedesk.people.access import may, open_door, require
from servicedesk.people.requests import SignedInRequest
from servicedesk.people.roles import PERMISSION_WORDS, Permission

EITHER = ("GET", "POST")


@require_http_methods(EITHER)
def move(request: SignedInRequest, pk: int, name: str) -> HttpResponse:
    """Make a move of the table: its form asks just for what it needs."""
    asset = _opened(request, pk)
    if name not in MOVES:
        raise Http404
    step = MOVES[name]
    require(request.user, step.permission, asset)

    def do(version: int | None, **given) -> str:
        moved = move_asset(asset, name, by=request.user, given=given, version=version)
        return f"{moved} is now {moved.get_state_display().lower()}"

    return fill_in(
        request,
        move_form(name, asset, request.user, *_sent(request)),
        do,
        title=f"{step.words}: {asset}",
        back=_to(asset),
        current_version=lambda: fresh(asset).version,
        what_it_is=what_it_is(asset),
        words=step.words,
        warning=step.permission == Permission.EDIT_ASSETS or name in ("sanitise", "lose"),
        asset=asset,
    )


@require_http_methods(EITHER)
def hand_over(request: SignedInRequest, pk: int) -> HttpResponse:
    """Give what is in use to somebody else."""
    asset = _opened(request, pk)
    require(request.user, Permission.MOVE_ASSETS, asset)

    def do(version: int | None, **given) -> str:
        handed = hand_asset_over(asset, by=request.user, given=given, version=version)
        return f"{handed.holder or handed.holder_note or handed.room} has {handed} now"

    return fill_in(
        request,
        hand_over_form(asset, request.user, *_sent(request)),
        do,
        title=f"Hand over: {asset}",
        back=_to(asset),
        current_version=lambda: fresh(asset).version,
        what_it_is=what_it_is(asset),
        words="Hand over",
        asset=asset,
    )


@require_POST
def sign(request: SignedInRequest, pk: int) -> HttpResponse:
    """Say that one has it."""
    asset = _opened(request, pk)
    held = custody.to_sign(request.user, asset)
    try:
        if held is None:
            raise MoveRefused("There is nothing to sign for: you do not have it, or you have signed.")
        custody.sign(held, by=request.user)
        messages.success(request, "Thank you. We have written down that you have it")
    except MoveRefused as refused:
        messages.error(request, str(refused))
    return redirect("register:asset", pk)


@require_http_methods(EITHER)
def hold(request: SignedInRequest, pk: int) -> HttpResponse:
    """Put an asset on legal hold."""
    asset = _opened(request, pk)
    require(request.user, Permission.HOLD_ASSETS, asset)

    def do(version: int | None, reason: str = "") -> str:
        return f"{set_hold(asset, by=request.user, reason=reason, version=version)} is on legal hold"

    return _with_reason(request, asset, do, "Put on legal hold")


@require_http_methods(EITHER)
def lift_hold(request: SignedInRequest, pk: int) -> HttpResponse:
    """Lift the hold."""
    asset = _opened(request, pk)
    require(request.user, Permission.HOLD_ASSETS, asset)

    def do(version: int | None, reason: str = "") -> str:
        return f"{lift(asset, by=request.user, reason=reason, version=version)} is not on legal hold any more"

    return _with_reason(request, asset, do, "Lift the legal hold")


@require_http_methods(EITHER)
def files(request: SignedInRequest, pk: int) -> HttpResponse:
    """Put files on an asset."""
    asset = _opened(request, pk)
    require(request.user, Permission.MOVE_ASSETS, asset)
    sees_money = may(request.user, Permission.SEE_ASSET_MONEY, asset.council_id)

    def do(version: int | None, kind: str = "", chosen: list | None = None) -> str:
        try:
            made = add_files(asset, by=request.user, kind=kind, files=chosen or [])
        except ValidationError as error:
            raise ValidationError({"chosen": error.message_dict.get("files", error.messages)}) from error
        return f"{len(made)} {'file is' if len(made) == 1 else 'files are'} on {asset}"

    return fill_in(
        request,
        FilesForm(*_sent(request), sees_money=sees_money, initial={"version": asset.version}),
        do,
        title=f"Add files: {asset}",
        back=_to(asset),
        current_version=lambda: fresh(asset).version,
        what_it_is=what_it_is(asset),
        words="Add files",
        asset=asset,
    )


@require_safe
def file(request: SignedInRequest, pk: int, file: int) -> FileResponse:
    """One file, as a download; a picture is shown."""
    asset = _opened(request, pk)
    return show(open_door(request.user, AssetFile.objects, pk=file, asset=asset).file)


@require_POST
def take_off(request: SignedInRequest, pk: int, file: int) -> HttpResponse:
    """Take a file off an asset."""
    asset = _opened(request, pk)
    row = open_door(request.user, AssetFile.objects, pk=file, asset=asset)
    try:
        remove_file(row, by=request.user)
        messages.success(request, f"{row} is not on {asset} any more")
    except MoveRefused as refused:
        messages.error(request, str(refused))
    return redirect("register:asset", pk)


@require_http_methods(EITHER)
def check_list(request: SignedInRequest, pk: int) -> HttpResponse:
    """What is done to every asset of a model before it is issued."""
    model = open_door(request.user, AssetModel.objects, pk=pk)
    if not may(request.user, Permission.EDIT_ASSETS):
        raise PermissionDenied(f"You need the right to: {PERMISSION_WORDS[Permission.EDIT_ASSETS].lower()}.")
    held = CheckList.objects.visible_to(request.user).filter(model=model).first()

    def do(version: int | None, items: str = "") -> str:
        set_check_list(model, by=request.user, items=items, version=version)
        return f"The check list of {model} is saved"

    initial = {"items": held.items if held else "", "version": held.version if held else None}
    return fill_in(
        request,
        CheckListForm(*_sent(request), initial=initial),
        do,
        title=f"Check list: {model}",
        back=("Assets", reverse("register:assets")),
        current_version=lambda: CheckList.objects.visible_to(request.user).get(model=model).version,
        words="Save",
    )


def _opened(request: SignedInRequest, pk: int) -> Asset:
    return fresh(open_door(request.user, Asset.objects, pk=pk))


def _sent(request: SignedInRequest) -> tuple:
    return (request.POST, request.FILES) if request.method == "POST" else (None, None)


def _to(asset: Asset) -> tuple[str, str]:
    return str(asset), reverse("register:asset", args=[asset.pk])


def _with_reason(request: SignedInRequest, asset: Asset, do, words: str) -> HttpResponse:
    return fill_in(
        request,
        ReasonForm(*_sent(request), initial={"version": asset.version}),
        do,
        title=f"{words}: {asset}",
        back=_to(asset),
        current_version=lambda: fresh(asset).version,
        what_it_is=what_it_is(asset),
        words=words,
        asset=asset,
    )
