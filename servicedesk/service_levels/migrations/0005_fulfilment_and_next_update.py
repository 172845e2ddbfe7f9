"""A request is delivered rather than fixed; who reports something grave hears from us in between.

An administrator changes it afterwards. Safe to run again: what is there stays.
"""

from django.db import migrations

NEXT_UPDATE = {"P1": 1800, "P2": 7200}


def fill(apps, schema_editor):
    ServiceLevel = apps.get_model("service_levels", "ServiceLevel")
    ServiceLevel.objects.filter(ticket_type="request", metric="resolution").update(metric="fulfilment")
    for ticket_type in ("incident", "security"):
        for priority, seconds in NEXT_UPDATE.items():
            ServiceLevel.objects.get_or_create(
                ticket_type=ticket_type,
                priority=priority,
                metric="next_update",
                council=None,
                service=None,
                team=None,
                defaults={"target_seconds": seconds, "goal_percent": 90},
            )


class Migration(migrations.Migration):
    dependencies = [("service_levels", "0004_calendar_editions")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
