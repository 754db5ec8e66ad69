"""How figures and states of the laboratory are written for people."""

from decimal import Decimal
from typing import Any

from health.models import PaymentStatus, Status

# A bill that nobody has paid and nobody owes: credit notes took all of it.
CREDITED = "CREDITED"
COLOURS = {
    Status.DRAFT: "info",
    Status.POSTED: "success",
    Status.CANCELLED: "danger",
    PaymentStatus.UNPAID: "warning",
    PaymentStatus.PARTIAL: "info",
    PaymentStatus.PAID: "success",
    PaymentStatus.OVERPAID: "danger",
    CREDITED: "info",
}


# Days late at most, and what such a bill is called.
AGES = ((0, "not due"), (30, "1-30"), (60, "31-60"), (90, "61-90"), (None, "over 90"))


def harmless(value: Any) -> Any:
    """A text that a spreadsheet would take for a formula begins with an apostrophe."""
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return "'" + value
    return value


def rupees(amount: Decimal) -> str:
    """With India's grouping: 1,12,150.00, and a true minus."""
    whole, _, paise = f"{abs(amount):.2f}".partition(".")
    head, last = whole[:-3], whole[-3:]
    groups = [last]
    while head:
        head, group = head[:-2], head[-2:]
        groups.insert(0, group)
    return f"{'−' if amount < 0 else ''}{','.join(groups)}.{paise}"
