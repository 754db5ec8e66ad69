"""One request of every kind that looks different on paper."""

from typing import Any

from tests.invoicing.payloads import LINE, credit_note, phase_1, simplified, standard

FOREIGN_BUYER = {
    "buyer_name": "Florida Steel Factory",
    "buyer_tax_number": None,
    "buyer_id": {"scheme": "OTH", "number": "US12345678"},
    "buyer_address": {
        "street": "Canadian Street",
        "city": "Houston",
        "postal_code": "77001",
        "country_code": "US",
    },
}
ADVANCE = {
    "number": "ADV-7",
    "issued_at": "2026-10-15T09:00:00+03:00",
    "taxable": "100.00",
    "tax": "15.00",
    "tax_category": "S",
    "tax_rate": 15,
}
EXPORT_LINE = {
    **LINE,
    "name": "آلة طباعة | Printing equipment",
    "tax_category": "Z",
    "tax_rate": 0,
    "exemption_code": "VATEX-SA-32",
}
LONG_ARABIC = (
    "توريد وتركيب وتشغيل وصيانة أنظمة التكييف المركزي لمبنى الإدارة العامة بما في ذلك قطع الغيار "
    "الأصلية (Carrier 30XA-802) وأعمال الفحص والاختبار والتسليم النهائي وفق المواصفات المعتمدة"
)


def _without_nones(payload: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in payload.items() if value is not None}


KINDS: dict[str, dict[str, Any]] = {
    "standard": standard(
        "INV-1",
        buyer_name="شركة الحجاز للمقاولات | Hijaz Contracting Co.",
        order_reference="PO-4711",
        payment_means={"code": "30", "account": "SA0380000000608010167519", "terms": "30 يومًا"},
        notes=["شكرًا لتعاملكم معنا", "Goods stay ours until paid in full."],
    ),
    "simplified": simplified("S-1", buyer_name="أمل"),
    "credit-note": credit_note("CN-1", of="INV-1"),
    "debit-note": credit_note("DN-1", of="INV-1", invoice_type="383", note_reason="فرق سعر"),
    "simplified-credit-note": simplified(
        "SCN-1",
        invoice_type="381",
        billing_reference=[{"number": "S-1", "issue_date": "2026-11-20"}],
        note_reason="إرجاع بضاعة | Goods returned",
    ),
    "prepayment": standard("ADV-1", invoice_type="386"),
    "deducted": standard("INV-2", prepayments=[ADVANCE]),
    "foreign": standard("INV-3", currency="USD", exchange_rate="3.75"),
    "export": _without_nones(
        standard("INV-4", **FOREIGN_BUYER, line_items=[EXPORT_LINE], flags={"export": True})
    ),
    "summary": standard(
        "INV-6",
        flags={"summary": True, "third_party": True},
        supply_date="2026-10-01",
        supply_end_date="2026-10-31",
    ),
    "adjusted": standard(
        "INV-7",
        line_items=[
            {**LINE, "name": LONG_ARABIC, "quantity": "12.5", "unit_code": "MTR"},
            {
                **LINE,
                "name": "Coffee machine, two groups, stainless | ماكينة قهوة بمجموعتين",
                "price_discount": "10.00",
                "allowances": [
                    {"percent": "5", "base": "180.00", "reason": "خصم كمية", "reason_code": "95"}
                ],
                "charges": [{"amount": "12.00", "reason": "Delivery", "reason_code": "DL"}],
            },
            {
                **LINE,
                "name": "أدوية | Medicines",
                "tax_category": "Z",
                "tax_rate": 0,
                "exemption_code": "VATEX-SA-35",
            },
        ],
        allowances=[
            {
                "amount": "20.00",
                "reason": "خصم ولاء",
                "reason_code": "95",
                "tax_category": "S",
                "tax_rate": 15,
            }
        ],
    ),
    "huge": standard(
        "2026/INV-" + "0" * 40 + "1",
        buyer_name="شركة " + "المتحدة الوطنية للتجارة والمقاولات العامة " * 5 + "المحدودة",
        line_items=[{**LINE, "quantity": 1000, "unit_price": "9876543.21", "name": LONG_ARABIC}],
    ),
    "many-lines": standard(
        "INV-9",
        line_items=[{**LINE, "name": f"صنف رقم {n} | Item no. {n}"} for n in range(1, 66)],
    ),
    "phase-1": phase_1("P-1"),
}
