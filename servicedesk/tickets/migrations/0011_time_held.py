"""What was measured of who held a ticket is kept when it ends."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('people', '0004_councils_that_have_yet_to_agree'),
        ('tickets', '0010_version_and_goal_of_promises'),
    ]

    operations = [
        migrations.CreateModel(
            name='TimeHeld',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(blank=True, max_length=200)),
                ('state', models.CharField(choices=[('new', 'New'), ('waiting_approval', 'Waiting for approval'), ('assigned', 'Assigned'), ('in_progress', 'In progress'), ('waiting_customer', 'Waiting for the customer'), ('waiting_supplier', 'Waiting for a supplier'), ('scheduled', 'Scheduled'), ('resolved', 'Resolved'), ('closed', 'Closed'), ('cancelled', 'Cancelled'), ('rejected', 'Not approved')], max_length=20)),
                ('seconds', models.PositiveIntegerField()),
                ('promised', models.PositiveIntegerField(blank=True, null=True)),
                ('team', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='time_held', to='people.team')),
                ('ticket', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='time_held', to='tickets.ticket')),
            ],
            options={
                'verbose_name_plural': 'times held',
                'ordering': ['id'],
            },
        ),
    ]
