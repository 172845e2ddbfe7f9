import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('batches', '0002_appointments'),
        ('orders', '0001_orders'),
    ]

    operations = [
        migrations.CreateModel(
            name='LineOrder',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('line', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='orders', to='batches.batchline')),
                ('order_line', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='for_batch', to='orders.orderline')),
            ],
            options={
                'ordering': ['id'],
            },
        ),
    ]
