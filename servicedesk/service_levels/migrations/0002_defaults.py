"""The hours and promises that a new site begins with, within what comparable council desks promise.

An administrator changes them afterwards. Safe to run again: what is there stays.
"""

from django.db import migrations

OFFICE_HOURS = {str(day): [["08:00", "17:30"]] for day in range(5)}
HOUR, WORKING_DAY = 3600, 34_200

INCIDENTS = {
    "P1": (900, 4 * HOUR, 95),
    "P2": (1800, 8 * HOUR, 90),
    "P3": (4 * HOUR, 3 * WORKING_DAY, 90),
    "P4": (WORKING_DAY, 5 * WORKING_DAY, 85),
}
REQUESTS = {priority: (WORKING_DAY, 5 * WORKING_DAY, 90) for priority in INCIDENTS}
TARGETS = {"incident": INCIDENTS, "security": INCIDENTS, "request": REQUESTS}


def fill(apps, schema_editor):
    Calendar = apps.get_model("service_levels", "Calendar")
    ServiceLevel = apps.get_model("service_levels", "ServiceLevel")
    Calendar.objects.get_or_create(code="STD", defaults={"name": "Office hours", "windows": OFFICE_HOURS})
    Calendar.objects.get_or_create(
        code="24X7", defaults={"name": "Round the clock", "always": True, "bank_holidays": False}
    )
    for ticket_type, priorities in TARGETS.items():
        for priority, (response, resolution, goal) in priorities.items():
            for metric, seconds in (("response", response), ("resolution", resolution)):
                ServiceLevel.objects.get_or_create(
                    ticket_type=ticket_type,
                    priority=priority,
                    metric=metric,
                    council=None,
                    service=None,
                    defaults={"target_seconds": seconds, "goal_percent": goal},
                )


class Migration(migrations.Migration):
    dependencies = [("service_levels", "0001_initial")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
