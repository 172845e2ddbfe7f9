"""Pages about a job, for whoever asked for it."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from servicedesk.jobs import running
from servicedesk.jobs.models import Job
from servicedesk.people.access import open_door
from servicedesk.people.requests import SignedInRequest


@require_safe
@never_cache
def job(request: SignedInRequest, pk: int) -> HttpResponse:
    """How far a job has come, or how it ended."""
    return render(request, "jobs/job.html", {"job": open_door(request.user, Job.objects, pk=pk)})


@require_safe
@never_cache
def progress(request: SignedInRequest, pk: int) -> HttpResponse:
    """The part of a page that a running job keeps up to date; when the job has ended the page loads itself again."""
    job = open_door(request.user, Job.objects, pk=pk)
    response = render(request, "jobs/_progress.html", {"job": job})
    if job.ended:
        response["HX-Refresh"] = "true"
    return response


@require_POST
def cancel(request: SignedInRequest, pk: int) -> HttpResponseRedirect:
    """Ask for a job to stop, and go back to the page that showed it."""
    job = open_door(request.user, Job.objects, pk=pk)
    running.cancel(job)
    messages.info(request, "It had already ended." if job.ended else "It stops as soon as it can.")
    page = request.headers.get("Referer", "")
    ours = url_has_allowed_host_and_scheme(page, {request.get_host()}, require_https=request.is_secure())
    return redirect(page if ours else reverse("jobs:job", args=[job.pk]))
