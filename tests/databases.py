"""The database of a process that runs tests: migrated by the first of them, and copied for the others."""

import fcntl
from collections.abc import Iterable
from pathlib import Path

from django.db import connections


def have_database(folder: Path, worker: str, others: Iterable[str]) -> None:
    """Give this process its database, empty but for what the migrations laid down, and remember that.

    `folder` is one for all processes. The first that comes makes the database of each of the `others` as well, before
    it begins; the others wait for that, which costs them no processor.
    """
    connection = connections["default"]
    creation = connection.creation
    with (folder / "database").open("a+") as first:
        fcntl.flock(first, fcntl.LOCK_EX)
        first.seek(0)
        if name := first.read():
            connection.settings_dict["NAME"] = name
            connection.settings_dict.update(creation.get_test_db_clone_settings(worker))
        else:
            creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
            connection.close()  # else SQLite would still hold some of it apart
            for other in others:
                creation.clone_test_db(other, verbosity=0)
            first.write(str(connection.settings_dict["NAME"]))
    # For every connection: Chromium's driver brings one of its own.
    type(connection)._test_serialized_contents = creation.serialize_db_to_string()
