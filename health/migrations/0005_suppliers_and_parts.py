from typing import Any

from zoneinfo import ZoneInfo

from django.db import migrations, models
from django.db.models import Q


SOME = 500


def one_name_of_a_part(apps: Any, schema_editor: Any) -> None:
    """Revenue was posted to TEST_REVENUE wherever somebody played it, and so it stays."""
    mappings = apps.get_model("health", "AccountMapping").objects
    playing = mappings.filter(system_code="TEST_REVENUE").values("tenant")
    aliases = mappings.filter(system_code="DIAGNOSTIC_REVENUE")
    aliases.filter(tenant__in=playing).delete()
    aliases.update(system_code="TEST_REVENUE")


def lines_of_round_offs(apps: Any, schema_editor: Any) -> None:
    """Notes over bills of a round-off alone had no lines: they take those of their bill, at 0."""
    items = apps.get_model("health", "CreditNoteItem").objects
    bare = apps.get_model("health", "CreditNote").objects.filter(items=None)
    of_bill = apps.get_model("health", "TestInvoiceItem").objects
    for note in bare.iterator():
        for line in of_bill.filter(invoice=note.invoice_id).order_by("line_no"):
            items.create(credit_note=note, invoice_item=line, taxable_amount=0, total_amount=0)


def suppliers_as_of_today(apps: Any, schema_editor: Any) -> None:
    """Nobody has kept what they were: posted bills keep what their paper says today."""
    tenants = {tenant.pk: tenant for tenant in apps.get_model("tenancy", "Tenant").objects.all()}
    labs = {lab.tenant_id: lab for lab in apps.get_model("health", "LabSettings").objects.all()}
    invoices = apps.get_model("health", "TestInvoice").objects
    posted = invoices.filter(Q(status="POSTED") | Q(voucher__isnull=False))
    for tenant_id in posted.order_by().values_list("tenant", flat=True).distinct():
        lab = labs.get(tenant_id)
        posted.filter(tenant=tenant_id).update(
            supplier_name=tenants[tenant_id].company_name,
            supplier_gstin=lab.gstin if lab else "",
            supplier_state=lab.state_code if lab else "",
        )
    some: list[Any] = []
    for invoice in invoices.only("invoice_date", "local_date", "tenant").iterator(SOME):
        zone = ZoneInfo(tenants[invoice.tenant_id].timezone)
        local = invoice.invoice_date.astimezone(zone)
        # Another day was written in another zone, whose time nobody knows.
        if local.date() == invoice.local_date:
            invoice.local_time = local.time()
            some.append(invoice)
        if len(some) == SOME:
            invoices.bulk_update(some, ["local_time"])
            some.clear()
    invoices.bulk_update(some, ["local_time"])


class Migration(migrations.Migration):

    dependencies = [
        ('health', '0004_given_up_numbers'),
    ]

    operations = [
        migrations.AddField(
            model_name='testinvoice',
            name='local_time',
            field=models.TimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name='testinvoice',
            name='supplier_name',
            field=models.CharField(blank=True, editable=False, max_length=200),
        ),
        migrations.AddField(
            model_name='testinvoice',
            name='supplier_gstin',
            field=models.CharField(blank=True, editable=False, max_length=15),
        ),
        migrations.AddField(
            model_name='testinvoice',
            name='supplier_state',
            field=models.CharField(blank=True, editable=False, max_length=2),
        ),
        migrations.RunPython(one_name_of_a_part, migrations.RunPython.noop),
        migrations.RunPython(lines_of_round_offs, migrations.RunPython.noop),
        migrations.RunPython(suppliers_as_of_today, migrations.RunPython.noop),
    ]
