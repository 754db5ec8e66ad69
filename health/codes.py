"""What each code in the `errors` and `warnings` of a bill means. Pure; no Django."""

from health.arabic import SENTENCES

_ENGLISH = {
    "CANCELLED_AFTER_ITS_MONTH": "Where its month's GST return is filed, a credit note is the way.",
    "CASH_LIMIT": "Cash of two lakh or more from one person in a day is not lawful (s.269ST).",
    "INACTIVE_REFERENCE": "What is referred to is switched off here.",
    "INVALID_GSTIN": "Not a GSTIN: its form or its check digit is wrong.",
    "INVALID_INVOICE_NUMBER": "No number for a tax invoice: at most 16 letters, digits, - and /.",
    "INVALID_PHONE": "Not an Indian mobile number.",
    "MISSING_ITEM_REFERENCE": "A line is for one test or for one panel.",
    "NOT_PAISA_EXACT": "An amount has at most two decimals.",
    "ORDER_ALREADY_INVOICED": "The test order has been invoiced before.",
    "ORDER_OF_ANOTHER_PATIENT": "The test order is another patient's.",
    "PATIENT_DIFFERS": "The patient is known here by another name.",
    "ROUNDOFF_NOT_TO_RUPEE": "The round-off does not bring the total to a whole rupee.",
    "SUPPLIER_GSTIN_MISSING": "GST is charged, but the laboratory's own GSTIN is not set.",
    "TAX_SPLIT_INVALID": "Within a state CGST and SGST are equal, between two there is IGST alone, "
    "and an exempt supply carries no tax.",
    "UNKNOWN_REFERENCE": "What is referred to is not known here.",
}
MEANINGS: dict[str, tuple[str, str]] = {
    **{code: (english, SENTENCES[code]) for code, english in _ENGLISH.items()},
    "LINE_MISMATCH": (
        "A number of a line is not what its others make it; `expected` says what would be right.",
        "رقم في السطر لا يوافق سائر أرقامه؛ تذكر expected القيمة الصحيحة.",
    ),
    "ROUNDOFF_TOO_LARGE": (
        "The round-off is more than this laboratory allows.",
        "التقريب أكبر مما يسمح به المختبر.",
    ),
    "TOTALS_MISMATCH": (
        "A sum is not that of the lines; `expected` says what would be right.",
        "المجموع لا يساوي مجموع البنود؛ تذكر expected القيمة الصحيحة.",
    ),
}
