"""Whether the accounts of taxes hold what documents charge (health.md section 6). Reads only."""

from collections.abc import Iterator

from django.db import connection
from django.db.models import Sum

from config.money import from_minor
from health.gst import TAXES
from health.ledger import ZERO
from health.models import AccountType, VoucherLine


def taxes_booked_otherwise(tenant_id: int) -> Iterator[str]:
    """The accounts of taxes against the documents: what bills charge, less their credit notes.

    They are the liabilities that name no party. Which of them a tax belongs to, the order of lines
    in the bill's own voucher says, whichever account is mapped today. A bill of nothing has none.
    """
    with connection.cursor() as cursor:
        cursor.execute(_CHARGED, [tenant_id] * len(TAXES))
        said = {code or "no account": from_minor(int(sums)) for code, sums in cursor.fetchall()}
    lines = VoucherLine.objects.filter(
        voucher__tenant_id=tenant_id, party="", account__account_type=AccountType.LIABILITY
    )
    booked = {
        account: credit - debit
        for account, credit, debit in lines.values_list("account__code").annotate(
            Sum("credit"), Sum("debit")
        )
    }
    for account in sorted(said.keys() | booked.keys()):
        found, wanted = booked.get(account, ZERO), said.get(account, ZERO)
        if found != wanted:
            yield f"taxes on {account}: {found} booked, {wanted} on bills less credit notes"


def _charged(place: int, tax: str) -> str:
    """What bills charge of a tax less their credit notes, and the account it stands on: the line
    after receivable, revenue and the taxes before.
    """
    before = "".join(
        f" + CASE WHEN i.{name}_amount > 0 THEN 1 ELSE 0 END" for name in TAXES[:place]
    )
    return f"""
SELECT a.code, i.{tax}_amount - COALESCE(
    (SELECT SUM(n.{tax}_amount) FROM credit_notes n WHERE n.invoice_id = i.id), 0) AS amount
FROM test_invoices i
LEFT JOIN voucher_lines l ON l.voucher_id = i.voucher_id AND l.line_no = 2 + CASE
    WHEN i.taxable_amount > 0 OR i.gross_revenue AND i.subtotal_amount > 0 THEN 1 ELSE 0 END{before}
LEFT JOIN account_masters a ON a.id = l.account_id
WHERE i.tenant_id = %s AND i.status = 'POSTED' AND i.voucher_id IS NOT NULL
    AND i.voucher_layout = 'SPLIT' AND i.{tax}_amount > 0"""  # noqa: S608


# One statement, composed once: by the ORM it is two for each tax, and long ones.
_CHARGED = (
    "SELECT code, SUM(amount) FROM ("  # noqa: S608
    + " UNION ALL ".join(_charged(place, tax) for place, tax in enumerate(TAXES))
    + ") charged GROUP BY code"
)
