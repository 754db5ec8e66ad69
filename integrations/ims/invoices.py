"""An IMS invoice out of ryan_rptInvoice's data set.

Two numbers, never to be mixed: `number` is IMS's integer, which printing and payments want and
which stands on the lines alone; `office_number` is the office's running number, for people.
"""

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal

from integrations.ims.dataset import DataSet
from integrations.ims.rows import Row

LINES = "Table5"


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    description: str
    effective: dt.date | None
    due: dt.date | None
    premium: Decimal | None
    fees: Decimal | None
    commission: Decimal | None
    gross_premium: Decimal | None
    amount_due: Decimal | None
    net_amount_due: Decimal | None


@dataclass(frozen=True, slots=True)
class Invoice:
    """What IMS billed; the bank texts are in `header` alone and never in a repr."""

    number: int | None
    office_number: int | None
    policy_number: str
    control_number: int | None
    invoice_date: dt.date | None
    due: dt.date | None
    premium: Decimal | None
    commission_rate: Decimal | None
    commission: Decimal | None
    net_premium: Decimal | None
    net_due: Decimal | None
    lines: tuple[InvoiceLine, ...]
    header: Row = field(repr=False)


def read_invoice(data: DataSet) -> Invoice | None:
    """The invoice, or None where there is no header. Raises ValueError for what cannot be read."""
    header = next(iter(data.rows()), None)
    if header is None:
        return None
    rows = [row for name, row in data.tables if name == LINES or _is_line(name, row)]
    numbers = [row.number("InvoiceNum") for row in (*rows, header)]
    return Invoice(
        # The header's was null in every answer that was seen.
        number=next((number for number in numbers if number), None),
        office_number=header.number("OfficeInvoiceNum"),
        policy_number=header.text("PolicyNumber"),
        control_number=header.number("ControlNo"),
        invoice_date=header.date("InvoiceDate"),
        due=header.date("DueDate"),
        premium=header.money("Premium"),
        commission_rate=header.money("CommissionPct"),
        commission=header.money("CommissionAmount"),
        net_premium=header.money("NetPremium"),
        net_due=header.money("NetDue"),
        lines=tuple(map(_line, rows)),
        header=header,
    )


def _is_line(name: str, row: Row) -> bool:
    """A line in another table than usual: a debug SELECT shifts them."""
    return name != "Table" and "InvoiceNum" in row and "AmountDue" in row


def _line(row: Row) -> InvoiceLine:
    return InvoiceLine(
        description=row.text("Description"),
        effective=row.date("EffectiveDate"),
        due=row.date("DueDate"),
        premium=row.money("Premium"),
        fees=row.money("Fees"),
        commission=row.money("Commission"),
        gross_premium=row.money("GrossPremium"),
        amount_due=row.money("AmountDue"),
        net_amount_due=row.money("NetAmountDue"),
    )
