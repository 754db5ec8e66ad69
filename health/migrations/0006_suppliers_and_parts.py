from typing import Any

from django.db import migrations


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


class Migration(migrations.Migration):

    dependencies = [
        ('health', '0003_bookkeeping_of_bills'),
    ]

    operations = [
        migrations.RunPython(one_name_of_a_part, migrations.RunPython.noop),
        migrations.RunPython(lines_of_round_offs, migrations.RunPython.noop),
    ]
