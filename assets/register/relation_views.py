"""What hangs off an asset, and how it hangs together with others: its page, and the deeds there."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from assets.register.impact import impact_of
from assets.register.models import Asset, CIRelation
from assets.register.registering import RELATED
from assets.register.relating import ENDS, relate, ties_of, unrelate
from assets.register.relation_forms import AssetRelationForm, ServiceRelationForm
from servicedesk.people.access import may, open_door, require
from servicedesk.people.requests import SignedInRequest
from servicedesk.people.roles import Permission
from servicedesk.people.row_forms import show


@require_http_methods(["GET", "HEAD", "POST"])
def relations(request: SignedInRequest, pk: int) -> HttpResponse:
    """What an asset hangs on, what hangs off it, and what its failure would reach; to add to it, for its keeper."""
    person = request.user
    asset = open_door(person, Asset.objects.select_related(*RELATED), pk=pk)
    require(person, Permission.SEE_ASSETS, asset)
    adding = request.method == "POST"
    if adding:
        require(person, Permission.EDIT_ASSETS, asset)
    sent = request.POST if adding else None
    of_service = adding and "service" in request.POST
    by_asset = AssetRelationForm(None if of_service else sent, person=person, asset=asset)
    by_service = ServiceRelationForm(sent if of_service else None, person=person)
    form = by_service if of_service else by_asset
    if form.is_valid():
        given = form.cleaned_data
        source, target = (given["service"], asset) if of_service else (asset, given["other"])
        try:
            relation = relate(source, given["how" if of_service else "kind"], target, by=person)
            messages.success(request, f"{relation}")
            return redirect("register:relations", pk)
        except ValidationError as error:
            show(form, error)
    shown = {
        "asset": asset,
        "ties": ties_of(person, asset),
        "impact": impact_of(person, [asset]),
        "by_asset": by_asset,
        "by_service": by_service,
        "form": form,
        "may_edit": may(person, Permission.EDIT_ASSETS, asset.council_id),
    }
    return render(request, "register/relations.html", shown, status=422 if adding else 200)


@require_POST
def end(request: SignedInRequest, pk: int, relation: int) -> HttpResponse:
    """Say that a relation of an asset holds no longer."""
    asset = open_door(request.user, Asset.objects, pk=pk)
    require(request.user, Permission.SEE_ASSETS, asset)
    ended = open_door(request.user, CIRelation.objects.select_related(*ENDS), pk=relation)
    unrelate(ended, by=request.user)
    messages.success(request, f"Not so any more: {ended}")
    return redirect("register:relations", asset.pk)
