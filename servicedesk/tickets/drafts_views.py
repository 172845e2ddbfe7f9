"""A person's own drafts: kept as they are typed, listed, thrown away."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from servicedesk import wording
from servicedesk.people.requests import SignedInRequest
from servicedesk.tickets import drafts
from servicedesk.tickets.drafts_shown import shown


@require_safe
def index(request: SignedInRequest) -> HttpResponse:
    """All that the person has begun to write and not sent, also where its page has no place for it any more."""
    kept = drafts.drafts_of(request.user).order_by("-saved_at")
    return render(request, "tickets/drafts.html", {"drafts": shown(kept, request.user)})


@require_POST
def keep(request: SignedInRequest, form: str) -> HttpResponse:
    """Keep what a form holds: for the page's own script, or by a button where there is none."""
    _known(form)
    try:
        kept = drafts.keep(request.user, form, request.POST)
    except ValidationError as error:
        return _answer(request, form, error.messages[0], 422)
    return _answer(request, form, f"Draft saved {wording.clock(kept.saved_at)}")


@require_POST
def discard(request: SignedInRequest, form: str) -> HttpResponse:
    """Throw a draft away."""
    drafts.forget(request.user, _known(form))
    return _answer(request, form, "The draft is thrown away.")


def _known(form: str) -> str:
    if not drafts.NAME.fullmatch(form):
        raise Http404
    return form


def _answer(request: SignedInRequest, form: str, said: str, status: int = 200) -> HttpResponse:
    """The sentence alone for a script; for a person the page that they were on, with the sentence."""
    if not request.accepts("text/html"):
        return JsonResponse({"said": said}, status=status)
    if status != 200:
        messages.error(request, said)
        return redirect("tickets:drafts")
    messages.success(request, said)
    return redirect(drafts.page_of(form))
