"""The request that a note on an invoice begins with: the original's, told the other way round."""

from typing import Any

from invoicing.models import Invoice, Revision
from invoicing.services.documents import Payload, is_simplified
from invoicing.services.drafting import IGNORED
from invoicing.services.entering import STATED_SUMS

# Of the sale, not of what is given back: the deduction stays with the invoice, rounding with its
# payment, and a note's date is its own.
NOT_ON_A_NOTE = (
    *IGNORED,
    *STATED_SUMS,
    "invoice_number",
    "invoice_date",
    "invoice_type",
    "simplified",
    "prepayments",
    "payable_rounding",
    "supply_date",
    "supply_end_date",
    "billing_reference",
    "note_reason",
)


def note_on(invoice: Invoice, revision: Revision, document_type: str) -> dict[str, Any]:
    """A credit note (381) or debit note (383) on the whole invoice: same form, unit and buyer."""
    said: Payload = revision.payload or {}
    issued = invoice.issued_at.astimezone(invoice.tenant.zone)
    note = {name: value for name, value in said.items() if name not in NOT_ON_A_NOTE}
    note |= {
        "invoice_type": document_type,
        "simplified": is_simplified(said),
        "billing_reference": [
            {"number": invoice.invoice_number, "issue_date": f"{issued:%Y-%m-%d}"}
        ],
    }
    if invoice.unit is not None:
        note["egs_unit"] = invoice.unit.name
    return note
