"""Invoices, credit notes and payments: what they say stays, and moves where it may."""

from config.db.triggers import Trigger, append_only
from health.models.invoices import NEXT
from health.models.payments import PAYMENT_NEXT
from health.triggers.conditions import changed, illegal_move, of_one_tenant, stays

# The voucher that an invoice is given is the one that was written about it.
ITS_OWN = (
    "SELECT 1 FROM vouchers v JOIN voucher_lines l ON l.voucher_id = v.id AND l.line_no = 1"
    " WHERE v.id = NEW.voucher_id AND v.tenant_id = NEW.tenant_id AND v.reverses_id IS NULL"
    " AND v.reference_type = 'TEST_INVOICE' AND v.reference_id = NEW.id"
    " AND l.debit = NEW.final_amount AND v.date = NEW.local_date"
)
ITS_REVERSAL = (
    "SELECT 1 FROM vouchers v WHERE v.id = NEW.reversal_voucher_id"
    " AND v.reverses_id = NEW.voucher_id"
)
NOT_ITS_OWN = " OR ".join(
    f"({changed(column)}) AND NEW.{column} IS NOT NULL AND NOT EXISTS ({right})"
    for column, right in (("voucher_id", ITS_OWN), ("reversal_voucher_id", ITS_REVERSAL))
)
# What is paid, credited, spent and given back is what rows say, which are written first.
PAID = "(SELECT COALESCE(SUM(a.amount), 0) FROM payment_allocations a WHERE a.invoice_id = NEW.id)"
# That voucher `v` is about credit note `n`.
OF_NOTE = (
    "v.tenant_id = n.tenant_id AND v.reference_type = 'CREDIT_NOTE'"
    " AND v.reference_id = n.id AND v.reverses_id IS NULL"
)
# That it is booked as it says.
BOOKED = (
    "EXISTS (SELECT 1 FROM vouchers v JOIN voucher_lines l"  # noqa: S608
    " ON l.voucher_id = v.id AND l.line_no = 1"
    f" WHERE {OF_NOTE} AND l.credit = n.total_amount)"
)
CREDITED = (
    "(SELECT COALESCE(SUM(n.total_amount), 0) FROM credit_notes n"  # noqa: S608
    f" WHERE n.invoice_id = NEW.id AND {BOOKED})"
)
SPENT = "(SELECT COALESCE(SUM(a.amount), 0) FROM payment_allocations a WHERE a.payment_id = NEW.id)"
REFUNDED = "(SELECT COALESCE(SUM(r.amount), 0) FROM payment_refunds r WHERE r.payment_id = NEW.id)"
ITS_RECEIPT = (
    "SELECT 1 FROM vouchers v JOIN voucher_lines l ON l.voucher_id = v.id AND l.line_no = 1"
    " WHERE v.id = NEW.voucher_id AND v.tenant_id = NEW.tenant_id"
    " AND v.reverses_id IS NULL AND v.reference_type = 'PAYMENT' AND v.reference_id = NEW.id"
    " AND l.debit = NEW.amount"
)
# A payment and an invoice between which money may move: both in the books, and so much of it left.
FITTING = (
    "SELECT 1 FROM payments p, test_invoices i WHERE p.id = NEW.payment_id"
    " AND i.id = NEW.invoice_id AND p.status = 'POSTED' AND i.status = 'POSTED'"
    " AND p.amount - p.refunded_amount >= NEW.amount + (SELECT COALESCE(SUM(a.amount), 0)"
    " FROM payment_allocations a WHERE a.payment_id = NEW.payment_id)"
)
TAKEN_BACK = (
    "SELECT 1 FROM payment_allocations a WHERE a.id = NEW.takes_back_id AND a.amount = -NEW.amount"
    " AND a.payment_id = NEW.payment_id AND a.invoice_id = NEW.invoice_id"
)
GIVEN_BACK = (
    "SELECT 1 FROM payments p WHERE p.id = NEW.payment_id AND p.status = 'POSTED'"
    " AND p.amount - p.allocated_amount >= NEW.amount + (SELECT COALESCE(SUM(r.amount), 0)"
    " FROM payment_refunds r WHERE r.payment_id = NEW.payment_id)"
)
CREDITABLE = (
    "SELECT 1 FROM test_invoices i WHERE i.id = NEW.invoice_id AND i.status = 'POSTED'"
    " AND i.final_amount >= NEW.total_amount + (SELECT COALESCE(SUM(n.total_amount), 0)"
    " FROM credit_notes n WHERE n.invoice_id = NEW.invoice_id)"
)
# What was supplied in a month that is closed stays supplied; a bill of nothing has no voucher that
# would be refused.
IN_A_CLOSED_MONTH = (
    "(OLD.status = 'POSTED' AND NEW.status = 'CANCELLED'"
    " OR OLD.status = 'DRAFT' AND NEW.status = 'POSTED' AND NEW.voucher_id IS NULL)"
    " AND EXISTS (SELECT 1 FROM period_locks p WHERE p.tenant_id = NEW.tenant_id"
    " AND p.locked_upto >= NEW.local_date)"
)
# A line of a note is of a line of its bill, and is written before the note is in the books.
LINE_OF_ITS_BILL = (
    "SELECT 1 FROM credit_notes n JOIN test_invoice_items i ON i.invoice_id = n.invoice_id"
    " WHERE n.id = NEW.credit_note_id AND i.id = NEW.invoice_item_id"
)
NOTE_BOOKED = (
    f"SELECT 1 FROM credit_notes n JOIN vouchers v ON {OF_NOTE} WHERE n.id = NEW.credit_note_id"  # noqa: S608
)
# What a document says, once it has been posted or cancelled.
FACTS = (
    *("invoice_number", "invoice_date", "local_date", "branch_id", "test_order_id", "patient_id"),
    *("patient_name", "patient_phone", "patient_phone_normal", "patient_email"),
    *("place_of_supply", "recipient_gstin", "supply_type", "warnings"),
    *("discount_mode", "subtotal_amount", "items_total_discount_amount", "taxable_amount"),
    *("cgst_amount", "sgst_amount", "igst_amount", "cess_amount", "overall_disc_percentage"),
    *("overall_disc_amount", "roundoff", "final_amount", "is_deleted"),
    *("voucher_layout", "gross_revenue", "written_by", "local_time"),
    *("supplier_name", "supplier_gstin", "supplier_state"),
)
RECEIVED = (
    *("tenant_id", "number", "amount", "mode", "date", "invoice_id", "patient_id", "party_name"),
    *("party_phone", "reference", "gateway_id", "created_at", "created_by"),
)


def _not_a_draft(row: str) -> str:
    draft = "SELECT 1 FROM test_invoices i WHERE i.status <> 'DRAFT' AND i.id = "
    return f"EXISTS ({draft}{row}.invoice_id)"


TRIGGERS = (
    *append_only("payment_allocations"),
    *append_only("payment_refunds"),
    *append_only("credit_notes"),
    *append_only("credit_note_items"),
    *append_only("given_up_numbers"),
    *append_only("health_history"),
    *stays("test_invoices"),
    *stays("payments"),
    Trigger(
        "test_invoices_born_draft",
        "test_invoices",
        "INSERT",
        "an invoice is born a draft, unpaid",
        "NEW.status <> 'DRAFT' OR NEW.paid_amount <> 0 OR NEW.credited_amount <> 0",
    ),
    Trigger(
        "test_invoices_legal_moves",
        "test_invoices",
        "UPDATE",
        "illegal move of status",
        illegal_move(NEXT),
    ),
    Trigger(
        "test_invoices_closed_month_stays",
        "test_invoices",
        "UPDATE",
        "the bills of a closed month are neither more nor fewer",
        IN_A_CLOSED_MONTH,
        reads_tables=True,
    ),
    Trigger(
        "test_invoices_identity_is_fixed",
        "test_invoices",
        "UPDATE",
        "an invoice keeps its tenant and its birth",
        changed("tenant_id", "created_at", "created_by"),
    ),
    Trigger(
        "test_invoices_posted_is_final",
        "test_invoices",
        "UPDATE",
        "a posted invoice keeps what it says",
        f"OLD.status <> 'DRAFT' AND ({changed(*FACTS)})",
    ),
    Trigger(
        "test_invoices_keep_their_voucher",
        "test_invoices",
        "UPDATE",
        "an invoice keeps its vouchers",
        "(OLD.voucher_id IS NOT NULL OR OLD.status <> 'DRAFT')"
        f" AND ({changed('voucher_id')})"
        f" OR OLD.reversal_voucher_id IS NOT NULL AND ({changed('reversal_voucher_id')})",
    ),
    Trigger(
        "test_invoices_own_voucher",
        "test_invoices",
        "UPDATE",
        "an invoice has the vouchers that were written about it",
        NOT_ITS_OWN,
        reads_tables=True,
    ),
    Trigger(
        "test_invoices_paid_is_allocated",
        "test_invoices",
        "UPDATE",
        "an invoice is paid by its allocations",
        f"({changed('paid_amount')}) AND NEW.paid_amount <> {PAID}",
        reads_tables=True,
    ),
    Trigger(
        "test_invoices_credited_by_notes",
        "test_invoices",
        "UPDATE",
        "an invoice is credited by its notes",
        f"({changed('credited_amount')}) AND NEW.credited_amount <> {CREDITED}",
        reads_tables=True,
    ),
    Trigger(
        "test_invoices_put_away_is_over",
        "test_invoices",
        "UPDATE",
        "a draft that was put away stays one",
        "OLD.is_deleted AND (OLD.status <> NEW.status OR NOT NEW.is_deleted)",
    ),
    Trigger(
        "test_invoices_cancelled_is_over",
        "test_invoices",
        "UPDATE",
        "a cancelled invoice takes no money and no date",
        "OLD.status = 'CANCELLED'"
        f" AND ({changed('due_date', 'paid_amount', 'credited_amount', 'payment_status')})",
    ),
    Trigger(
        "test_invoices_cancelled_holds_nothing",
        "test_invoices",
        "UPDATE",
        "an invoice that is paid or credited is not cancelled",
        "OLD.status <> 'CANCELLED' AND NEW.status = 'CANCELLED'"
        " AND (NEW.paid_amount <> 0 OR NEW.credited_amount <> 0)",
    ),
    *(
        Trigger(
            f"test_invoices_due_on_{event.lower()}",
            "test_invoices",
            event,
            "an invoice is not due before it is dated",
            f"{when}NEW.due_date < NEW.local_date",
        )
        for event, when in (
            ("INSERT", ""),
            ("UPDATE", f"({changed('due_date', 'local_date')}) AND "),
        )
    ),
    Trigger(
        "test_invoices_drafts_take_no_money",
        "test_invoices",
        "UPDATE",
        "only a posted invoice takes money",
        "NEW.status = 'DRAFT' AND (NEW.paid_amount <> 0 OR NEW.credited_amount <> 0)",
    ),
    *(
        Trigger(
            f"test_invoice_items_{event.lower()}_frozen",
            "test_invoice_items",
            event,
            "the lines of a posted invoice never change",
            " OR ".join(_not_a_draft(row) for row in rows),
            reads_tables=True,
        )
        for event, rows in (("INSERT", ["NEW"]), ("UPDATE", ["OLD", "NEW"]), ("DELETE", ["OLD"]))
    ),
    Trigger(
        "test_invoice_items_no_truncate",
        "test_invoice_items",
        "TRUNCATE",
        "the lines of a posted invoice never change",
    ),
    Trigger(
        "payments_born_pending",
        "payments",
        "INSERT",
        "a payment is born outside of the books, unspent",
        "NEW.status <> 'PENDING' OR NEW.allocated_amount <> 0 OR NEW.refunded_amount <> 0",
    ),
    Trigger(
        "payments_spent_by_their_rows",
        "payments",
        "UPDATE",
        "a payment is spent by its allocations and refunds",
        f"({changed('allocated_amount')}) AND NEW.allocated_amount <> {SPENT}"
        f" OR ({changed('refunded_amount')}) AND NEW.refunded_amount <> {REFUNDED}",
        reads_tables=True,
    ),
    Trigger(
        "payments_own_voucher",
        "payments",
        "UPDATE",
        "a payment has the voucher that was written about it",
        f"({changed('voucher_id')}) AND NOT EXISTS ({ITS_RECEIPT})",
        reads_tables=True,
    ),
    Trigger(
        "payments_reversed_by_a_voucher",
        "payments",
        "UPDATE",
        "a payment is undone by a voucher, and then pays nothing",
        "NEW.status = 'REVERSED' AND OLD.status <> 'REVERSED' AND (NEW.allocated_amount <> 0"
        " OR NOT EXISTS (SELECT 1 FROM vouchers v WHERE v.reverses_id = NEW.voucher_id))",
        reads_tables=True,
    ),
    Trigger(
        "payments_legal_moves",
        "payments",
        "UPDATE",
        "illegal move of status",
        illegal_move(PAYMENT_NEXT),
    ),
    Trigger(
        "payments_keep_what_was_received",
        "payments",
        "UPDATE",
        "a payment keeps what was received",
        changed(*RECEIVED) + f" OR OLD.voucher_id IS NOT NULL AND ({changed('voucher_id')})",
    ),
    of_one_tenant("credit_notes", "invoice_id", "test_invoices"),
    of_one_tenant("payments", "invoice_id", "test_invoices"),
    of_one_tenant("payment_refunds", "payment_id", "payments"),
    Trigger(
        "payment_allocations_fit",
        "payment_allocations",
        "INSERT",
        "an allocation is of money in the books to an invoice in the books",
        f"NEW.amount > 0 AND NOT EXISTS ({FITTING})"
        f" OR NEW.amount < 0 AND NOT EXISTS ({TAKEN_BACK})",
        reads_tables=True,
    ),
    Trigger(
        "payment_refunds_fit",
        "payment_refunds",
        "INSERT",
        "a refund is of money that is there and pays nothing",
        f"NOT EXISTS ({GIVEN_BACK})",
        reads_tables=True,
    ),
    Trigger(
        "credit_notes_fit",
        "credit_notes",
        "INSERT",
        "a credit note is of what is left of an invoice in the books",
        f"NOT EXISTS ({CREDITABLE})",
        reads_tables=True,
    ),
    Trigger(
        "credit_note_items_fit",
        "credit_note_items",
        "INSERT",
        "a line of a credit note is of its bill, and no later than the note",
        f"NOT EXISTS ({LINE_OF_ITS_BILL}) OR EXISTS ({NOTE_BOOKED})",
        reads_tables=True,
    ),
    Trigger(
        "payment_allocations_one_tenant",
        "payment_allocations",
        "INSERT",
        "a payment and the invoice it pays are of one tenant",
        "NOT EXISTS (SELECT 1 FROM payments p, test_invoices i WHERE p.id = NEW.payment_id"
        " AND i.id = NEW.invoice_id AND p.tenant_id = NEW.tenant_id"
        " AND i.tenant_id = NEW.tenant_id)",
        reads_tables=True,
    ),
)
