"""The page on which many assets are moved at once."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from assets.register.lifecycle import MOVES, MoveRefused
from assets.register.models import Asset
from assets.register.together import MOST, chosen_assets
from assets.register.together_forms import key_of, read_keys
from assets.register.together_moves import MoveTogetherForm, make, would_refuse
from assets.register.together_views import tell_refused
from assets.register.workflow import Refusal
from servicedesk import wording
from servicedesk.people.access import require
from servicedesk.people.requests import SignedInRequest


@require_POST
def move_together(request: SignedInRequest, name: str) -> HttpResponse:
    """One move of the chosen assets: what it asks for, which would be refused and why, and then the deed.

    `do` says which step it is: none, "check", "back" or "move".
    """
    if name not in MOVES:
        raise Http404
    require(request.user, MOVES[name].permission)
    versions, step = read_keys(request.POST.getlist("asset")), request.POST.get("do", "")
    assets = chosen_assets(versions, request.user)
    if not assets or len(versions) > MOST:
        messages.error(request, f"Choose between 1 and {MOST} assets")
        return redirect("register:assets")
    form = MoveTogetherForm(name, request.POST if step else None, by=request.user)
    shown = {
        "name": name,
        "move": MOVES[name],
        "form": form,
        "assets": assets,
        "keys": [f"{asset.pk}-{versions[asset.pk]}" for asset in assets],
    }
    if not form.is_valid() or step == "back":
        return render(request, "register/together_move.html", shown, status=422 if form.errors else 200)
    given = form.given(assets)
    status = 200
    if step == "move":
        try:
            outcome = make(assets, versions, name, given, request.user)
        except (MoveRefused, ValidationError) as refused:
            messages.error(request, " ".join(getattr(refused, "messages", [str(refused)])))
            return render(request, "register/together_move.html", shown, status=409)
        tell_refused(request, [(refusal.asset, refusal.sentence) for refusal in outcome.refused])
        if outcome.deed is not None:
            messages.success(request, f"{wording.counted(len(outcome.moved), 'asset')} moved")
            return redirect("register:change", outcome.deed.pk)
        messages.error(request, "Nothing was moved")
        status = 409
    shown |= _checked(request, form, would_refuse(assets, versions, name, given, request.user), assets)
    return render(request, "register/together_move_check.html", shown, status=status)


def _checked(
    request: SignedInRequest, form: MoveTogetherForm, refused: list[Refusal], assets: list[Asset]
) -> dict[str, Any]:
    """Which pass, which are refused, and what was typed, to be sent again."""
    held = {refusal.asset.pk for refusal in refused}
    passing = [asset for asset in assets if asset.pk not in held]
    return {
        "refused": refused,
        "passing": passing,
        "keys": [key_of(asset) for asset in passing],
        "given": [(name, value) for name in form.fields for value in request.POST.getlist(name) if value],
    }
