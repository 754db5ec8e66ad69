"""Najd sells, Hijaz buys, and a foreign customer lives in Houston: the documents of the tests."""

from datetime import UTC, date, datetime, time
from decimal import Decimal

from invoicing.zatca.documents import (
    Address,
    BillingReference,
    Document,
    DocumentKind,
    Line,
    Party,
    VatCategory,
)

ISSUE_DATE = date(2026, 3, 14)
ISSUE_TIME = time(9, 26, 53)
SIGNED_AT = datetime(2026, 3, 14, 6, 26, 54, tzinfo=UTC)
JUDGED_AT = datetime(2026, 3, 14, 6, 27, 0, tzinfo=UTC)

RIYADH_ADDRESS = Address("شارع الأمير سلطان", "2322", "المربع", "الرياض", "23333")
NAJD = Party("شركة نجد | Najd Trading", "399999999900003", "CRN", "1010010000", RIYADH_ADDRESS)
HIJAZ = Party(
    "Hijaz & Sons <Ltd>",
    "399999999800003",
    address=Address("Salah Al-Din", "1111", "Al-Murooj", "Riyadh", "12222"),
)
HOUSTON = Party(
    "Florida Steel Factory",
    id_scheme="OTH",
    id_number="US00000001",
    address=Address("Canadian Street", "", "", "Houston", "", "US"),
)

RICE = Line("Rice | أرز", Decimal("3"), Decimal("33.333333"), VatCategory.S, Decimal("15"))
TEA = Line("Tea", Decimal("0.75"), Decimal("19.99"), VatCategory.S, Decimal("15"))
MEDICINE = Line(
    "Medicine | الدواء",
    Decimal("1"),
    Decimal("50"),
    VatCategory.Z,
    Decimal("0"),
    exemption_code="VATEX-SA-35",
)


def document(kind=DocumentKind.INVOICE, *, simplified=True, lines=(RICE, TEA), **changes):
    """A clean document of the kind asked for; `changes` replace or add fields."""
    fields = {
        "number": "INV-2026-0001",
        "uuid": "8e6000cf-1a98-4174-b3e7-b5d5954bc10d",
        "issue_date": ISSUE_DATE,
        "issue_time": ISSUE_TIME,
        "supplier": NAJD,
        "customer": None if simplified else HIJAZ,
        "supply_date": None if simplified else ISSUE_DATE,
    }
    if kind.is_note:
        fields["billing_references"] = (BillingReference("INV-2025-0099", date(2025, 12, 30)),)
        fields["note_reason"] = "Goods returned | إرجاع السلع"
    return Document(kind=kind, simplified=simplified, lines=tuple(lines), **(fields | changes))
