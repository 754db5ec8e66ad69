"""Vouchers, lines, seals and what they stand on.

A voucher, its lines and its seal are written in that order in one transaction. The seal is refused
over lines that do not balance, and a voucher without a seal cannot be committed.
"""

from config.db.log_chain import GENESIS
from config.db.triggers import Trigger, append_only
from health.triggers.conditions import REVERSES_WRONGLY, changed, of_one_tenant, stays

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
LAST_SEAL = (
    "SELECT 1 FROM voucher_seals s WHERE s.tenant_id = NEW.tenant_id"
    " AND s.sequence = NEW.sequence AND s.entry_hash = NEW.last_hash"
)
# SQLite keeps what it is given, a fraction or a word in a column of integers too.
NOT_WHOLE = " OR ".join(f"CAST(NEW.{side} AS BIGINT) <> NEW.{side}" for side in ("debit", "credit"))

TRIGGERS = (
    *append_only("vouchers"),
    *append_only("voucher_lines"),
    *append_only("voucher_seals"),
    *append_only("period_locks"),
    *stays("ledger_heads"),
    *stays("health_number_series"),
    *stays("account_masters"),
    *stays("voucher_types"),
    Trigger(
        "voucher_seals_balance",
        "voucher_seals",
        "INSERT",
        "a voucher balances to the paisa",
        UNBALANCED,
        reads_tables=True,
    ),
    Trigger(
        "voucher_seals_undo",
        "voucher_seals",
        "INSERT",
        "a reversal undoes every line of what it reverses, and nothing else",
        f"EXISTS (SELECT 1 FROM vouchers v WHERE v.seal_id = NEW.id AND {REVERSES_WRONGLY})",  # noqa: S608
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
        "voucher_lines_whole",
        "voucher_lines",
        "INSERT",
        "an amount is whole paise",
        NOT_WHOLE,
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
    # What an upsert proposes is asked too, and is the same.
    Trigger(
        "ledger_heads_begin",
        "ledger_heads",
        "INSERT",
        "the chain of vouchers begins with nothing",
        f"NEW.sequence <> 0 OR NEW.last_hash <> '{GENESIS}'",
    ),
    Trigger(
        "health_number_series_begin",
        "health_number_series",
        "INSERT",
        "a series begins with one",
        "NEW.last <> 1",
    ),
    Trigger(
        "ledger_heads_only_grow",
        "ledger_heads",
        "UPDATE",
        "the chain of vouchers grows by one",
        "NEW.tenant_id <> OLD.tenant_id OR NEW.sequence NOT IN (OLD.sequence, OLD.sequence + 1)",
    ),
    Trigger(
        "ledger_heads_end_in_a_seal",
        "ledger_heads",
        "UPDATE",
        "the chain of vouchers ends in its last seal",
        f"({changed('sequence', 'last_hash')}) AND NOT EXISTS ({LAST_SEAL})",
        reads_tables=True,
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
        changed("tenant_id", "account_type"),
    ),
    Trigger(
        "account_mappings_keep_their_tenant",
        "account_mappings",
        "UPDATE",
        "a part is played by an account of the same tenant",
        "NOT EXISTS (SELECT 1 FROM account_masters a"
        " WHERE a.id = NEW.account_id AND a.tenant_id = NEW.tenant_id)",
        reads_tables=True,
    ),
    Trigger(
        "voucher_types_keep_their_kind",
        "voucher_types",
        "UPDATE",
        "a type of voucher keeps its tenant and its code",
        changed("tenant_id", "code"),
    ),
    of_one_tenant("account_mappings", "account_id", "account_masters"),
)
