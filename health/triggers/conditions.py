"""Conditions and triggers that several tables share."""

from collections.abc import Mapping

from config.db.triggers import Trigger

# That voucher `v` reverses another, and is not line by line what undoes it.
REVERSES_WRONGLY = (
    "v.reverses_id IS NOT NULL AND ("
    "(SELECT COUNT(*) FROM voucher_lines l WHERE l.voucher_id = v.id)"
    " <> (SELECT COUNT(*) FROM voucher_lines o WHERE o.voucher_id = v.reverses_id)"
    " OR EXISTS (SELECT 1 FROM voucher_lines o WHERE o.voucher_id = v.reverses_id"
    " AND NOT EXISTS (SELECT 1 FROM voucher_lines l WHERE l.voucher_id = v.id"
    " AND l.line_no = o.line_no AND l.account_id = o.account_id"
    " AND l.debit = o.credit AND l.credit = o.debit)))"
)


def illegal_move(table_of_moves: Mapping[str, set[str]]) -> str:
    """That `status` moves to where no move leads."""
    legal = " OR ".join(
        f"(OLD.status = '{source}' AND NEW.status = '{target}')"
        for source, targets in table_of_moves.items()
        for target in sorted(targets)
    )
    return f"OLD.status <> NEW.status AND NOT ({legal})"


def changed(*columns: str) -> str:
    """That one of the columns is not what it was."""
    # `IS DISTINCT FROM` in words that every supported SQLite knows.
    return " OR ".join(
        f"((OLD.{name} IS NULL) <> (NEW.{name} IS NULL) OR NEW.{name} <> OLD.{name})"
        for name in columns
    )


def stays(table: str) -> tuple[Trigger, ...]:
    """The triggers that let no row of `table` go."""
    message = f"{table} are never deleted"
    return tuple(
        Trigger(f"{table}_no_{event.lower()}", table, event, message)
        for event in ("DELETE", "TRUNCATE")
    )


def of_one_tenant(table: str, column: str, target: str) -> Trigger:
    """A row's own tenant is that of the row it names."""
    theirs = f"FROM {target} t WHERE t.id = NEW.{column} AND t.tenant_id = NEW.tenant_id"
    return Trigger(
        f"{table}_{column}_one_tenant",
        table,
        "INSERT",
        f"{table} and {target} are of one tenant",
        f"NEW.{column} IS NOT NULL AND NOT EXISTS (SELECT 1 {theirs})",
        reads_tables=True,
    )
