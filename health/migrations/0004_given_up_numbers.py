from typing import Any

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q


def write_down_those_before(apps: Any, schema_editor: Any) -> None:
    """What was cancelled without having been in the books, or put away, counts on its own day."""
    invoices = apps.get_model("health", "TestInvoice").objects
    number = apps.get_model("health", "GivenUpNumber")
    never = invoices.filter(Q(status="CANCELLED", voucher__isnull=True) | Q(is_deleted=True))
    columns = ("tenant_id", "invoice_number", "local_date")
    number.objects.bulk_create(
        (
            number(tenant_id=tenant, number=given, date=day)
            for tenant, given, day in never.order_by("id").values_list(*columns)
        ),
        batch_size=1_000,
    )


class Migration(migrations.Migration):

    dependencies = [
        ('health', '0003_bookkeeping_of_bills'),
        ('tenancy', '0002_tenant_deep_gate'),
    ]

    operations = [
        migrations.CreateModel(
            name='GivenUpNumber',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=50)),
                ('date', models.DateField()),
                ('tenant', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant')),
            ],
            options={
                'db_table': 'given_up_numbers',
                'indexes': [models.Index(fields=['tenant', 'date'], name='ix_given_up_numbers_day')],
            },
        ),
        migrations.RunPython(write_down_those_before, migrations.RunPython.noop),
    ]
