"""What delivers a request is a clock of its own kind."""

from django.db import migrations


def deliver(apps, schema_editor):
    Clock = apps.get_model("tickets", "Clock")
    Clock.objects.filter(metric="resolution", ticket__type="request").update(metric="fulfilment")


class Migration(migrations.Migration):
    dependencies = [
        ("tickets", "0006_warnings_and_refused_glass"),
        ("service_levels", "0005_fulfilment_and_next_update"),
    ]

    operations = [migrations.RunPython(deliver, migrations.RunPython.noop)]
