"""What every test may ask for."""

import os

import pytest

from tests.chromium import find_chromium


@pytest.fixture(autouse=True)
def files_of_the_test(settings, tmp_path):
    """Each test keeps its files in a folder of its own."""
    ours = {**settings.STORAGES["default"], "OPTIONS": {"location": str(tmp_path / "files")}}
    settings.STORAGES = {**settings.STORAGES, "default": ours}


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    """The Chromium of the machine; it refuses its sandbox to root."""
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    return {**browser_type_launch_args, "executable_path": find_chromium(), "args": arguments}
