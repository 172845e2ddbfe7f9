"""Pages about the person who is signed in."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from servicedesk.people import tokens
from servicedesk.people.requests import SignedInRequest
from servicedesk.people.rights import rights_of


@require_safe
def account(request: SignedInRequest) -> HttpResponse:
    """Who I am, what I may do and why."""
    memberships = request.user.memberships.in_force().select_related("team").order_by("team__name")
    return render(
        request, "people/account.html", {"rights": rights_of(request.user), "memberships": memberships}
    )


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def my_tokens(request: SignedInRequest) -> HttpResponse:
    """The tokens by which programs act for me. The answer to making one is the only sight of it."""
    made = None
    if request.method == "POST":
        try:
            made = tokens.make_token(by=request.user)
        except ValidationError as refusal:
            messages.error(request, refusal.messages[0])
            return redirect("people:tokens")
    mine = [(tokens.beginning_of(token), token) for token in tokens.tokens_of(request.user)]
    return render(request, "people/tokens.html", {"made": made, "tokens": mine})


@require_POST
def take_back_token(request: SignedInRequest) -> HttpResponse:
    """Take one of my tokens back: it stops working at once."""
    if not tokens.take_back(request.POST.get("token", ""), by=request.user):
        raise Http404
    messages.success(request, "The token is taken back. It no longer works.")
    return redirect("people:tokens")
