"""A worker that runs one job and, before step STEP of it, dies by kill -9; then it prints how many steps it has taken.

    python -m tests.jobs.dying_worker JOB STEP FOLDER         FOLDER is where files are kept

A step is a statement, or what stands before and after a commit: to others the database looks as at one of these.
"""

import os
import signal
import sys
from collections.abc import Callable
from typing import Any

import django

import tests.environment  # noqa: F401

os.environ["DJANGO_SETTINGS_MODULE"] = "servicedesk.config.settings"
django.setup()

from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402

from servicedesk.jobs.running import run  # noqa: E402


def main(job: int, last: int, folder: str) -> None:
    """Run the job as far as its last step."""
    ours = {**settings.STORAGES["default"], "OPTIONS": {"location": folder}}
    settings.STORAGES = {**settings.STORAGES, "default": ours}
    taken, commit = 0, connection._commit

    def step() -> None:
        nonlocal taken
        taken += 1
        if taken == last:
            os.kill(os.getpid(), signal.SIGKILL)

    def execute(go_on: Callable, *statement: Any) -> Any:
        step()
        return go_on(*statement)

    def commit_between_steps() -> None:
        step()
        commit()
        step()

    connection.execute_wrappers.append(execute)
    connection._commit = commit_between_steps  # type: ignore[method-assign]
    run(job)
    print(taken)  # noqa: T201


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
