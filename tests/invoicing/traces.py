"""What a request leaves behind, here and at the authority."""

from typing import Any

from config.attention.models import Attention
from invoicing.models import (
    AssignedNumber,
    Attempt,
    Chain,
    DocumentReference,
    EGSUnit,
    Invoice,
    InvoiceLog,
    NumberCounter,
    Revision,
)
from invoicing.sandbox import StandIn

URL = "/api/v1/invoices"
MODELS = (
    Invoice,
    Revision,
    Attempt,
    InvoiceLog,
    Chain,
    EGSUnit,
    Attention,
    DocumentReference,
    NumberCounter,
    AssignedNumber,
)


def everything(zatca: StandIn) -> dict[str, Any]:
    """Every value of every row, and all that the authority saw: equal means nothing happened."""
    here = {model.__name__: list(model.objects.order_by("pk").values()) for model in MODELS}
    return {
        **here,
        "documents": zatca.control.documents(),
        "deliveries": zatca.control.deliveries(),
    }


def log_words(invoice_id: int) -> list[tuple[str, str | None, str | None]]:
    """(status, action, previous_status) of each log row, oldest first."""
    rows = InvoiceLog.objects.filter(invoice_id=invoice_id).order_by("sequence")
    return list(rows.values_list("status", "action", "previous_status"))


def sent(zatca: StandIn, number: str) -> list[str]:
    """The hashes of the bytes that arrived for a number, in order of arrival."""
    return [delivery["sha256"] for delivery in zatca.control.deliveries(number)]
