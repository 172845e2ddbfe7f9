"""Each event that names hours says at which version of them."""

from django.db import migrations, models
from django.db.models import OuterRef, Subquery


def fill(apps, schema_editor):
    Calendar, ClockEvent = (
        apps.get_model("service_levels", "Calendar"),
        apps.get_model("tickets", "ClockEvent"),
    )
    version = Calendar.objects.filter(pk=OuterRef("calendar")).values("version")
    ClockEvent.objects.exclude(calendar=None).update(calendar_version=Subquery(version))


class Migration(migrations.Migration):
    dependencies = [("tickets", "0004_the_whole_desk"), ("service_levels", "0004_calendar_editions")]

    operations = [
        migrations.AddField(
            model_name="clockevent",
            name="calendar_version",
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
