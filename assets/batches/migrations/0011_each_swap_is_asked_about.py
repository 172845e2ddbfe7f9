import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('batches', '0010_of_which_swap_was_asked'),
    ]

    operations = [
        migrations.AlterField(
            model_name='swapsurvey',
            name='swapped_at',
            field=models.DateTimeField(),
        ),
        migrations.AlterField(
            model_name='swapsurvey',
            name='item',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='surveys', to='batches.batchitem'),
        ),
        migrations.AddConstraint(
            model_name='swapsurvey',
            constraint=models.UniqueConstraint(fields=('item', 'swapped_at'), name='one_survey_for_a_swap'),
        ),
    ]
