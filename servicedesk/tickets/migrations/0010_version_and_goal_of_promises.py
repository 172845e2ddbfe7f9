"""A clock says which version of its service level it was started by, and the goal that this had."""

from django.db import migrations, models
from django.db.models import OuterRef, Subquery

LEVEL = "service_levels.servicelevel"


def fill(apps, schema_editor):
    """By today's levels, and then back through their history: what began before a change was promised by the old."""
    Clock, Change = apps.get_model("tickets", "Clock"), apps.get_model("history", "Change")
    level = apps.get_model("service_levels", "ServiceLevel").objects.filter(pk=OuterRef("service_level"))
    Clock.objects.update(
        service_level_version=Subquery(level.values("version")),
        goal_percent=Subquery(level.values("goal_percent")),
    )
    changes = Change.objects.filter(kind=LEVEL, version__gt=1).select_related("change_set").order_by("-pk")
    for change in changes:
        before = Clock.objects.filter(service_level=change.object_id, started_at__lt=change.change_set.at)
        before.update(service_level_version=change.version - 1)
        if "goal_percent" in change.fields:
            before.update(goal_percent=change.fields["goal_percent"][0])


class Migration(migrations.Migration):
    dependencies = [
        ("tickets", "0009_call_backs"),
        ("history", "0003_version_of_changes"),
        ("service_levels", "0005_fulfilment_and_next_update"),
    ]

    operations = [
        migrations.AddField(
            model_name="clock",
            name="service_level_version",
            field=models.PositiveIntegerField(default=1),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="clock",
            name="goal_percent",
            field=models.PositiveSmallIntegerField(default=90),
            preserve_default=False,
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
