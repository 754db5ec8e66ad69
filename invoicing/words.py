"""How statuses and kinds of documents are said and coloured in the back office."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from invoicing.models import Invoice

KINDS = {
    "388": "invoice",
    "381": "credit note",
    "383": "debit note",
    "386": "prepayment invoice",
}
# Label colours of unfold.
COLOURS = {
    "CREATED": "info",
    "PROCESSING": "info",
    "SUBMITTED": "info",
    "RETRY": "info",
    "CLEARED": "success",
    "REPORTED": "success",
    "CLEARED_WITH_WARNINGS": "success",
    "REPORTED_WITH_WARNINGS": "success",
    "ACTIVE": "success",
    "QUEUED": "info",
    "SENDING": "info",
    "SENT": "success",
    "FAILED": "warning",
    "ERROR": "warning",
    "UNKNOWN": "warning",
    "MAYBE": "warning",
    "REJECTED": "danger",
    "REVOKED": "danger",
    "NOT_CLEARED": "danger",
    "NOT_REPORTED": "danger",
}


def kind(invoice: "Invoice") -> str:
    """``Simplified credit note``."""
    form = "Simplified" if invoice.is_simplified else "Standard"
    return f"{form} {KINDS.get(invoice.document_type, invoice.document_type)}"


def said(word: str | None) -> str:
    """``REPORTED_WITH_WARNINGS`` as ``reported with warnings``; empty for nothing."""
    return (word or "").replace("_", " ").lower()


def labelled(word: str | None) -> tuple[str, str] | None:
    """A word for unfold's label: its key in COLOURS and what is shown."""
    return (word, said(word)) if word in COLOURS else (said(word) or None)  # type: ignore[return-value]


def amount(invoice: "Invoice") -> str:
    """``1,234.50 SAR``."""
    return f"{invoice.total_amount:,} {invoice.currency}"


def colour(word: Any) -> str:
    return COLOURS.get(str(word), "")
