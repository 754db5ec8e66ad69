"""Vouchers balance and stay: through the ledger, and against raw SQL (health.md 3.4)."""

import uuid
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction

from config.db.triggers import missing_triggers
from config.tenancy.models import Tenant
from health import ledger
from health.errors import AccountUnusable, AlreadyReversed, PeriodLocked
from health.models import (
    Account,
    DiscountMode,
    LabSettings,
    Layout,
    LedgerHead,
    NumberSeries,
    PeriodLock,
    Source,
    TestInvoice,
    Voucher,
    VoucherLine,
    VoucherSeal,
)
from health.posting import entries_of

pytestmark = pytest.mark.django_db
NOW = datetime(2024, 1, 15, 5, 0, tzinfo=UTC)
DAY = date(2024, 1, 15)


@pytest.fixture
def tenant(db) -> Tenant:
    return Tenant.objects.create(company_name="Lab", environment="SANDBOX")


def sample(tenant: Tenant, **more) -> TestInvoice:
    """The amounts of the document's own example."""
    values = {
        "subtotal_amount": Decimal("1000.00"),
        "items_total_discount_amount": Decimal("50.00"),
        "taxable_amount": Decimal("950.00"),
        "cgst_amount": Decimal("85.50"),
        "sgst_amount": Decimal("85.50"),
        "igst_amount": Decimal("0.00"),
        "cess_amount": Decimal("0.00"),
        "overall_disc_amount": Decimal("0.00"),
        "roundoff": Decimal("0.50"),
        "final_amount": Decimal("1121.50"),
        "discount_mode": DiscountMode.POST_TAX,
    }
    return TestInvoice(
        tenant=tenant,
        invoice_number="INV-2024-001",
        invoice_date=NOW,
        local_date=DAY,
        patient_name="John Doe",
        created_at=NOW,
        updated_at=NOW,
        created_by="t",
        updated_by="t",
        **(values | more),
    )


def post(tenant: Tenant, *, number: int = 1, day: date = DAY, settings=None) -> Voucher:
    entries = entries_of(sample(tenant), settings or LabSettings())
    with transaction.atomic():
        return ledger.record(
            ledger.open_books(tenant.pk),
            kind="SALES",
            day=day,
            entries=entries,
            reference=ledger.Reference(Source.TEST_INVOICE, number, f"INV-{number}"),
            narration="",
            actor="t",
            now=NOW,
        )


def lines(voucher: Voucher) -> list[tuple[str, str, str]]:
    rows = voucher.lines.select_related("account").order_by("line_no")
    return [(line.account.code, str(line.debit), str(line.credit)) for line in rows]


def refused(sql: str, *values: object) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, values)
            connection.check_constraints()
    except DatabaseError:
        return True
    return False


def test_the_documents_sample_in_the_books(tenant):
    voucher = post(tenant)
    assert voucher.voucher_number == "TINV202401150001"
    assert lines(voucher) == [
        ("1100-AR", "1121.50", "0.00"),
        ("4300-DIAGNOSTIC", "0.00", "950.00"),
        ("2310-GST-CGST-OUT", "0.00", "85.50"),
        ("2320-GST-SGST-OUT", "0.00", "85.50"),
        ("5900-ROUND-OFF", "0.00", "0.50"),
    ]
    compact = post(tenant, number=2, settings=LabSettings(voucher_layout=Layout.COMPACT))
    assert compact.voucher_number == "TINV202401150002"
    assert lines(compact) == [
        ("1100-AR", "1121.50", "0.00"),
        ("4300-DIAGNOSTIC", "0.00", "1121.50"),
    ]
    gross = lines(post(tenant, number=3, settings=LabSettings(gross_revenue=True)))
    assert ("4300-DIAGNOSTIC", "0.00", "1000.00") in gross
    assert ("5300-DISC-GIVEN", "50.00", "0.00") in gross


def test_a_reversal_undoes_every_account_once(tenant):
    voucher = post(tenant)
    with transaction.atomic():
        books = ledger.open_books(tenant.pk)
        ledger.reverse(books, voucher, day=DAY, narration="", actor="t", now=NOW)
        with pytest.raises(AlreadyReversed):
            ledger.reverse(books, voucher, day=DAY, narration="", actor="t", now=NOW)
    net: dict[int, Decimal] = {}
    for line in VoucherLine.objects.all():
        net[line.account_id] = net.get(line.account_id, Decimal(0)) + line.debit - line.credit
    assert set(net.values()) == {Decimal(0)}
    assert LedgerHead.objects.get().sequence == VoucherSeal.objects.count() == 2


def test_a_locked_period_takes_nothing_and_no_number(tenant):
    PeriodLock.objects.create(
        tenant=tenant, locked_upto=DAY, reason="filed", created_at=NOW, created_by="t"
    )
    with pytest.raises(PeriodLocked):
        post(tenant)
    assert not Voucher.objects.exists()
    assert not NumberSeries.objects.exists()
    assert post(tenant, day=date(2024, 1, 16)).voucher_number == "TINV202401160001"


def test_an_inactive_account_is_refused(tenant):
    post(tenant)
    Account.objects.filter(code="1100-AR").update(is_active=False)
    with pytest.raises(AccountUnusable):
        post(tenant, number=2)
    assert NumberSeries.objects.get().last == 1


def test_raw_sql_is_refused(tenant):
    voucher = post(tenant)
    line = voucher.lines.first()
    assert missing_triggers() == []
    add = "INSERT INTO voucher_lines (voucher_id, line_no, account_id, debit, credit, party) "
    for sql, *values in (
        (add + "VALUES (%s, 9, %s, 1, 0, '')", voucher.pk, line.account_id),
        ("UPDATE voucher_lines SET debit = debit + 1 WHERE id = %s", line.pk),
        ("DELETE FROM voucher_lines WHERE id = %s", line.pk),
        ("UPDATE vouchers SET narration = 'x' WHERE id = %s", voucher.pk),
        ("DELETE FROM vouchers WHERE id = %s", voucher.pk),
        ("UPDATE voucher_seals SET total = total + 1",),
        ("DELETE FROM voucher_seals",),
        ("UPDATE ledger_heads SET sequence = 0",),
        ("UPDATE health_number_series SET last = 0",),
        ("DELETE FROM health_number_series",),
        ("UPDATE account_masters SET account_type = 'EXPENSE' WHERE code = '1100-AR'",),
    ):
        assert refused(sql, *values), sql


@pytest.mark.parametrize("credits", [["1.00", "1.01"], ["1.00"], []], ids=["paisa", "half", "one"])
def test_what_does_not_balance_is_never_sealed(tenant, credits):
    entries = [ledger.Entry("ACCOUNTS_RECEIVABLE", debit=Decimal("2.00"))]
    entries += [ledger.Entry("TEST_REVENUE", credit=Decimal(amount)) for amount in credits]
    with pytest.raises(DatabaseError), transaction.atomic():
        ledger.record(
            ledger.open_books(tenant.pk),
            kind="SALES",
            day=DAY,
            entries=entries,
            reference=ledger.Reference(Source.TEST_INVOICE, 1, "X"),
            narration="",
            actor="t",
            now=NOW,
        )
    assert not Voucher.objects.exists()
    assert not LedgerHead.objects.exists()


def test_a_voucher_without_a_seal_cannot_be_committed(tenant):
    kind = post(tenant).voucher_type
    unsealed = {
        "tenant": tenant,
        "voucher_number": "X",
        "voucher_type": kind,
        "date": DAY,
        "reference_type": "PAYMENT",
        "reference_id": 1,
        "reference_number": "X",
        "seal_id": uuid.uuid4(),
        "created_by": "t",
        "created_at": NOW,
    }
    with transaction.atomic():
        Voucher.objects.create(**unsealed)
        with pytest.raises(DatabaseError):
            connection.check_constraints()
        transaction.set_rollback(True)


def test_a_posted_invoice_keeps_what_it_says(tenant):
    invoice = sample(tenant)
    invoice.save()
    voucher = post(tenant, number=invoice.pk)
    rows = TestInvoice.objects.filter(pk=invoice.pk)
    assert refused("UPDATE test_invoices SET status = 'POSTED'")  # without its voucher
    rows.update(status="POSTED", voucher=voucher)
    for change in (
        "final_amount = final_amount + 1, roundoff = roundoff + 1",
        "patient_name = 'x'",
        "patient_id = 7",
        "status = 'DRAFT', voucher_id = NULL",
        "voucher_id = NULL",
        "status = 'CANCELLED'",  # without its reversal
        "paid_amount = 100",  # still called UNPAID
        "paid_amount = -1",
        "paid_amount = 112150, payment_status = 'PAID'",  # by no allocation
        "paid_amount = 1, payment_status = 'PARTIAL'",
    ):
        assert refused(f"UPDATE test_invoices SET {change}"), change
    assert refused("DELETE FROM test_invoices")
    assert rows.update(notes="allowed", due_date=DAY) == 1
