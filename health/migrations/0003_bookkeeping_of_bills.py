from typing import Any

from django.db import migrations, models
from django.db.models import F


def ask_the_vouchers(apps: Any, schema_editor: Any) -> None:
    """How bills were posted before they said so themselves: their vouchers tell it exactly.

    The second line is revenue. Without a third there is no account of its own for anything, and
    with one its credit is what was billed before discounts or after them.
    """
    invoices = apps.get_model("health", "TestInvoice").objects
    lines = apps.get_model("health", "VoucherLine").objects
    invoices.update(written_by=F("created_by"))
    revenue = lines.filter(line_no=2, voucher__test_invoice__isnull=False).exclude(
        credit=F("voucher__test_invoice__taxable_amount")
    )
    split = lines.filter(line_no=3).values("voucher")
    gross = revenue.filter(
        voucher__in=split, credit=F("voucher__test_invoice__subtotal_amount")
    ).values("voucher")
    compact = revenue.exclude(voucher__in=split).values("voucher")
    invoices.filter(voucher__in=gross).update(gross_revenue=True)
    invoices.filter(voucher__in=compact).update(voucher_layout="COMPACT")


class Migration(migrations.Migration):

    dependencies = [
        ('health', '0002_lab_settings'),
        ('tenancy', '0002_tenant_deep_gate'),
    ]

    operations = [
        migrations.AddField(
            model_name='labsettings',
            name='backdating_days',
            field=models.PositiveSmallIntegerField(blank=True, help_text='How far back money and books may still be dated; empty: up to a period lock.', null=True, verbose_name='days of backdating'),
        ),
        migrations.AddField(
            model_name='testinvoice',
            name='gross_revenue',
            field=models.BooleanField(default=False, editable=False),
        ),
        migrations.AddField(
            model_name='testinvoice',
            name='voucher_layout',
            field=models.CharField(choices=[('SPLIT', 'Taxes, discount and round-off on accounts of their own'), ('COMPACT', 'Two lines: receivable and revenue')], default='SPLIT', editable=False, max_length=8),
        ),
        migrations.AddField(
            model_name='testinvoice',
            name='written_by',
            field=models.CharField(blank=True, editable=False, max_length=150),
        ),
        migrations.AddConstraint(
            model_name='testinvoice',
            constraint=models.CheckConstraint(condition=models.Q(('voucher_layout__in', ['SPLIT', 'COMPACT'])), name='test_invoice_voucher_layout_known'),
        ),
        migrations.RunPython(ask_the_vouchers, migrations.RunPython.noop),
    ]
