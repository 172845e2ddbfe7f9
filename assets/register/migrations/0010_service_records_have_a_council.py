import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("register", "0009_council_of_service_records")]

    operations = [
        migrations.AlterField(
            "servicerecord",
            "council",
            models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.council"
            ),
        ),
    ]
