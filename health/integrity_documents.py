"""Whether every voucher is of a document that says the same, and every document has its voucher
(health.md 3.6: orphan scan). Reads only.
"""

from collections.abc import Iterator
from typing import NamedTuple

from django.db import connection

from health.models import Source


class Document(NamedTuple):
    """Where a kind of document is kept, and what of a row `d` is not what its voucher `v`, whose
    first line is `l`, says: the words for it, in the order in which they are looked for.
    """

    table: str
    differs: dict[str, str]


_OF_PAYMENT = "(SELECT p.number FROM payments p WHERE p.id = d.payment_id) <> v.reference_number"
_NUMBER, _DATE, _AMOUNT = "has another number", "has another date", "has another amount"
_VOUCHER = "has another voucher"
_OTHER_VOUCHER = "d.voucher_id IS NULL OR d.voucher_id <> v.id"

DOCUMENTS = {
    # Its amount is looked at with the bills.
    Source.TEST_INVOICE: Document(
        "test_invoices",
        {
            _NUMBER: "d.invoice_number <> v.reference_number",
            _DATE: "d.local_date <> v.date",
            _VOUCHER: _OTHER_VOUCHER,
            "has another patient": "l.party <> d.patient_name"
            " OR COALESCE(l.patient_ref, 0) <> COALESCE(d.patient_id, 0)",
        },
    ),
    Source.CREDIT_NOTE: Document(
        "credit_notes",
        {
            _NUMBER: "d.number <> v.reference_number",
            _DATE: "d.date <> v.date",
            _AMOUNT: "l.credit <> d.total_amount",
        },
    ),
    # Confirmed later than it was offered, it is dated later, too.
    Source.PAYMENT: Document(
        "payments",
        {
            _NUMBER: "d.number <> v.reference_number",
            _DATE: "v.date < d.date",
            _VOUCHER: _OTHER_VOUCHER,
            _AMOUNT: "l.debit <> d.amount",
        },
    ),
    # One that is taken back is so whole, and what stays of it is a row of its own.
    Source.ALLOCATION: Document(
        "payment_allocations",
        {
            _NUMBER: _OF_PAYMENT,
            _AMOUNT: "d.amount > 0 AND l.debit <> d.amount OR d.amount < 0 AND l.debit > -d.amount",
        },
    ),
    Source.REFUND: Document(
        "payment_refunds",
        {
            _NUMBER: _OF_PAYMENT,
            _DATE: "d.date <> v.date",
            _AMOUNT: "l.debit <> d.amount",
        },
    ),
}
# Of the others only some have one, or a constraint asks for it.
ALWAYS_BOOKED = {
    Source.CREDIT_NOTE: "d.number",
    Source.REFUND: "(SELECT p.number FROM payments p WHERE p.id = d.payment_id)",
}


def documents_booked_otherwise(tenant_id: int) -> Iterator[str]:
    """The vouchers whose document is not there or says otherwise, and documents without one."""
    for source in DOCUMENTS:
        for number, what in _rows(_differing(source), tenant_id):
            yield f"voucher {number}: its {source.label.lower()} {what}"
    for number, _ in _rows(_MEANT_OTHERWISE, tenant_id):
        yield f"voucher {number}: it is about another document than what it reverses"
    for source in ALWAYS_BOOKED:
        for number, _ in _rows(_unbooked(source), tenant_id):
            yield f"{source.label.lower()} of {number}: without a voucher"


def sealed_otherwise(tenant_id: int) -> Iterator[str]:
    """The vouchers whose seal is not over what their lines add up to."""
    for number, _ in _rows(_SEALED_OTHERWISE, tenant_id):
        yield f"voucher {number}: its seal says another sum or number of lines"


def _rows(sql: str, tenant_id: int) -> list[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, [tenant_id])
        return [(number, what) for number, what in cursor.fetchall()]


def _differing(source: Source) -> str:
    table, differs = DOCUMENTS[source]
    cases = " ".join(f"WHEN {differing} THEN '{what}'" for what, differing in differs.items())
    return (
        "SELECT number, what FROM (SELECT v.id, v.voucher_number AS number,"  # noqa: S608
        f" CASE WHEN d.id IS NULL THEN 'is not there' {cases} END AS what"
        f" FROM vouchers v LEFT JOIN {table} d"
        " ON d.id = v.reference_id AND d.tenant_id = v.tenant_id"
        " LEFT JOIN voucher_lines l ON l.voucher_id = v.id AND l.line_no = 1"
        f" WHERE v.tenant_id = %s AND v.reference_type = '{source}' AND v.reverses_id IS NULL"
        ") looked WHERE what IS NOT NULL ORDER BY id"
    )


def _unbooked(source: Source) -> str:
    return (
        f"SELECT {ALWAYS_BOOKED[source]}, '' FROM {DOCUMENTS[source].table} d"  # noqa: S608
        " WHERE d.tenant_id = %s AND NOT EXISTS (SELECT 1 FROM vouchers v"
        f" WHERE v.tenant_id = d.tenant_id AND v.reference_type = '{source}'"
        " AND v.reference_id = d.id AND v.reverses_id IS NULL) ORDER BY d.id"
    )


_MEANT_OTHERWISE = (
    "SELECT v.voucher_number, '' FROM vouchers v JOIN vouchers o ON o.id = v.reverses_id"
    " WHERE v.tenant_id = %s AND (v.reference_type <> o.reference_type"
    " OR v.reference_id <> o.reference_id OR v.reference_number <> o.reference_number)"
    " ORDER BY v.id"
)
_SEALED_OTHERWISE = (
    "SELECT v.voucher_number, '' FROM vouchers v JOIN voucher_seals s ON s.id = v.seal_id"
    " JOIN voucher_lines l ON l.voucher_id = v.id WHERE v.tenant_id = %s"
    " GROUP BY v.id, v.voucher_number, s.total, s.line_count"
    " HAVING SUM(l.debit) <> s.total OR COUNT(*) <> s.line_count ORDER BY v.id"
)
