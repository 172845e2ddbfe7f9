"""The pages that belong to no app: the colours of the councils, and the statements every public site must make."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from servicedesk.people.models import Council


@login_not_required
@require_safe
@cache_control(public=True, max_age=300)
def council_colours(request: HttpRequest) -> HttpResponse:
    """A stylesheet made from the councils' rows, so that one added in the browser has its colour as well."""
    colours = Council.objects.values_list("pk", "colour")
    rules = (f".app-council-{pk} {{ --council-colour: {colour}; }}" for pk, colour in colours)
    return HttpResponse("\n".join(rules), content_type="text/css")


@login_not_required
@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    """How far everybody can use the site."""
    return render(request, "statements/accessibility.html")


@login_not_required
@require_safe
def cookies(request: HttpRequest) -> HttpResponse:
    """Which cookies the site sets: none that needs consent."""
    return render(request, "statements/cookies.html")


@login_not_required
@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """What is kept about people, and why."""
    return render(request, "statements/privacy.html")
