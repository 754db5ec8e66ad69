"""`verify_ledger` is silent over true books and names what somebody changed behind the rules."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from config.db.triggers import drop_triggers
from tests.health.conftest import URL, bill, line, sample_of

ONE = "(SELECT MIN(id) FROM vouchers)"
OTHER_PARTY = "UPDATE voucher_lines SET party = '' WHERE account_id IN (SELECT id FROM "
# What somebody did who had dropped the triggers: what the command must say of it.
DAMAGE = {
    f"UPDATE vouchers SET narration = 'x' WHERE id = {ONE}": ["entry 1 was changed"],
    "UPDATE voucher_lines SET party = 'Somebody' WHERE line_no = 1": ["entry 1 was changed"],
    "UPDATE voucher_seals SET previous_hash = entry_hash WHERE sequence = 2": [
        "entry 2 does not follow the entry before it"
    ],
    f"UPDATE voucher_lines SET debit = debit + 1 WHERE line_no = 1 AND voucher_id = {ONE}": [
        "voucher TINV202401150001: debit 1121.51, credit 1121.50",
        "trial balance: debit",
        "A: its voucher says another amount",
        "receivable: ",
    ],
    f"DELETE FROM voucher_lines WHERE voucher_id = {ONE}": [
        "voucher TINV202401150001: debit None, credit None",
        "entry 1 was changed",
    ],
    "UPDATE voucher_lines SET account_id = (SELECT id FROM account_masters"
    " WHERE code = '1010-CASH') WHERE line_no = 2 AND voucher_id ="
    " (SELECT id FROM vouchers WHERE reverses_id IS NOT NULL)": [
        ": it does not undo what it reverses"
    ],
    "UPDATE ledger_heads SET sequence = sequence + 1": ["and its end says otherwise"],
    "UPDATE ledger_heads SET last_hash = 'x'": ["its end is not the last seal"],
    "UPDATE health_number_series SET last = last + 1 WHERE key LIKE 'TINV%%'": [
        "number TINV202401150002: given and not there"
    ],
    "UPDATE payments SET number = 'RCPT202401310009' WHERE number LIKE '%%0001'": [
        "number RCPT202401310001: given and not there",
        "number RCPT202401310009: there and never given",
    ],
    "UPDATE test_invoices SET paid_amount = paid_amount - 1 WHERE invoice_number = 'A'": [
        "A: what is paid differs from its allocations",
        "receivable: ",
    ],
    "UPDATE test_invoices SET credited_amount = credited_amount - 1 WHERE invoice_number = 'A'": [
        "A: what is credited differs from its notes"
    ],
    "UPDATE test_invoices SET final_amount = final_amount + 1, roundoff = roundoff + 1": [
        "A: its voucher says another amount"
    ],
    "UPDATE test_invoice_items SET rate = rate + 1 WHERE line_no = 2": [
        "A: its lines do not add up to it"
    ],
    "DELETE FROM test_invoice_items WHERE invoice_id ="
    " (SELECT id FROM test_invoices WHERE invoice_number = 'A')": [
        "A: its lines do not add up to it"
    ],
    "DELETE FROM test_invoice_items WHERE invoice_id ="
    " (SELECT id FROM test_invoices WHERE invoice_number = 'Z')": [
        "Z: its lines do not add up to it"
    ],
    "UPDATE credit_note_items SET taxable_amount = taxable_amount - 1": [
        "CN/2324/000001: its lines do not add up to it"
    ],
    "DELETE FROM credit_note_items": ["CN/2324/000001: its lines do not add up to it"],
    "UPDATE credit_notes SET taxable_amount = taxable_amount + 1, overall_disc_amount ="
    " overall_disc_amount + 1": ["CN/2324/000001: its lines do not add up to it"],
    "UPDATE credit_notes SET roundoff = roundoff + 1": [
        "CN/2324/000001: its amounts are not its total"
    ],
    "UPDATE credit_notes SET cgst_amount = cgst_amount - 1": [
        "taxes on 2310-GST-CGST-OUT: 42.75 booked, 42.76 on bills less credit notes"
    ],
    "UPDATE voucher_lines SET account_id = (SELECT id FROM account_masters"
    " WHERE code = '2320-GST-SGST-OUT') WHERE account_id = (SELECT id FROM account_masters"
    f" WHERE code = '2310-GST-CGST-OUT') AND voucher_id <> {ONE}": [
        "taxes on 2310-GST-CGST-OUT: 85.50 booked, 42.75 on bills less credit notes",
        "taxes on 2320-GST-SGST-OUT: 0.00 booked, 42.75 on bills less credit notes",
    ],
    "UPDATE test_invoices SET voucher_layout = 'COMPACT' WHERE invoice_number = 'A'": [
        "taxes on 2310-GST-CGST-OUT: 42.75 booked, 0.00 on bills less credit notes",
    ],
    "UPDATE payment_allocations SET amount = amount + 1": [
        "RCPT202401310001: what it pays differs from its allocations",
        "A: what is paid differs from its allocations",
    ],
    "UPDATE payments SET refunded_amount = refunded_amount + 1 WHERE number LIKE '%%0002'": [
        "RCPT202401310002: what was given back differs from its refunds",
        "advances: ",
    ],
    "UPDATE voucher_seals SET total = total + 1 WHERE sequence = 1": [
        "voucher TINV202401150001: its seal says another sum or number of lines"
    ],
    "UPDATE voucher_seals SET line_count = line_count + 1 WHERE sequence = 1": [
        "voucher TINV202401150001: its seal says another sum or number of lines"
    ],
    "UPDATE test_invoices SET invoice_number = 'B' WHERE invoice_number = 'A'": [
        "voucher TINV202401150001: its test invoice has another number"
    ],
    "UPDATE test_invoices SET local_date = '2024-01-16' WHERE invoice_number = 'A'": [
        "voucher TINV202401150001: its test invoice has another date"
    ],
    "UPDATE test_invoices SET patient_name = 'Somebody' WHERE invoice_number = 'A'": [
        "voucher TINV202401150001: its test invoice has another patient"
    ],
    "UPDATE test_invoices SET patient_id = 7 WHERE invoice_number = 'A'": [
        "voucher TINV202401150001: its test invoice has another patient"
    ],
    f"UPDATE vouchers SET reference_id = 999999 WHERE id = {ONE}": [
        "voucher TINV202401150001: its test invoice is not there"
    ],
    "UPDATE vouchers SET reference_id = (SELECT id FROM test_invoices WHERE invoice_number = 'Z'),"
    " reference_number = 'Z', date = (SELECT local_date FROM test_invoices"
    f" WHERE invoice_number = 'Z') WHERE id = {ONE}": [
        "voucher TINV202401150001: its test invoice has another voucher"
    ],
    "UPDATE vouchers SET reference_number = 'x' WHERE reverses_id IS NOT NULL": [
        ": it is about another document than what it reverses"
    ],
    "UPDATE credit_notes SET date = '2024-02-01'": [
        "voucher TCN202401310001: its credit note has another date"
    ],
    "UPDATE credit_notes SET total_amount = total_amount + 1": [
        "voucher TCN202401310001: its credit note has another amount"
    ],
    "UPDATE vouchers SET reference_id = 999999 WHERE reference_type = 'CREDIT_NOTE'": [
        "voucher TCN202401310001: its credit note is not there",
        "credit note of CN/2324/000001: without a voucher",
    ],
    "UPDATE payments SET date = '2024-02-01' WHERE number LIKE '%%0002'": [
        "voucher REC202401310002: its payment has another date"
    ],
    "UPDATE payments SET amount = amount + 1 WHERE number LIKE '%%0002'": [
        "voucher REC202401310002: its payment has another amount"
    ],
    "UPDATE payment_refunds SET amount = amount + 1": [
        "voucher PAY202401310001: its refund has another amount"
    ],
    "UPDATE payment_refunds SET date = '2024-02-01'": [
        "voucher PAY202401310001: its refund has another date"
    ],
    "UPDATE vouchers SET reference_id = 999999 WHERE reference_type = 'REFUND'": [
        "voucher PAY202401310001: its refund is not there",
        "refund of RCPT202401310002: without a voucher",
    ],
    "UPDATE payment_allocations SET amount = amount + 2 WHERE id = (SELECT reference_id"
    " FROM vouchers WHERE reference_type = 'ALLOCATION')": [
        ": its allocation of an advance has another amount"
    ],
}


@pytest.fixture
def books(lab_api, reference) -> None:
    """D2's sample, partly paid and credited; a payment with an advance, partly given back
    and partly spent on another bill; a draft, one of nothing, and a bill that was cancelled.
    """
    sample = {**sample_of(reference), "invoice_number": "A"}
    pk = lab_api.post(URL, sample).json()["data"]["id"]
    cash = {"payment_mode": "CASH", "date": "2024-01-31"}
    lab_api.post(f"{URL}/{pk}/payments", {"amount": "100.00", **cash})
    much = lab_api.post(f"{URL}/{pk}/payments", {"amount": "2000.00", **cash}).json()["data"]["id"]
    why = {"reason": "x", "date": "2024-01-31"}
    lab_api.post(f"/api/v1/health/payments/{much}/refund", {"amount": "9.00", **cash, **why})
    lab_api.post(f"{URL}/{pk}/credit-notes", {**why, "items": [{"line_no": 2}]})
    more = bill(status="POSTED", invoice_date="2024-01-31T10:00:00")
    spent = {"invoice_id": lab_api.post(URL, more).json()["data"]["id"], "amount": "5.00"}
    lab_api.post(f"/api/v1/health/payments/{much}/allocate", {**spent, "date": "2024-01-31"})
    lab_api.post(URL, bill())
    lab_api.post(URL, bill(invoice_number="Z", items=[line(rate=0)]))
    undone = lab_api.post(URL, bill(status="POSTED")).json()["data"]["id"]
    lab_api.post(f"{URL}/{undone}/cancel", {"reason": "x"})


def verified() -> str:
    """What the command says; a CommandError is its exit code 1."""
    out = StringIO()
    try:
        call_command("verify_ledger", stdout=out)
    except CommandError as found:
        return out.getvalue() + str(found)
    return out.getvalue()


def test_true_books_hold_and_each_damage_is_named(books):
    assert verified() == "all books hold\n"
    connection.check_constraints()
    drop_triggers()  # rolled back with the test

    for sql, sentences in DAMAGE.items():
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)
            said = verified()
            transaction.set_rollback(True)
        for sentence in sentences:
            assert sentence in said, (sql, said)
        assert said.endswith(" found"), sql
