"""What the findings about a bill say in Arabic, by their codes. Pure; no Django."""

SENTENCES = {
    "INACTIVE_REFERENCE": "هذا المرجع لم يعد مستخدمًا.",
    "CANCELLED_AFTER_ITS_MONTH": "إن كان إقرار GST لذلك الشهر قد قُدِّم فالسبيل إشعار دائن "
    "(المادة 34).",
    "CASH_LIMIT": "لا يجوز نظامًا قبض مئتي ألف روبية أو أكثر نقدًا من شخص واحد في يوم (269ST).",
    "INVALID_GSTIN": "رقم GSTIN غير صحيح: شكله أو رقم التحقق فيه خاطئ.",
    "INVALID_INVOICE_NUMBER": "لا يصلح رقمًا لفاتورة ضريبية: 16 خانة على الأكثر من حروف وأرقام "
    "و- و/.",
    "INVALID_PHONE": "ليس رقم جوال هنديًا.",
    "MISSING_ITEM_REFERENCE": "السطر لفحص واحد أو لباقة واحدة.",
    "NOT_PAISA_EXACT": "للمبلغ منزلتان عشريتان على الأكثر.",
    "ORDER_ALREADY_INVOICED": "سبقت فوترة طلب الفحص هذا.",
    "ORDER_OF_ANOTHER_PATIENT": "طلب الفحص لمريض آخر.",
    "PATIENT_DIFFERS": "المريض مسجل هنا باسم آخر.",
    "ROUNDOFF_NOT_TO_RUPEE": "لا يجعل التقريبُ الإجماليَّ روبية كاملة.",
    "SUPPLIER_GSTIN_MISSING": "احتُسبت ضريبة GST ولم يُحدَّد رقم GSTIN للمختبر.",
    "TAX_SPLIT_INVALID": "توزيع الضريبة غير صحيح: داخل الولاية CGST وSGST متساويتان، وبين "
    "ولايتين IGST وحدها، ولا ضريبة على توريد معفى.",
    "UNKNOWN_REFERENCE": "هذا المرجع غير معروف هنا.",
    "required": "هذا الحقل مطلوب.",
}
# Of codes that say several things: by the field that they are about.
OF_FIELDS = {
    "due_date": "لا يجوز أن يسبق تاريخُ الاستحقاق تاريخَ الفاتورة.",
    "line_no": "رقم السطر مستخدم مرتين.",
}
# How the limits are called that stand where another finding has the right amount.
LIMITS = (("at most", "بحد أقصى"), ("or more", "أو أكثر"))


def sentence(code: str, param: str, expected: str | None, got: str | None) -> str:
    """The finding in Arabic; where arithmetic is at stake, with what would have been right."""
    if code in SENTENCES:
        return SENTENCES[code]
    if expected is not None:
        for english, arabic in LIMITS:
            expected = expected.replace(english, arabic)
        return f"يجب أن تكون قيمة {param}: {expected}؛ وهي {got}."
    return OF_FIELDS.get(param.rpartition(".")[2], "القيمة غير صالحة.")
