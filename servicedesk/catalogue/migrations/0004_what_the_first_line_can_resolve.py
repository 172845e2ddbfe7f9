from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('catalogue', '0003_who_must_approve'),
    ]

    operations = [
        migrations.AddField(
            model_name='service',
            name='first_line',
            field=models.BooleanField(default=True, verbose_name='the first line can resolve it'),
        ),
    ]
