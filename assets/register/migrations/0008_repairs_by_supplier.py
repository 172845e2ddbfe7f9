"""A repair names one of the suppliers. What was typed stays as text where none of them is called so."""

import django.db.models.deletion
from django.db import migrations, models


def find_suppliers(apps, schema_editor):
    Repair, Supplier = apps.get_model("register", "Repair"), apps.get_model("register", "Supplier")
    known = {_folded(name): pk for pk, name in Supplier.objects.values_list("pk", "name")}
    typed = Repair.objects.exclude(supplier_name="").order_by().values_list("supplier_name", flat=True).distinct()
    for name in list(typed):
        if pk := known.get(_folded(name)):
            Repair.objects.filter(supplier_name=name).update(supplier=pk, supplier_name="")


def write_names(apps, schema_editor):
    Repair = apps.get_model("register", "Repair")
    for repair in Repair.objects.exclude(supplier=None).select_related("supplier"):
        Repair.objects.filter(pk=repair.pk).update(supplier_name=repair.supplier.name, supplier=None)


def _folded(name):
    return " ".join(name.split()).casefold()


class Migration(migrations.Migration):
    dependencies = [("register", "0007_media")]

    operations = [
        migrations.RenameField("repair", "supplier", "supplier_name"),
        migrations.AddField(
            "repair",
            "supplier",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="repairs",
                to="register.supplier",
            ),
        ),
        migrations.RunPython(find_suppliers, write_names),
    ]
