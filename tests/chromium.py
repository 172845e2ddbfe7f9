"""Where the browser of the browser tests is."""

import os
import shutil

HOW_TO_GET_IT = (
    "On Debian: apt-get install chromium. Elsewhere set CHROMIUM to the path of any Chromium or Chrome."
)


def find_chromium() -> str | None:
    """The path of a Chromium: CHROMIUM names one, or the machine has one."""
    names = [os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome"]
    return next((path for path in map(shutil.which, names) if path), None)
