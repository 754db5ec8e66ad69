"""What no constraint can say about the laboratory's books, as triggers on both engines.

A voucher, its lines and its seal are written in that order in one transaction. The seal is refused
over lines that do not balance, and a voucher without a seal cannot be committed.
"""

from collections.abc import Mapping

from config.db.triggers import Trigger, append_only
from health.models.invoices import NEXT
from health.models.payments import PAYMENT_NEXT


def _illegal_move(table_of_moves: Mapping[str, set[str]]) -> str:
    legal = " OR ".join(
        f"(OLD.status = '{source}' AND NEW.status = '{target}')"
        for source, targets in table_of_moves.items()
        for target in sorted(targets)
    )
    return f"OLD.status <> NEW.status AND NOT ({legal})"


def _changed(*columns: str) -> str:
    # `IS DISTINCT FROM` in words that every supported SQLite knows.
    return " OR ".join(
        f"((OLD.{name} IS NULL) <> (NEW.{name} IS NULL) OR NEW.{name} <> OLD.{name})"
        for name in columns
    )


def _stays(table: str) -> tuple[Trigger, ...]:
    message = f"{table} are never deleted"
    return tuple(
        Trigger(f"{table}_no_{event.lower()}", table, event, message)
        for event in ("DELETE", "TRUNCATE")
    )


LINES_OF_SEAL = (
    "FROM voucher_lines l JOIN vouchers v ON v.id = l.voucher_id WHERE v.seal_id = NEW.id"
)
UNBALANCED = (
    f"(SELECT COUNT(*) {LINES_OF_SEAL}) < 2"
    f" OR (SELECT COUNT(*) {LINES_OF_SEAL}) <> NEW.line_count"
    f" OR (SELECT COALESCE(SUM(l.debit), 0) {LINES_OF_SEAL}) <> NEW.total"
    f" OR (SELECT COALESCE(SUM(l.credit), 0) {LINES_OF_SEAL}) <> NEW.total"
)
FOREIGN = (
    "NOT EXISTS (SELECT 1 FROM vouchers v JOIN voucher_types t ON t.id = v.voucher_type_id "
    "WHERE v.seal_id = NEW.id AND v.tenant_id = NEW.tenant_id AND t.tenant_id = NEW.tenant_id)"
    " OR EXISTS (SELECT 1 FROM voucher_lines l JOIN vouchers v ON v.id = l.voucher_id"
    " JOIN account_masters a ON a.id = l.account_id"
    " WHERE v.seal_id = NEW.id AND a.tenant_id <> NEW.tenant_id)"
)
SEALED = (
    "EXISTS (SELECT 1 FROM vouchers v JOIN voucher_seals s ON s.id = v.seal_id "
    "WHERE v.id = NEW.voucher_id)"
)
LOCKED = (
    "EXISTS (SELECT 1 FROM period_locks p WHERE p.tenant_id = NEW.tenant_id"
    " AND p.locked_upto >= NEW.date AND (p.scope = 'ALL'"
    " OR NEW.reference_type IN ('TEST_INVOICE', 'CREDIT_NOTE')))"
)
# What a document says, once it has been posted or cancelled.
FACTS = (
    *("invoice_number", "invoice_date", "local_date", "branch_id", "test_order_id", "patient_id"),
    *("patient_name", "patient_phone", "place_of_supply", "recipient_gstin", "supply_type"),
    *("discount_mode", "subtotal_amount", "items_total_discount_amount", "taxable_amount"),
    *("cgst_amount", "sgst_amount", "igst_amount", "cess_amount", "overall_disc_percentage"),
    *("overall_disc_amount", "roundoff", "final_amount", "is_deleted"),
)
RECEIVED = ("tenant_id", "number", "amount", "mode", "date", "patient_id", "party_name")


def _not_a_draft(row: str) -> str:
    draft = "SELECT 1 FROM test_invoices i WHERE i.status <> 'DRAFT' AND i.id = "
    return f"EXISTS ({draft}{row}.invoice_id)"


TRIGGERS = (
    *append_only("vouchers"),
    *append_only("voucher_lines"),
    *append_only("voucher_seals"),
    *append_only("payment_allocations"),
    *append_only("payment_refunds"),
    *append_only("credit_notes"),
    *append_only("credit_note_items"),
    *append_only("period_locks"),
    *append_only("health_history"),
    *_stays("test_invoices"),
    *_stays("payments"),
    *_stays("ledger_heads"),
    *_stays("health_number_series"),
    *_stays("account_masters"),
    Trigger(
        "voucher_seals_balance",
        "voucher_seals",
        "INSERT",
        "a voucher balances to the paisa",
        UNBALANCED,
        reads_tables=True,
    ),
    Trigger(
        "voucher_seals_one_tenant",
        "voucher_seals",
        "INSERT",
        "a voucher, its type and its accounts are of one tenant",
        FOREIGN,
        reads_tables=True,
    ),
    Trigger(
        "voucher_lines_sealed",
        "voucher_lines",
        "INSERT",
        "a sealed voucher takes no more lines",
        SEALED,
        reads_tables=True,
    ),
    Trigger(
        "vouchers_period_lock",
        "vouchers",
        "INSERT",
        "the period is locked",
        LOCKED,
        reads_tables=True,
    ),
    Trigger(
        "vouchers_reverse_their_own",
        "vouchers",
        "INSERT",
        "a reversal is of the same tenant, and not of a reversal",
        "NEW.reverses_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM vouchers v"
        " WHERE v.id = NEW.reverses_id AND v.tenant_id = NEW.tenant_id"
        " AND v.reverses_id IS NULL)",
        reads_tables=True,
    ),
    Trigger(
        "ledger_heads_only_grow",
        "ledger_heads",
        "UPDATE",
        "the chain of vouchers grows by one",
        "NEW.tenant_id <> OLD.tenant_id OR NEW.sequence NOT IN (OLD.sequence, OLD.sequence + 1)",
    ),
    Trigger(
        "health_number_series_only_grow",
        "health_number_series",
        "UPDATE",
        "a series counts by one and keeps its place",
        "NEW.tenant_id <> OLD.tenant_id OR NEW.key <> OLD.key OR NEW.last <> OLD.last + 1",
    ),
    Trigger(
        "account_masters_keep_their_kind",
        "account_masters",
        "UPDATE",
        "an account keeps its tenant and its type",
        _changed("tenant_id", "account_type"),
    ),
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
        _illegal_move(NEXT),
    ),
    Trigger(
        "test_invoices_identity_is_fixed",
        "test_invoices",
        "UPDATE",
        "an invoice keeps its tenant and its birth",
        _changed("tenant_id", "created_at", "created_by"),
    ),
    Trigger(
        "test_invoices_posted_is_final",
        "test_invoices",
        "UPDATE",
        "a posted invoice keeps what it says",
        f"OLD.status <> 'DRAFT' AND ({_changed(*FACTS)})",
    ),
    Trigger(
        "test_invoices_keep_their_voucher",
        "test_invoices",
        "UPDATE",
        "an invoice keeps its vouchers",
        "(OLD.voucher_id IS NOT NULL OR OLD.status <> 'DRAFT')"
        f" AND ({_changed('voucher_id')})"
        f" OR OLD.reversal_voucher_id IS NOT NULL AND ({_changed('reversal_voucher_id')})",
    ),
    Trigger(
        "test_invoices_cancelled_is_over",
        "test_invoices",
        "UPDATE",
        "a cancelled invoice takes no money and no date",
        "OLD.status = 'CANCELLED'"
        f" AND ({_changed('due_date', 'paid_amount', 'credited_amount', 'payment_status')})",
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
        "payments_legal_moves",
        "payments",
        "UPDATE",
        "illegal move of status",
        _illegal_move(PAYMENT_NEXT),
    ),
    Trigger(
        "payments_keep_what_was_received",
        "payments",
        "UPDATE",
        "a payment keeps what was received",
        _changed(*RECEIVED) + f" OR OLD.voucher_id IS NOT NULL AND ({_changed('voucher_id')})",
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
