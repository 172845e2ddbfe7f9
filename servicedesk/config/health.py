"""Whether the process lives and whether the site can work, for whatever watches over it. Open to strangers, so it
says a plain word and nothing of versions, hosts or causes; the log has those."""

import logging

from django.contrib.auth.decorators import login_not_required
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

log = logging.getLogger(__name__)

READY = "ready"


@login_not_required
@require_safe
@never_cache
def live(request: HttpRequest) -> JsonResponse:
    """The process answers. Asks the database nothing: a process is not to be killed for a database's sake."""
    return JsonResponse({"status": "live"})


@login_not_required
@require_safe
@never_cache
def ready(request: HttpRequest) -> JsonResponse:
    """The database answers and has every migration, else 503 with what is missing."""
    state = _state()
    return JsonResponse({"status": state}, status=200 if state == READY else 503)


def _state() -> str:
    try:
        return READY if is_migrated() else "the database needs migrating"
    except Error:
        log.exception("The database does not answer")
        return "the database does not answer"


def is_migrated() -> bool:
    """Whether the database has every migration of every app. Raises django.db.Error when it does not answer."""
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())
