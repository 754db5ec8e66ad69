"""Credit notes: what of an invoice is no longer owed (Rule 53(1A))."""

from django.db import models
from django.db.models import Q

from config.money import MoneyField
from health.models.invoices import TestInvoice, TestInvoiceItem
from health.models.tenanted import Tenanted


class CreditNote(Tenanted):
    """Append-only; its voucher is the one that refers to it (Source.CREDIT_NOTE)."""

    number = models.CharField(max_length=16)
    date = models.DateField()
    invoice = models.ForeignKey(TestInvoice, on_delete=models.PROTECT, related_name="credit_notes")
    reason = models.CharField(max_length=500)
    taxable_amount = MoneyField()
    cgst_amount = MoneyField("CGST", default=0)
    sgst_amount = MoneyField("SGST", default=0)
    igst_amount = MoneyField("IGST", default=0)
    cess_amount = MoneyField(default=0)
    overall_disc_amount = MoneyField(default=0)
    roundoff = MoneyField(default=0)
    total_amount = MoneyField()
    # After 30 November of the next financial year no tax is reduced (s.34(2)).
    is_financial = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=150)

    class Meta:
        db_table = "credit_notes"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "number"], name="uq_credit_notes_number"),
            models.CheckConstraint(condition=Q(total_amount__gt=0), name="credit_note_has_total"),
        ]

    def __str__(self) -> str:
        return self.number


class CreditNoteItem(models.Model):
    credit_note = models.ForeignKey(CreditNote, on_delete=models.PROTECT, related_name="items")
    invoice_item = models.ForeignKey(
        TestInvoiceItem, on_delete=models.PROTECT, related_name="credits"
    )
    taxable_amount = MoneyField()
    cgst_amount = MoneyField(default=0)
    sgst_amount = MoneyField(default=0)
    igst_amount = MoneyField(default=0)
    cess_amount = MoneyField(default=0)
    total_amount = MoneyField()

    class Meta:
        db_table = "credit_note_items"
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.invoice_item_id}: {self.total_amount}"
