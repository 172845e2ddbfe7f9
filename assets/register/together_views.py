"""Pages for many assets at once: looked for by what was scanned, changed together, and taken back."""

from collections.abc import Iterable, Mapping, Sequence

from django.contrib import messages
from django.core.exceptions import BadRequest, ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assets.register import changes
from assets.register.filters import AssetFilters
from assets.register.finding import sort_out
from assets.register.lifecycle import MOVES
from assets.register.models import Asset
from assets.register.together import MOST, Sorted, change_all, chosen_assets, look
from assets.register.together_forms import ScanForm, TogetherForm, key_of, read_keys
from assets.register.together_moves import moves_for
from servicedesk import wording
from servicedesk.history.undoing import Overtaken
from servicedesk.people.access import may, require
from servicedesk.people.requests import SignedInRequest
from servicedesk.people.roles import Permission

MOST_TOLD = 20
ORDER = ("asset_tag", "id")


@require_http_methods(["GET", "HEAD", "POST"])
def scan(request: SignedInRequest) -> HttpResponse:
    """What was found of the tags or serial numbers that were scanned or pasted; one by itself leads to its asset."""
    require(request.user, Permission.SEE_ASSETS)
    form = ScanForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        return found_many(request, form.cleaned_data["names"].split("\n"))
    return render(request, "register/scan.html", {"form": form}, status=422 if form.is_bound else 200)


def found_many(request: SignedInRequest, names: Iterable[str]) -> HttpResponse:
    """What was found, what matches more than one and what was not found; or the one asset."""
    found = sort_out(request.user, names)
    if len(found.one) == 1 and not (found.several or found.none):
        return redirect("register:asset", next(iter(found.one.values())).pk)
    may_move = may(request.user, Permission.MOVE_ASSETS)
    shown = {"found": found, "key_of": key_of, "may_move": may_move}
    return render(request, "register/found_many.html", shown)


@require_POST
def together(request: SignedInRequest) -> HttpResponse:
    """The chosen assets: what to do with them, what that would do to each, and then the deed.

    `do` says which step it is: none, "labels", "check", "back" or "change". Each carries the chosen ones with it.
    """
    require(request.user, Permission.MOVE_ASSETS)
    chosen, step = _chosen(request), request.POST.get("do", "")
    if not chosen or len(chosen) > MOST:
        messages.error(request, f"Choose between 1 and {MOST} assets")
        return redirect("register:assets")
    if step == "labels":
        return redirect(reverse("register:labels", query={"asset": list(chosen)}))
    if step:
        require(request.user, Permission.EDIT_ASSETS)
    form = TogetherForm(request.POST if step else None, by=request.user)
    if not form.is_valid() or step == "back":
        return _choose(request, chosen, form)
    if step == "change":
        return _change(request, chosen, form)
    return _show(request, "register/together_check.html", form, look(chosen, form.values, by=request.user))


def _chosen(request: SignedInRequest) -> Mapping[int, int]:
    """Those that were ticked; with `all` those that the filters of the list leave."""
    if "all" not in request.POST:
        return read_keys(request.POST.getlist("asset"))
    filters = AssetFilters(request.POST, Asset.objects.visible_to(request.user), request=request)
    if not filters.is_valid():
        raise BadRequest("Those filters are not filters of the list.")
    return dict(filters.qs.order_by(*ORDER).values_list("pk", "version")[: MOST + 1])


def _choose(request: SignedInRequest, chosen: Mapping[int, int], form: TogetherForm) -> HttpResponse:
    assets = chosen_assets(chosen, request.user)
    shown = {
        "form": form if may(request.user, Permission.EDIT_ASSETS) else None,
        "assets": assets,
        "keys": _keys(chosen),
        "missing": len(chosen) - len(assets),
        "moves": moves_for(request.user, assets),
        "words": MOVES,
    }
    return render(request, "register/together.html", shown, status=422 if form.errors else 200)


def _change(request: SignedInRequest, chosen: Mapping[int, int], form: TogetherForm) -> HttpResponse:
    done = change_all(chosen, form.values, by=request.user, reason=form.cleaned_data["reason"])
    tell_refused(request, done.refused)
    if done.deed is None:
        messages.error(request, "Nothing was changed")
        return _show(request, "register/together_check.html", form, done, status=409)
    messages.success(request, f"{wording.counted(len(done.changing), 'asset')} changed")
    return redirect("register:change", done.deed.pk)


def tell_refused(request: SignedInRequest, refused: Sequence[tuple[Asset, str]]) -> None:
    """Say of each asset why nothing was done to it; of very many, how many they are."""
    for asset, why in refused[:MOST_TOLD]:
        messages.warning(request, f"{asset} was left as it is. {why}")
    if len(refused) > MOST_TOLD:
        messages.warning(request, f"{len(refused) - MOST_TOLD} more were left as they are")


def _show(
    request: SignedInRequest, template: str, form: TogetherForm, found: Sorted, status: int = 200
) -> HttpResponse:
    given = [(name, value) for name in form.fields for value in request.POST.getlist(name) if value]
    keys = [key_of(row.asset) for row in found.changing]
    return render(
        request, template, {"found": found, "given": given, "keys": keys, "form": form}, status=status
    )


def _keys(chosen: Mapping[int, int]) -> list[str]:
    return [f"{key}-{version}" for key, version in chosen.items()]


@require_safe
def change(request: SignedInRequest, pk: int) -> HttpResponse:
    """What one deed did to the register, and a way to take it back."""
    return _deed(request, pk)


@require_POST
def undo(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take it back, as far as nobody has changed the same since."""
    deed = changes.open_deed(request.user, pk)
    try:
        undone = changes.undo_deed(deed, by=request.user)
    except (Overtaken, ValidationError) as refused:
        messages.error(request, " ".join(getattr(refused, "messages", [str(refused)])))
        return _deed(request, pk, status=409)
    if undone.restored:
        messages.success(request, f"Undone: {wording.counted(undone.restored, 'asset')} as before")
    else:
        messages.error(request, "Nothing was left to undo")
    return redirect("register:change", pk)


def _deed(request: SignedInRequest, pk: int, status: int = 200) -> HttpResponse:
    deed = changes.open_deed(request.user, pk)
    undone = changes.is_undone(deed)
    shown = {
        "deed": deed,
        "told": changes.told(request.user, deed),
        "undone": undone,
        "stays": changes.what_stays(deed),
        "may_undo": changes.may_undo(request.user, deed),
        "in_words": changes.left_in_words,
    }
    return render(request, "register/change.html", shown, status=status)
