"""What higher apps put into the page of an asset."""

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.module_loading import import_string

from assets.register.models import Asset
from servicedesk.people.requests import SignedInRequest


def panels_of(request: SignedInRequest, asset: Asset) -> list[str]:
    """The panels of the slot ASSET_PANELS: each a function of the request and the asset that the person has been let in
    to, which gives a template and its context, or None."""
    found = (import_string(name)(request, asset) for name in settings.ASSET_PANELS)
    return [render_to_string(panel["template"], panel["context"], request) for panel in found if panel]
