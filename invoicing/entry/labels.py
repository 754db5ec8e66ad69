"""What the fields of a request are called on paper, in English and Arabic; and where they stand."""

LABELS: dict[str, tuple[str, str]] = {
    "mode": ("Phase", "المرحلة"),
    "invoice_type": ("Kind of document", "نوع المستند"),
    "simplified": ("Form", "الصيغة"),
    "egs_unit": ("EGS unit", "وحدة الفوترة"),
    "invoice_number": ("Number", "الرقم"),
    "invoice_date": ("Date and time of issue", "تاريخ ووقت الإصدار"),
    "supply_date": ("Date of supply", "تاريخ التوريد"),
    "supply_end_date": ("End of supply", "نهاية التوريد"),
    "currency": ("Currency", "العملة"),
    "exchange_rate": ("Rate to SAR", "سعر الصرف إلى الريال"),
    "order_reference": ("Purchase order", "أمر الشراء"),
    "contract_reference": ("Contract", "العقد"),
    "client_reference": ("Your reference", "مرجعكم"),
    "buyer_name": ("Name", "الاسم"),
    "buyer_tax_number": ("VAT number", "الرقم الضريبي"),
    "buyer_id.number": ("ID number", "رقم الهوية"),
    "scheme": ("ID scheme", "نوع الهوية"),
    "id": ("ID", "الهوية"),
    "number": ("Number", "الرقم"),
    "street": ("Street", "الشارع"),
    "building_number": ("Building", "رقم المبنى"),
    "additional_street": ("Additional street", "شارع إضافي"),
    "plot_identification": ("Plot", "رقم القطعة"),
    "district": ("District", "الحي"),
    "city": ("City", "المدينة"),
    "postal_code": ("Postal code", "الرمز البريدي"),
    "country_subentity": ("Province", "المنطقة"),
    "country_code": ("Country", "الدولة"),
    "line_items[].name": ("Product or service", "السلعة أو الخدمة"),
    "quantity": ("Quantity", "الكمية"),
    "unit_code": ("Unit", "الوحدة"),
    "unit_price": ("Price", "السعر"),
    "discount": ("Discount", "الخصم"),
    "tax_category": ("VAT", "الضريبة"),
    "tax_rate": ("Rate %", "النسبة ٪"),
    "exemption_code": ("Exemption code", "رمز الإعفاء"),
    "exemption_reason": ("Exemption reason", "سبب الإعفاء"),
    "base_quantity": ("Price is for", "السعر لكمية"),
    "price_discount": ("Price discount", "خصم السعر"),
    "amount": ("Amount", "المبلغ"),
    "percent": ("Percent", "النسبة"),
    "base": ("Of", "من"),
    "reason": ("Reason", "السبب"),
    "reason_code": ("Reason code", "رمز السبب"),
    "total_discount": ("Discount on the whole", "خصم على الإجمالي"),
    "payable_rounding": ("Rounding", "التقريب"),
    "note_reason": ("Reason of the note", "سبب الإشعار"),
    "issue_date": ("Issued on", "تاريخ الإصدار"),
    "issued_at": ("Issued at", "وقت الإصدار"),
    "taxable": ("Without VAT", "دون الضريبة"),
    "tax": ("VAT amount", "مبلغ الضريبة"),
    "uuid": ("UUID", "المعرّف"),
    "payment_means.code": ("Paid by", "وسيلة الدفع"),
    "code": ("Code", "الرمز"),
    "account": ("Account", "الحساب"),
    "terms": ("Terms", "الشروط"),
    "third_party": ("Third party", "طرف ثالث"),
    "nominal": ("Nominal supply", "توريد اسمي"),
    "export": ("Export", "تصدير"),
    "summary": ("Summary", "ملخصة"),
    "self_billed": ("Self-billed", "فوترة ذاتية"),
    "continuous": ("Continuous supply", "توريد مستمر"),
    "b2g": ("To government", "جهة حكومية"),
    "notes": ("Note", "ملاحظة"),
    "line_items": ("Lines", "البنود"),
    "allowances": ("Allowances", "الخصومات"),
    "charges": ("Charges", "الرسوم"),
    "billing_reference": ("Corrected documents", "المستندات المصححة"),
    "prepayments": ("Deducted prepayments", "دفعات مقدمة مخصومة"),
    "supplier": ("Supplier", "المورّد"),
    "name": ("Name", "الاسم"),
    "tax_number": ("VAT number", "الرقم الضريبي"),
}

# (key, title, names of the request's fields); a name that the API knows and nobody placed is put
# into the last one.
SECTIONS: tuple[tuple[str, tuple[str, str], tuple[str, ...]], ...] = (
    (
        "document",
        ("Document", "المستند"),
        (
            "invoice_type", "simplified", "egs_unit", "invoice_number", "invoice_date",
            "currency", "exchange_rate", "mode",
        ),
    ),
    ("note", ("Correction", "التصحيح"), ("note_reason", "billing_reference")),
    (
        "buyer",
        ("Buyer", "المشتري"),
        ("buyer_name", "buyer_tax_number", "buyer_id", "buyer_address"),
    ),
    ("lines", ("Lines", "البنود"), ("line_items",)),
    (
        "adjustments",
        ("Allowances and charges on the whole", "خصومات ورسوم على الإجمالي"),
        ("total_discount", "allowances", "charges"),
    ),
    ("prepayments", ("Prepayments", "الدفعات المقدمة"), ("prepayments", "payable_rounding")),
    (
        "more",
        ("References, dates and payment", "المراجع والتواريخ والدفع"),
        (
            "supply_date", "supply_end_date", "order_reference", "contract_reference",
            "client_reference", "payment_means", "flags", "notes",
        ),
    ),
)  # fmt: skip
# Never a person's to say: the server's own, or sums that follow from the lines.
NOT_ASKED = frozenset(
    {
        "environment", "seller_name", "seller_tax_number", "seller_address", "uuid",
        "previous_invoice_hash", "confirm_production", "total_tax_exclusive", "total_tax_amount",
        "total_amount", "metadata",
    }
)  # fmt: skip

YES_NO_OR_UNSAID = (
    ("", "By the buyer's number", "بحسب المشتري"),
    ("false", "Standard (tax invoice)", "ضريبية"),
    ("true", "Simplified", "مبسطة"),
)
CHOICES: dict[str, tuple[tuple[str, str, str], ...]] = {
    "invoice_type": (
        ("388", "Invoice (388)", "فاتورة (388)"),
        ("381", "Credit note (381)", "إشعار دائن (381)"),
        ("383", "Debit note (383)", "إشعار مدين (383)"),
        ("386", "Prepayment invoice (386)", "فاتورة دفعة مقدمة (386)"),
    ),
    "simplified": YES_NO_OR_UNSAID,
    "mode": (("PHASE_2", "Phase 2", "المرحلة الثانية"), ("PHASE_1", "Phase 1", "المرحلة الأولى")),
    "tax_category": (
        ("S", "S standard", "S أساسية"),
        ("Z", "Z zero", "Z صفرية"),
        ("E", "E exempt", "E معفاة"),
        ("O", "O out of scope", "O خارج النطاق"),
    ),
    "payment_means.code": (
        ("", "—", "—"),
        ("10", "Cash (10)", "نقدًا (10)"),
        ("30", "Credit transfer (30)", "تحويل (30)"),
        ("42", "Bank account (42)", "حساب بنكي (42)"),
        ("48", "Card (48)", "بطاقة (48)"),
        ("1", "Not said (1)", "غير محددة (1)"),
    ),
}


def described(path: str, *, arabic: bool = False) -> str:
    """``line_items[0].unit_price`` as ``Lines 1 · Price``."""
    words, walked = [], ""
    if path.startswith("buyer_"):
        words.append("المشتري" if arabic else "Buyer")
        path = path.removeprefix("buyer_address.").removeprefix("buyer_id.")
    for step in path.split("."):
        name, _, index = step.partition("[")
        walked = f"{walked}.{name}" if walked else name
        named = LABELS.get(walked) or LABELS.get(name)
        word = named[arabic] if named else name.replace("_", " ").capitalize()
        words.append(f"{word} {int(index.rstrip(']')) + 1}" if index else word)
        walked += "[]" if index else ""
    return " · ".join(words)
