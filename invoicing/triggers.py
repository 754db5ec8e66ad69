"""What no constraint can say about invoices, as triggers on both engines (config.db.triggers)."""

from config.db.triggers import Trigger, append_only
from invoicing.models.invoices import NEXT


def _illegal_move() -> str:
    legal = " OR ".join(
        f"(OLD.status = '{source}' AND NEW.status = '{target}')"
        for source, targets in NEXT.items()
        for target in sorted(targets)
    )
    return f"OLD.status <> NEW.status AND NOT ({legal})"


def _changed(*columns: str) -> str:
    # `IS DISTINCT FROM` in words that every supported SQLite knows.
    return " OR ".join(
        f"(OLD.{name} IS NOT NULL AND (NEW.{name} IS NULL OR NEW.{name} <> OLD.{name}))"
        for name in columns
    )


FROZEN = (
    "invoice_id",
    "number",
    "payload",
    "payload_sha256",
    "uuid",
    "chain_id",
    "icv",
    "pih",
    "hash",
    "xml",
    "sealed_at",
    "cleared_xml",
)
FOUND = (
    "run_id",
    "kind",
    "invoice_id",
    "number",
    "uuid",
    "ours",
    "theirs",
    "our_total",
    "their_total",
    "our_vat",
    "their_vat",
    "our_hash",
    "their_hash",
    "csid",
    "icv",
    "last_icv",
    "line",
)
FINAL = ("uuid", "hash", "xml_content", "revision", "total_amount", "tax_amount", "zatca_status")

TRIGGERS = (
    *append_only("invoice_logs"),
    Trigger(
        "invoices_legal_moves", "invoices", "UPDATE", "illegal move of status", _illegal_move()
    ),
    Trigger(
        "invoices_identity_is_fixed",
        "invoices",
        "UPDATE",
        "an invoice keeps its tenant, number, phase and environment",
        _changed("tenant_id", "invoice_number", "phase", "environment", "created_at"),
    ),
    Trigger(
        "invoices_cleared_is_final",
        "invoices",
        "UPDATE",
        "a cleared invoice keeps its document",
        f"OLD.status = 'CLEARED' AND ({_changed(*FINAL)})",
    ),
    Trigger("invoices_stay", "invoices", "DELETE", "invoices are never deleted"),
    # Written once: content at the birth of the revision, the document when it is sealed.
    Trigger(
        "invoice_revisions_are_frozen",
        "invoice_revisions",
        "UPDATE",
        "a sealed document never changes",
        _changed(*FROZEN),
    ),
    Trigger(
        "invoice_revisions_keep_their_verdict",
        "invoice_revisions",
        "UPDATE",
        "a QR code and a verdict never change",
        "(OLD.qr <> '' AND NEW.qr <> OLD.qr)"
        " OR (OLD.outcome <> '' AND NEW.outcome <> OLD.outcome)"
        # Neither found nor lifted later: what is given out was decided when it came back.
        " OR (OLD.cleared_xml IS NOT NULL AND NEW.cleared_difference <> OLD.cleared_difference)",
    ),
    Trigger("invoice_revisions_stay", "invoice_revisions", "DELETE", "revisions are never deleted"),
    Trigger(
        "invoice_attempts_are_closed_once",
        "invoice_attempts",
        "UPDATE",
        "a closed attempt never changes",
        "OLD.ended_at IS NOT NULL",
    ),
    Trigger("invoice_attempts_stay", "invoice_attempts", "DELETE", "attempts are never deleted"),
    Trigger(
        "chains_only_grow",
        "chains",
        "UPDATE",
        "a chain grows by one document at a time",
        "NEW.last_icv <> OLD.last_icv AND NEW.last_icv <> OLD.last_icv + 1",
    ),
    Trigger(
        "chains_revoked_for_good",
        "chains",
        "UPDATE",
        "a revoked CSID never comes back",
        "OLD.state = 'REVOKED' AND NEW.state <> 'REVOKED'",
    ),
    Trigger(
        "number_counters_only_grow",
        "number_counters",
        "UPDATE",
        "a series counts by one and keeps its place",
        "NEW.series_id <> OLD.series_id OR NEW.period <> OLD.period "
        "OR (NEW.last_number <> OLD.last_number AND NEW.last_number <> OLD.last_number + 1)",
    ),
    Trigger("number_counters_stay", "number_counters", "DELETE", "counters are never deleted"),
    *append_only("assigned_numbers"),
    Trigger("chains_stay", "chains", "DELETE", "chains are never deleted"),
    Trigger(
        "reconciliation_runs_end_once",
        "reconciliation_runs",
        "UPDATE",
        "a finished reconciliation never changes",
        "OLD.finished_at IS NOT NULL",
    ),
    Trigger(
        "reconciliation_runs_stay",
        "reconciliation_runs",
        "DELETE",
        "reconciliations are never deleted",
    ),
    Trigger(
        "reconciliation_findings_are_explained_once",
        "reconciliation_findings",
        "UPDATE",
        "a finding is explained once, and nothing else of it changes",
        f"OLD.state = 'EXPLAINED' OR {_changed(*FOUND)}",
    ),
    Trigger(
        "reconciliation_findings_stay",
        "reconciliation_findings",
        "DELETE",
        "findings are never deleted",
    ),
)
