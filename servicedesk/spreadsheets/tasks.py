"""What workers do for imports and exports."""

from servicedesk.jobs.models import Job
from servicedesk.spreadsheets import applying


def apply_import(job: Job, started: int) -> dict:
    """Write the rows of a checked import."""
    return applying.apply_by_job(started, job)
