"""Eighty payments of 100 at once against an invoice of 1,000: exactly ten succeed."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from decimal import Decimal

from django.db import connection
from django.db.models import Sum

from config.tenancy.models import Tenant
from health.errors import OverAllocation
from health.models import Allocation, LabSettings, OverpayPolicy, Payment, TestInvoice
from health.services import payments
from health.services.history import Who
from health.services.invoices import create_invoice

THOUSAND = Decimal("1000.00")
A_THOUSAND = {
    "status": "POSTED",
    "invoice_date": datetime(2024, 1, 15, 10, tzinfo=UTC),
    "patient_name": "John Doe",
    "items": [{"line_no": 1, "test_name": "Scan", "rate": THOUSAND}],
}


def test_exactly_ten_of_eighty(committed):
    tenant = Tenant.objects.create(company_name="Lab", environment="SANDBOX")
    LabSettings.objects.create(tenant=tenant, overpay_policy=OverpayPolicy.REJECT)
    invoice = create_invoice(tenant, A_THOUSAND, Who("t"))

    def pay(_: int) -> bool:
        try:
            payments.receive(
                tenant=tenant,
                invoice_id=invoice.pk,
                amount=Decimal(100),
                mode=payments.Mode.CASH,
                day=date(2024, 1, 20),
                actor="t",
            )
        except OverAllocation:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(pay, range(80))) == 10
    assert Allocation.objects.aggregate(all=Sum("amount"))["all"] == THOUSAND
    row = TestInvoice.objects.get()
    assert (row.paid_amount, row.payment_status) == (THOUSAND, "PAID")
    numbers = sorted(Payment.objects.values_list("number", flat=True))
    assert numbers == [f"RCPT20240120{seq:04}" for seq in range(1, 11)]
