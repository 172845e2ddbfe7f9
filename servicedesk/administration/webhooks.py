"""Webhooks, for administrators: other systems that are told what happens."""

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from servicedesk.forms import Form
from servicedesk.history.editing import Stale
from servicedesk.notifications.events import HOOK_EVENTS
from servicedesk.notifications.models import Delivery, Webhook
from servicedesk.notifications.webhooks import (
    WebhookRefused,
    archive_webhook,
    change_webhook,
    make_webhook,
    try_out,
)
from servicedesk.people.access import councils_of, open_door, require
from servicedesk.people.models import Council
from servicedesk.people.requests import SignedInRequest
from servicedesk.people.roles import Permission

MOST_DELIVERIES = 50


class WebhookForm(Form):
    """Where it leads and what it is told."""

    name = forms.CharField(label="Name", max_length=100, help_text="For example, Monitoring wall")
    address = forms.URLField(
        label="Address",
        max_length=300,
        assume_scheme="https",
        help_text="A public address that begins with https://",
    )
    events = forms.MultipleChoiceField(
        label="What it is told", choices=list(HOOK_EVENTS.items()), widget=forms.CheckboxSelectMultiple
    )


class NewWebhookForm(WebhookForm):
    """And whose requests it is told of."""

    council = forms.ModelChoiceField(Council.objects.none(), label="Council", empty_label=None)
    field_order = ("council",)

    def __init__(self, data=None, *, by):
        super().__init__(data)
        mine = councils_of(by, Permission.ADMINISTER)
        self.fields["council"].queryset = Council.objects.visible_to(by).filter(pk__in=mine)


class WebhookChangeForm(WebhookForm):
    """A correction of what was read at `version`."""

    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def webhooks(request: SignedInRequest) -> HttpResponse:
    """All webhooks, and adding one. The answer to adding is the only sight of its secret."""
    require(request.user, Permission.ADMINISTER)
    form = NewWebhookForm(request.POST if request.method == "POST" else None, by=request.user)
    made = None
    if form.is_valid():
        try:
            made = make_webhook(by=request.user, **form.cleaned_data)
            form = NewWebhookForm(by=request.user)
        except ValidationError as error:
            form.add_error(None, error)
    rows = (
        Webhook.objects.visible_to(request.user).filter(archived_at=None).select_related("council", "owner")
    )
    shown = {"form": form, "made": made, "webhooks": rows, "words": HOOK_EVENTS}
    return render(request, "administration/webhooks.html", shown, status=422 if form.is_bound else 200)


@require_safe
def webhook(request: SignedInRequest, pk: int) -> HttpResponse:
    """One webhook: what it is told, and how its latest deliveries went."""
    return _page(request, pk, None, 200)


@require_POST
def change(request: SignedInRequest, pk: int) -> HttpResponse:
    """Change it. It tells from now on what whoever changed it may see."""
    row, form = open_door(request.user, Webhook.objects, pk=pk), WebhookChangeForm(request.POST)
    if not form.is_valid():
        return _page(request, pk, form, 422)
    try:
        change_webhook(row, by=request.user, **form.cleaned_data)
    except (Stale, WebhookRefused) as refused:
        form.add_error(None, str(refused))
        return _page(request, pk, form, 409)
    except ValidationError as error:
        form.add_error(None, error)
        return _page(request, pk, form, 422)
    messages.success(request, "The webhook is changed. It is now told what you may see.")
    return redirect("sending:webhook", pk)


@require_POST
def test(request: SignedInRequest, pk: int) -> HttpResponseRedirect:
    """Send it an event that says nothing."""
    row = open_door(request.user, Webhook.objects, pk=pk)
    try:
        try_out(row, by=request.user)
        messages.success(request, "A test is on its way. How it went stands below within a minute.")
    except WebhookRefused as refused:
        messages.error(request, str(refused))
    return redirect("sending:webhook", pk)


@require_POST
def archive(request: SignedInRequest, pk: int) -> HttpResponseRedirect:
    """End it."""
    row = open_door(request.user, Webhook.objects, pk=pk)
    try:
        archive_webhook(row, by=request.user)
        messages.success(request, f"{row} is archived. Nothing more is sent to it.")
    except WebhookRefused as refused:
        messages.error(request, str(refused))
    return redirect("sending:webhooks")


def _page(request: SignedInRequest, pk: int, form: WebhookChangeForm | None, status: int) -> HttpResponse:
    row = open_door(request.user, Webhook.objects.select_related("council", "owner"), pk=pk)
    read = {name: getattr(row, name) for name in ("name", "address", "events", "version")}
    deliveries = Delivery.objects.visible_to(request.user).filter(webhook=row)[:MOST_DELIVERIES]
    shown = {
        "webhook": row,
        "form": form or WebhookChangeForm(initial=read),
        "deliveries": deliveries,
        "words": HOOK_EVENTS,
    }
    return render(request, "administration/webhook.html", shown, status=status)
