"""What workers do for imports and exports."""

from servicedesk.jobs.models import Job
from servicedesk.spreadsheets import applying, checking, exporting, taking_back
from servicedesk.spreadsheets.models import Export


def check_import(job: Job, started: int) -> dict:
    """Check the rows of a file that has many."""
    return checking.check_by_job(started, job)


def apply_import(job: Job, started: int) -> dict:
    """Write the rows of a checked import."""
    return applying.apply_by_job(started, job)


def undo_import(job: Job, started: int) -> dict:
    """Take an import back."""
    return taking_back.undo_by_job(started, job)


def make_export(job: Job, export: int) -> dict:
    """Write the file of an export."""
    wanted = Export.objects.select_related("wanted_by__council", "file").get(pk=export)
    return {"rows": exporting.make(wanted, job).rows}
