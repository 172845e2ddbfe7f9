"""A request is about an asset of a council: of the one that has it now, as far as can be said of what there is."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import OuterRef, Subquery


def name_councils(apps, schema_editor):
    Asset, ServiceRecord = apps.get_model("register", "Asset"), apps.get_model("register", "ServiceRecord")
    of_asset = Asset.objects.filter(pk=OuterRef("asset")).values("council")
    ServiceRecord.objects.filter(council=None).update(council=Subquery(of_asset))


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0005_places_in_case_groups_take_two"),
        ("register", "0008_repairs_by_supplier"),
    ]

    operations = [
        migrations.AddField(
            "servicerecord",
            "council",
            models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.council"
            ),
        ),
        migrations.RunPython(name_councils, migrations.RunPython.noop),
    ]
