"""How figures and states of the laboratory are written for people."""

from decimal import Decimal

from health.models import PaymentStatus, Status

COLOURS = {
    Status.DRAFT: "info",
    Status.POSTED: "success",
    Status.CANCELLED: "danger",
    PaymentStatus.UNPAID: "warning",
    PaymentStatus.PARTIAL: "info",
    PaymentStatus.PAID: "success",
    PaymentStatus.OVERPAID: "danger",
}


def rupees(amount: Decimal) -> str:
    """With India's grouping: 1,12,150.00, and a true minus."""
    whole, _, paise = f"{abs(amount):.2f}".partition(".")
    head, last = whole[:-3], whole[-3:]
    groups = [last]
    while head:
        head, group = head[:-2], head[-2:]
        groups.insert(0, group)
    return f"{'−' if amount < 0 else ''}{','.join(groups)}.{paise}"
