"""What every test may ask for."""

import pytest


@pytest.fixture(autouse=True)
def files_of_the_test(settings, tmp_path):
    """Each test keeps its files in a folder of its own."""
    ours = {**settings.STORAGES["default"], "OPTIONS": {"location": str(tmp_path / "files")}}
    settings.STORAGES = {**settings.STORAGES, "default": ours}
