"""Reads that span models."""

from django.db.models import QuerySet

from config.tenancy.models import Tenant
from health import errors
from health.models import (
    History,
    Payment,
    Source,
    TestInvoice,
)


def get_invoice(tenant: Tenant, pk: int) -> TestInvoice:
    """The tenant's invoice with its vouchers. Raises InvoiceNotFound, for another tenant's too."""
    rows = TestInvoice.objects.filter(tenant=tenant, pk=pk, is_deleted=False)
    found = rows.select_related("tenant", "voucher", "reversal_voucher").first()
    if found is None:
        raise errors.InvoiceNotFound
    return found


def history_of(invoice: TestInvoice) -> QuerySet[History]:
    """The invoice's history, first things first."""
    return History.objects.filter(
        tenant=invoice.tenant, kind=Source.TEST_INVOICE, object_id=invoice.pk
    )


def get_payment(tenant: Tenant, pk: int) -> Payment:
    """The tenant's payment. Raises PaymentNotFound, for another tenant's too."""
    found = Payment.objects.filter(tenant=tenant, pk=pk).first()
    if found is None:
        raise errors.PaymentNotFound
    return found
