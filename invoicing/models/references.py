"""Which document speaks about which, and how much of it that takes."""

from django.db import models
from django.db.models import Q

from config.money import MoneyField
from invoicing.models.invoices import Invoice


class ReferenceKind(models.TextChoices):
    """What the document does to the one it names."""

    CREDIT = "CREDIT"  # a credit note takes from its balance
    DEBIT = "DEBIT"  # a debit note adds to it, once cleared
    DEDUCTION = "DEDUCTION"  # an invoice deducts a prepayment invoice


class DocumentReferenceQuerySet(models.QuerySet["DocumentReference"]):
    def waiting_for(self, invoice: Invoice) -> "DocumentReferenceQuerySet":
        """Those that named this number before Daftar knew it."""
        return self.filter(
            tenant_id=invoice.tenant_id, number=invoice.invoice_number, original=None
        ).exclude(document=invoice)


class DocumentReference(models.Model):
    """One reference of a document's current revision to an earlier document.

    `original` is empty for a number that is none of Daftar's. `amount` is what the reference takes
    from the original's balance (CREDIT, DEDUCTION) or adds to it (DEBIT) now, in the document's
    currency: nothing while the document stands rejected. Written by `services.crediting` alone.
    """

    tenant = models.ForeignKey(
        "tenancy.Tenant", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    document = models.ForeignKey(
        Invoice, on_delete=models.PROTECT, related_name="references", db_index=False
    )
    original = models.ForeignKey(
        Invoice, null=True, on_delete=models.PROTECT, related_name="referred_to_by"
    )
    kind = models.CharField(max_length=9, choices=ReferenceKind.choices)
    position = models.PositiveIntegerField()
    number = models.CharField(max_length=127)
    amount = MoneyField(default=0)

    objects = DocumentReferenceQuerySet.as_manager()

    class Meta:
        db_table = "invoice_references"
        ordering = ["document_id", "kind", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["document", "kind", "position"], name="invoice_reference_place_once"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=ReferenceKind.values), name="invoice_reference_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(amount__gte=0), name="invoice_reference_amount_not_negative"
            ),
            models.CheckConstraint(
                condition=~Q(original=models.F("document")),
                name="invoice_reference_not_to_itself",
            ),
        ]
        indexes = [
            models.Index(
                fields=["tenant", "number"],
                name="ix_invoice_references_waiting",
                condition=Q(original__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return f"{self.document} → {self.number}"
