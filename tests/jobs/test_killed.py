"""A worker that is killed leaves everything or nothing, and another ends its job."""

import os
import signal
import subprocess
import sys
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from servicedesk.config.environment import BASE_DIR
from servicedesk.jobs.models import Job
from servicedesk.jobs.running import enqueue, next_free, run
from servicedesk.people.models import Site
from tests.jobs import tasks

WORKER = """
import django
django.setup()
from django.conf import settings
from django.db import connection
settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = {name!r}
from servicedesk.jobs.running import run
run({job})
"""


@pytest.mark.django_db(transaction=True)
def test_killed_worker_leaves_nothing_and_its_job_is_done_by_another(monkeypatch):
    job = enqueue(tasks.build_and_hang)
    worker = subprocess.Popen(  # noqa: S603
        [sys.executable, "-c", WORKER.format(name=str(connection.settings_dict["NAME"]), job=job.pk)],
        stdout=subprocess.PIPE,
        cwd=BASE_DIR,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "servicedesk.config.settings"},
    )
    assert worker.stdout.readline() == b"writing\n"
    worker.send_signal(signal.SIGKILL)
    worker.communicate()

    held = Job.objects.get(pk=job.pk)
    assert (held.state, held.attempts, Site.objects.count()) == ("running", 1, 0)
    assert held.lease_until <= timezone.now() + timedelta(seconds=settings.JOB_LEASE_SECONDS)

    monkeypatch.setattr(tasks, "build_and_hang", tasks.build)
    assert next_free(now=held.lease_until + timedelta(seconds=1)) == job.pk
    Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    run(job.pk)

    ended = Job.objects.get(pk=job.pk)
    assert (ended.state, ended.attempts, [site.name for site in Site.objects.all()]) == ("done", 2, ["Built"])
