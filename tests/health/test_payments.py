"""Money: received, parked, allocated, given back, bounced; the books follow each step."""

from datetime import date
from decimal import Decimal

import pytest
from django.db.models import Sum

from config.tenancy.models import Tenant
from health.errors import IllegalTransition, OverAllocation, PaymentNotFound
from health.models import Allocation, Payment, TestInvoice, Voucher, VoucherLine
from health.services import payments
from tests.health.test_ledger import post, sample

pytestmark = pytest.mark.django_db
DAY = date(2024, 1, 20)


@pytest.fixture
def tenant(db) -> Tenant:
    return Tenant.objects.create(company_name="Lab", environment="SANDBOX")


def posted(tenant: Tenant, number: str = "A") -> TestInvoice:
    invoice = sample(tenant)
    invoice.invoice_number = number
    invoice.save()
    voucher = post(tenant, number=invoice.pk)
    TestInvoice.objects.filter(pk=invoice.pk).update(status="POSTED", voucher=voucher)
    return invoice


def receive(tenant: Tenant, invoice: TestInvoice, amount: str, mode: str = "CASH") -> Payment:
    return payments.receive(
        tenant=tenant,
        invoice_id=invoice.pk,
        amount=Decimal(amount),
        mode=payments.Mode(mode),
        day=DAY,
        actor="t",
    )


def balances() -> dict[str, str]:
    rows = VoucherLine.objects.values("account__code").annotate(d=Sum("debit"), c=Sum("credit"))
    return {row["account__code"]: str(row["d"] - row["c"]) for row in rows if row["d"] != row["c"]}


def state(invoice: TestInvoice) -> tuple[str, str]:
    row = TestInvoice.objects.get(pk=invoice.pk)
    return str(row.paid_amount), row.payment_status


def test_half_then_too_much_then_the_advance_is_spent_and_given_back(tenant):
    first, second = posted(tenant), posted(tenant, "B")
    assert receive(tenant, first, "500.00").number == "RCPT202401200001"
    assert state(first) == ("500.00", "PARTIAL")
    rest = receive(tenant, first, "1000.00")
    assert state(first) == ("1121.50", "PAID")
    assert balances()["2200-PAT-ADV"] == "-378.50"
    payments.allocate(
        tenant=tenant, payment_id=rest.pk, invoice_id=second.pk, amount=Decimal("300"), day=DAY,
        actor="t",
    )  # fmt: skip
    assert state(second) == ("300.00", "PARTIAL")
    give = {"tenant": tenant, "payment_id": rest.pk, "mode": payments.Mode.CASH, "day": DAY}
    with pytest.raises(OverAllocation):
        payments.refund(**give, amount=Decimal("78.51"), reason="r", actor="t")
    payments.refund(**give, amount=Decimal("78.50"), reason="r", actor="t")
    assert "2200-PAT-ADV" not in balances()
    assert balances()["1010-CASH"] == "1421.50"
    assert balances()["1100-AR"] == "821.50"


def test_a_bounced_payment_leaves_everything_as_it_was(tenant):
    first, second = posted(tenant), posted(tenant, "B")
    before = balances()
    payment = receive(tenant, first, "1200.00", "CHEQUE")
    payments.allocate(
        tenant=tenant, payment_id=payment.pk, invoice_id=second.pk, amount=Decimal("78.50"),
        day=DAY, actor="t",
    )  # fmt: skip
    payments.reverse(tenant=tenant, payment_id=payment.pk, day=DAY, reason="bounced", actor="t")
    assert balances() == before
    assert state(first) == state(second) == ("0.00", "UNPAID")
    assert Allocation.objects.aggregate(Sum("amount"))["amount__sum"] == 0
    with pytest.raises(IllegalTransition):
        payments.reverse(tenant=tenant, payment_id=payment.pk, day=DAY, reason="x", actor="t")


def test_a_gateway_payment_touches_nothing_until_confirmed(tenant):
    invoice = posted(tenant)
    before = balances()
    payment = receive(tenant, invoice, "100.00", "UPI")
    assert balances() == before
    payments.confirm(tenant=tenant, payment_id=payment.pk, actor="t")
    payments.confirm(tenant=tenant, payment_id=payment.pk, actor="t")
    assert state(invoice) == ("100.00", "PARTIAL")
    assert Voucher.objects.count() == 2
    lost = receive(tenant, invoice, "100.00", "CARD")
    payments.fail(tenant=tenant, payment_id=lost.pk, reason="declined", actor="t")
    with pytest.raises(IllegalTransition):
        payments.confirm(tenant=tenant, payment_id=lost.pk, actor="t")


def test_drafts_take_no_money_and_tenants_never_meet(tenant):
    draft = sample(tenant)
    draft.save()
    with pytest.raises(IllegalTransition):
        receive(tenant, draft, "1.00")
    payment = receive(tenant, posted(tenant, "B"), "1.00")
    other = Tenant.objects.create(company_name="Other", environment="SANDBOX")
    with pytest.raises(PaymentNotFound):
        payments.confirm(tenant=other, payment_id=payment.pk, actor="t")
    assert Payment.objects.count() == 1
