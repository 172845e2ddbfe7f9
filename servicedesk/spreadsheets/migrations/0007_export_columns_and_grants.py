from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0004_councils_that_have_yet_to_agree"),
        ("spreadsheets", "0006_packed_rows"),
    ]

    operations = [
        migrations.AddField(
            model_name="export",
            name="columns",
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name="export",
            name="grants",
            field=models.ManyToManyField(related_name="+", to="people.grant"),
        ),
    ]
