"""What workers do for imports and exports."""

from servicedesk.jobs.models import Job
from servicedesk.spreadsheets import applying, exporting
from servicedesk.spreadsheets.models import Export


def apply_import(job: Job, started: int) -> dict:
    """Write the rows of a checked import."""
    return applying.apply_by_job(started, job)


def make_export(job: Job, export: int) -> dict:
    """Write the file of an export."""
    wanted = Export.objects.select_related("wanted_by__council", "file").get(pk=export)
    return {"rows": exporting.make(wanted, job).rows}
