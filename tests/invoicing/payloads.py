"""Requests as a caller writes them. Amounts worked out by hand: 2 × 100.00 at 15 % is 230.00."""

from typing import Any

from django.utils import timezone

# One instant for the whole run, so that asking twice makes the same request.
ISSUED_AT = timezone.now().replace(microsecond=0).isoformat()
LINE = {
    "name": "قهوة عربية",
    "quantity": 2,
    "unit_price": "100.00",
    "tax_rate": 15,
    "tax_category": "S",
}
BUYER = {
    "buyer_name": "شركة الحجاز",
    "buyer_tax_number": "310122393500003",
    "buyer_address": {
        "street": "شارع الأمير سلطان",
        "building_number": "3242",
        "district": "الزهراء",
        "city": "جدة",
        "postal_code": "23423",
    },
}


def simplified(number: str = "S-1", **changes: Any) -> dict[str, Any]:
    """A sale over the counter: 200.00 + 30.00 VAT."""
    return {
        "mode": "PHASE_2",
        "environment": "SANDBOX",
        "invoice_number": number,
        "invoice_date": ISSUED_AT,
        "line_items": [dict(LINE)],
        "payment_means": {"code": "10"},
        **changes,
    }


def standard(number: str = "INV-1", **changes: Any) -> dict[str, Any]:
    """A sale to a business: 200.00 + 30.00 VAT."""
    return simplified(number, **{**BUYER, **changes})


def credit_note(number: str = "CN-1", of: str = "INV-1", **changes: Any) -> dict[str, Any]:
    note = {
        "invoice_type": "381",
        "billing_reference": [{"number": of}],
        "note_reason": "إرجاع بضاعة",
    }
    return standard(number, **{**note, **changes})


def phase_1(number: str = "P-1", **changes: Any) -> dict[str, Any]:
    """100.00 + 15.00 VAT, as in the origin's own test."""
    one = {"mode": "PHASE_1", "line_items": [{**LINE, "quantity": 1}]}
    return simplified(number, **{**one, **changes})
