"""Councils that shared one desk before there were agreements go on doing so, by an agreement that says it."""

from django.db import migrations
from django.utils import timezone


def share(apps, schema_editor):
    councils = apps.get_model("people", "Council").objects.all()
    if councils.count() > 1:
        agreements = apps.get_model("people", "Agreement").objects
        joint = agreements.create(name="The shared IT desk", kind="joint", starts_at=timezone.now())
        joint.councils.set(councils)


class Migration(migrations.Migration):
    dependencies = [("people", "0002_sharing_and_duty")]

    operations = [migrations.RunPython(share, migrations.RunPython.noop)]
