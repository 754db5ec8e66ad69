from typing import Any

from django.db import migrations, models
from django.db.models import F, Q


def ask_the_vouchers(apps: Any, schema_editor: Any) -> None:
    """How bills were posted before they said so themselves: their vouchers tell it exactly."""
    invoices = apps.get_model("health", "TestInvoice").objects
    lines = apps.get_model("health", "VoucherLine").objects
    invoices.update(written_by=F("created_by"))
    invoices.filter(voucher__in=gross(lines)).update(gross_revenue=True)
    invoices.filter(voucher__in=compact(lines)).update(voucher_layout="COMPACT")


def gross(lines: Any) -> Any:
    """The vouchers whose second line, revenue, is what was billed before discounts."""
    with_third = lines.filter(line_no=3).values("voucher")
    revenue = lines.filter(line_no=2, credit=F("voucher__test_invoice__subtotal_amount"))
    before = revenue.exclude(credit=F("voucher__test_invoice__taxable_amount"))
    return before.filter(voucher__in=with_third).values("voucher")


def compact(lines: Any) -> Any:
    """The vouchers without an account of its own for what their bills charge or give away.

    Amounts alone do not tell: a discount may be just as much as the taxes. Where there is nothing
    of the kind both layouts write the same voucher.
    """
    bill = "voucher__test_invoice__"
    with_third = lines.filter(line_no=3).values("voucher")
    taxed = Q(
        *((f"{bill}{tax}_amount__gt", 0) for tax in ("cgst", "sgst", "igst", "cess")),
        _connector=Q.OR,
    )
    discounted = Q((f"{bill}discount_mode", "POST_TAX"), (f"{bill}overall_disc_amount__gt", 0))
    rounded = ~Q((f"{bill}roundoff", 0))
    second = lines.filter(taxed | discounted | rounded, line_no=2).exclude(voucher__in=with_third)
    # A bill of a round-off alone has no revenue.
    return second.exclude(account__mappings__system_code="ROUND_OFF").values("voucher")


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
