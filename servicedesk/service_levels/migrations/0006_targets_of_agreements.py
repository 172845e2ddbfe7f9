"""A promise may be the target of an agreement between councils; there is one for each agreement, as before for none."""

import django.db.models.deletion
import django.db.models.functions.comparison
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0008_say_what_vip_means"),
        ("service_levels", "0005_fulfilment_and_next_update"),
    ]

    operations = [
        migrations.AddField(
            model_name="servicelevel",
            name="agreement",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="service_levels",
                to="people.agreement",
            ),
        ),
        migrations.RemoveConstraint(model_name="servicelevel", name="one_service_level_for_each"),
        migrations.AddConstraint(
            model_name="servicelevel",
            constraint=models.UniqueConstraint(
                "ticket_type",
                "priority",
                "metric",
                django.db.models.functions.comparison.Coalesce("council", 0),
                django.db.models.functions.comparison.Coalesce("service", 0),
                django.db.models.functions.comparison.Coalesce("team", 0),
                django.db.models.functions.comparison.Coalesce("agreement", 0),
                "starts_on",
                name="one_service_level_for_each",
            ),
        ),
        migrations.AddConstraint(
            model_name="servicelevel",
            constraint=models.CheckConstraint(
                condition=models.Q(agreement=None) | models.Q(kind="sla", team=None),
                name="target_of_an_agreement_is_for_customers",
            ),
        ),
    ]
