"""The queue's own command, which sets its timetable before the workers start."""

from django_q.management.commands.qcluster import Command as Cluster

from servicedesk.jobs.schedules import ensure_schedules


class Command(Cluster):
    help = "Runs the jobs: sets what runs by itself, then starts the workers."

    def handle(self, *args, **options):
        ensure_schedules()
        super().handle(*args, **options)
