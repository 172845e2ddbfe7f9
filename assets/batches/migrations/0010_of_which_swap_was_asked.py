from django.db import migrations, models
from django.db.models import F, OuterRef, Subquery
from django.db.models.functions import Coalesce


def say_which(apps, schema_editor):
    """That which stands, where it was swapped before the check list went; of one that was taken back the moment is not
    known any more, and when its check list went stands for it."""
    surveys, items = (apps.get_model("batches", name) for name in ("SwapSurvey", "BatchItem"))
    asked = items.objects.filter(pk=OuterRef("item"), swapped_at__lte=OuterRef("checked_at")).values("swapped_at")
    surveys.objects.update(swapped_at=Coalesce(Subquery(asked), F("checked_at")))


class Migration(migrations.Migration):

    dependencies = [
        ('batches', '0009_how_swaps_went'),
    ]

    operations = [
        migrations.AddField(
            model_name='swapsurvey',
            name='swapped_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.RunPython(say_which, migrations.RunPython.noop),
    ]
