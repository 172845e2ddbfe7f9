"""Reading the fixture files."""

import csv
import json
from typing import Any

from django.conf import settings

FOLDER = settings.BASE_DIR / "fixtures" / "demo"


def table(name: str) -> list[dict[str, str]]:
    """The rows of one CSV file, by the names in its first line."""
    with (FOLDER / f"{name}.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def conversations() -> list[dict[str, Any]]:
    """The tickets: what somebody says, and what is done about it step by step."""
    return json.loads((FOLDER / "conversations.json").read_text(encoding="utf-8"))
