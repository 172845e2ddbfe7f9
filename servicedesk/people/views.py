"""Pages about the person who is signed in."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from servicedesk.people.rights import rights_of


@require_safe
def account(request: HttpRequest) -> HttpResponse:
    """Who I am, what I may do and why."""
    memberships = request.user.memberships.in_force().select_related("team").order_by("team__name")
    return render(
        request, "people/account.html", {"rights": rights_of(request.user), "memberships": memberships}
    )
