"""Closed by default: whoever is not signed in is sent to sign in, and comes back to the page they were on.

And no answer is a blank page.
"""

from collections.abc import Callable
from urllib.parse import urlsplit

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import render
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails


class SignInMiddleware(LoginRequiredMiddleware):
    """Django's, for the moment when a sign-in expires under somebody's hands.

    What was posted cannot be asked for again, and a fragment is no page: both lead back to the page they came from.
    """

    def handle_no_permission(  # type: ignore[override]  # htmx redirects by a header
        self, request: HttpRequest, view_func: Callable
    ) -> HttpResponseBase:
        htmx = HtmxDetails(request)
        if request.method in ("GET", "HEAD") and not htmx:
            return super().handle_no_permission(request, view_func)
        page = urlsplit(htmx.current_url or request.headers.get("Referer", ""))
        to_sign_in = redirect_to_login(page._replace(scheme="", netloc="", fragment="").geturl() or "/")
        return HttpResponseClientRedirect(to_sign_in.url) if htmx else to_sign_in


def explain_wrong_method(get_response: Callable) -> Callable:
    """Somebody who opens the address of a button, by reloading it or from a list of pages, is told so in words."""

    def explained(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if not isinstance(response, HttpResponseNotAllowed) or request.method != "GET":
            return response
        page = render(request, "405.html", status=response.status_code)
        page["Allow"] = response["Allow"]
        return page

    return explained
