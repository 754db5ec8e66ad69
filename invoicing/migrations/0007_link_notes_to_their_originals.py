"""Give the notes and deductions that exist their link to the documents they name."""

from decimal import Decimal

from django.db import migrations

KINDS = {"381": "CREDIT", "383": "DEBIT"}


def link(apps, schema_editor):
    Invoice = apps.get_model("invoicing", "Invoice")
    for invoice in Invoice.objects.order_by("created_at", "id").iterator():
        payload = invoice.revisions.values_list("payload", flat=True).get(number=invoice.revision)
        _link(apps, Invoice, invoice, payload or {})


def _link(apps, Invoice, invoice, payload):
    Reference = apps.get_model("invoicing", "DocumentReference")
    rest = Decimal(0) if invoice.status == "REJECTED" else invoice.total_amount
    for position, (kind, number, stated) in enumerate(_said(invoice, payload)):
        original = _original(Invoice, invoice, number, kind)
        counts = original is not None and original.currency == invoice.currency
        wanted = stated if kind == "DEDUCTION" and rest else rest
        amount = _fitting(original, kind, wanted, invoice.status) if counts else Decimal(0)
        Reference.objects.create(
            tenant_id=invoice.tenant_id, document=invoice, original=original, kind=kind,
            position=position, number=number, amount=amount,
        )
        if amount:
            column = {"CREDIT": "credited", "DEBIT": "debited", "DEDUCTION": "deducted"}[kind]
            setattr(original, f"{column}_amount", getattr(original, f"{column}_amount") + amount)
            original.save(update_fields=[f"{column}_amount"])
        rest -= amount if kind != "DEDUCTION" else 0


def _said(invoice, payload):
    kind = KINDS.get(invoice.document_type)
    if kind:
        return [(kind, item["number"], None) for item in payload.get("billing_reference", ())]
    return [
        ("DEDUCTION", item["number"], Decimal(item["taxable"]) + Decimal(item["tax"]))
        for item in payload.get("prepayments", ())
    ]


def _original(Invoice, invoice, number, kind):
    kinds = ("386",) if kind == "DEDUCTION" else ("388", "383", "386")
    found = Invoice.objects.filter(tenant_id=invoice.tenant_id, invoice_number=number)
    return found.filter(document_type__in=kinds).exclude(pk=invoice.pk).first()


def _fitting(original, kind, wanted, status):
    """What was credited beyond a total before this guard existed is no longer undone here."""
    if kind == "DEBIT":
        return wanted if status == "CLEARED" else Decimal(0)
    raised = original.total_amount + original.debited_amount
    return max(Decimal(0), min(wanted, raised - original.deducted_amount - original.credited_amount))


class Migration(migrations.Migration):
    dependencies = [("invoicing", "0006_office")]
    operations = [migrations.RunPython(link, migrations.RunPython.noop)]
