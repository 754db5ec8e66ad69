"""What no constraint can say about transactions, as triggers on both engines."""

from config.db.triggers import Trigger, append_only
from integrations.models.transactions import moves


def _illegal_move() -> str:
    legal = " OR ".join(
        f"(OLD.status = '{before}' AND NEW.status = '{after}')" for before, after in moves()
    )
    return f"OLD.status <> NEW.status AND NOT ({legal})"


def _changed(*columns: str) -> str:
    return " OR ".join(
        f"(OLD.{name} IS NOT NULL AND (NEW.{name} IS NULL OR NEW.{name} <> OLD.{name}))"
        for name in columns
    )


TRIGGERS = (
    *append_only("ims_calls"),
    *append_only("triton_logs"),
    *append_only("triton_payloads"),
    Trigger(
        "triton_transactions_legal_moves",
        "triton_transactions",
        "UPDATE",
        "illegal move of status",
        _illegal_move(),
    ),
    Trigger(
        "triton_transactions_identity_is_fixed",
        "triton_transactions",
        "UPDATE",
        "a transaction keeps its tenant, source, id, type and fingerprint",
        _changed("tenant_id", "source_id", "transaction_id", "kind", "fingerprint", "created_at"),
    ),
    Trigger(
        "triton_transactions_bound_for_good",
        "triton_transactions",
        "UPDATE",
        "what was bound stays bound",
        _changed("bound_at", "bound_policy_number").replace(
            "OLD.bound_policy_number IS NOT NULL", "OLD.bound_policy_number <> ''"
        ),
    ),
    Trigger(
        "triton_transactions_stay",
        "triton_transactions",
        "DELETE",
        "transactions are never deleted",
    ),
    Trigger(
        "triton_steps_are_closed_once",
        "triton_steps",
        "UPDATE",
        "a closed step never changes",
        "OLD.finished_at IS NOT NULL",
    ),
    Trigger("triton_steps_stay", "triton_steps", "DELETE", "steps are never deleted"),
    Trigger("ims_policies_stay", "ims_policies", "DELETE", "policies are never deleted"),
    Trigger("ims_invoices_stay", "ims_invoices", "DELETE", "invoices are never deleted"),
    Trigger(
        "ims_invoices_keep_their_number",
        "ims_invoices",
        "UPDATE",
        "an invoice that was found keeps its number and its quote",
        _changed("quote_guid", "transaction_id", "ims_invoice_num", "invoice_number"),
    ),
)
