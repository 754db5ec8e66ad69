"""What a person writes by hand goes the same way as what a program sends.

Entry, correction and notes end in `submission.submit_invoice`; here is what only people need: a
look before anything is stored, and what a correction changes.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from config.problems import FieldError, InvalidRequest
from config.tenancy.models import Tenant
from invoicing import errors
from invoicing.models import Invoice, InvoiceStatus
from invoicing.services import crediting, drafting
from invoicing.services.documents import Payload
from invoicing.services.drafting import Draft
from invoicing.services.duplicates import refuse_change
from invoicing.services.gate import RefusedByGate
from invoicing.services.sending import By
from invoicing.services.submission import Submission, submit_invoice
from invoicing.services.validation import pass_draft

# Sums follow from the lines; a caller may have sent them to be compared, a person is shown them.
STATED_SUMS = ("total_tax_exclusive", "total_tax_amount", "total_amount")
NOT_CONTENT = (*drafting.IGNORED, *STATED_SUMS)


@dataclass(frozen=True, slots=True)
class Change:
    """One field of a request before and after; None where it is absent."""

    path: str
    before: str | None
    after: str | None


def check(tenant: Tenant, payload: Payload, *, instead_of: Invoice | None = None) -> Draft:
    """Judge a request by the request rules, the balances and the gate; stores and sends nothing.

    `instead_of` is the invoice that it would revise. Raises what submitting would raise for them.
    """
    draft = drafting.draft(tenant, payload)
    crediting.check_balance(
        tenant,
        payload,
        draft.amounts.tax_inclusive,
        draft.document.currency,
        instead_of=instead_of,
    )
    try:
        pass_draft(tenant, draft)
    except RefusedByGate as refusal:
        raise InvalidRequest(errors=[_beside_field(item) for item in refusal.findings]) from None
    return draft


def _beside_field(finding: Mapping[str, Any]) -> FieldError:
    """A finding of the official rules where the form shows it."""
    return FieldError(
        finding["param"] or "",
        "rule_violated",
        finding["message"],
        finding["message_ar"],
        rule=finding["rule"],
    )


def refuse_correction(invoice: Invoice) -> None:
    """Raise the conflict that forbids to change what the invoice says now; nothing where it may."""
    if invoice.status in (InvoiceStatus.CLEARED, InvoiceStatus.PROCESSING):
        raise errors.DuplicateInvoice(invoice)
    refuse_change(invoice, invoice.phase)


def may_correct(invoice: Invoice) -> bool:
    """Whether the content of the invoice may change now (contracts 10)."""
    try:
        refuse_correction(invoice)
    except errors.Conflict:
        return False
    return True


def correct_invoice(invoice: Invoice, payload: Payload, by: By, **beside: Any) -> Submission:
    """Make the next revision of `invoice` and send it, by the rules of contracts 10.

    Commits as `submit_invoice`. Raises NothingChanged for the same content, and every conflict that
    a program would get: what may have reached the authority does not change.
    """
    before = invoice.current.payload
    if before is not None and not changes(before, payload):
        raise errors.NothingChanged(invoice)
    return submit_invoice(tenant=invoice.tenant, payload=payload, by=by, **beside)


def changes(before: Payload, after: Payload) -> list[Change]:
    """What differs between two requests, field by field; values, not spellings, are compared."""
    old, new = dict(_leaves(_content(before))), dict(_leaves(_content(after)))
    paths = [*old, *(path for path in new if path not in old)]
    return [
        Change(path, old.get(path), new.get(path))
        for path in paths
        if _value(path, old.get(path)) != _value(path, new.get(path))
    ]


def _content(payload: Payload) -> dict[str, Any]:
    return {name: value for name, value in payload.items() if name not in NOT_CONTENT}


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _leaves(inner, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _leaves(inner, f"{path}[{index}]")
    else:
        yield path, f"{value:f}" if isinstance(value, Decimal) else str(value)


def _value(path: str, text: str | None) -> Any:
    """An instant as such and an amount by its value, whatever they were written like."""
    if text is None:
        return None
    if path.endswith(("invoice_date", "issued_at")):
        return datetime.fromisoformat(text)
    if path.rpartition(".")[2] in AMOUNTS:
        return Decimal(text)
    return text


AMOUNTS = frozenset(
    {
        "quantity", "unit_price", "tax_rate", "discount", "base_quantity", "price_discount",
        "amount", "percent", "base", "exchange_rate", "taxable", "tax", "payable_rounding",
        "total_discount",
    }
)  # fmt: skip
