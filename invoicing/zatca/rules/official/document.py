"""Official rules about the document as a whole: number, dates, kind, references, currency."""

from invoicing.zatca.rules.catalogue import document as rule
from invoicing.zatca.rules.official.entry import Entries, Entry, about, ours, too_long

_TIME = ("invoice_date", "The invoice date needs a time of day.", "تاريخ الفاتورة يحتاج الوقت.")
_KIND = (
    "invoice_type",
    "The invoice type is 388, 381, 383 or 386.",
    "نوع الفاتورة هو 388 أو 381 أو 383 أو 386.",
)
_CODE = (
    "flags",
    "The marks of the document make a transaction code that ZATCA does not know.",
    "علامات المستند تكوّن رمز معاملة لا تعرفه الهيئة.",
)
_RATE = (
    "exchange_rate",
    "A document in a foreign currency needs one exchange rate to SAR, above zero.",
    "المستند بعملة أجنبية يحتاج سعر صرف واحداً إلى الريال أكبر من صفر.",
)

DOCUMENT: Entries = {
    "BR-02": about("invoice_number", rule.NUMBER),
    "BR-03": Entry("invoice_date", "The invoice needs its date.", "الفاتورة تحتاج تاريخها."),
    "BR-04": Entry(*_KIND),
    "BR-05": about("currency", rule.CURRENCY),
    "BR-53": about("exchange_rate", rule.EXCHANGE_RATE_NEEDED),
    "BR-55": about("billing_reference[].number", rule.NOTE_REFERENCE),
    "BR-CL-01": Entry(*_KIND),
    "BR-CL-03": about("currency", rule.CURRENCY),
    "BR-CL-04": about("currency", rule.CURRENCY),
    "BR-CL-05": about("currency", rule.CURRENCY),
    "BR-CL-16": about("payment_means.code", rule.PAYMENT_CODE),
    "BR-49": about("payment_means.code", rule.PAYMENT_CODE),
    "BR-KSA-03": ours("The document needs a UUID.", "المستند يحتاج معرفاً فريداً (UUID)."),
    "BR-KSA-04": about("invoice_date", rule.ISSUE_DATE),
    "BR-KSA-05": Entry(*_KIND),
    "BR-KSA-06": Entry(*_CODE),
    "BR-KSA-07": about("flags.self_billed", rule.EXPORT_SELF_BILLED),
    "BR-KSA-15": about("supply_date", rule.SUPPLY_DATE),
    "BR-KSA-16": about("payment_means.code", rule.PAYMENT_CODE),
    "BR-KSA-17": about("note_reason", rule.NOTE_REASON),
    "BR-KSA-26": ours(
        "The hash of the previous document (PIH) must be the base64 text of a SHA-256.",
        "بصمة المستند السابق (PIH) يجب أن تكون نص base64 لبصمة SHA-256.",
    ),
    "BR-KSA-27": ours("The document needs a QR code.", "المستند يحتاج رمز استجابة سريعة."),
    "BR-KSA-28": ours("The mark of the stamp is wrong.", "معرف الختم غير صحيح."),
    "BR-KSA-29": ours("The mark of the stamp is wrong.", "معرف الختم غير صحيح."),
    "BR-KSA-30": ours("The method of the stamp is wrong.", "طريقة الختم غير صحيحة."),
    "BR-KSA-31": about("flags.self_billed", rule.SIMPLIFIED_SELF_BILLED),
    "BR-KSA-33": ours("The document needs its counter (ICV).", "المستند يحتاج عداده (ICV)."),
    "BR-KSA-34": ours("The counter (ICV) is digits only.", "العداد (ICV) أرقام فقط."),
    "BR-KSA-35": about("supply_date", rule.SUPPLY_END_ALONE),
    "BR-KSA-36": about("supply_end_date", rule.SUPPLY_END_EARLY),
    "BR-KSA-56": about("billing_reference", rule.NOTE_REFERENCE),
    "BR-KSA-60": ours("A simplified document needs a stamp.", "المستند المبسط يحتاج ختماً."),
    "BR-KSA-61": ours(
        "The document needs the hash of the previous one (PIH).",
        "المستند يحتاج بصمة المستند السابق (PIH).",
    ),
    "BR-KSA-68": ours("The tax currency must be given.", "يجب ذكر عملة الضريبة."),
    "BR-KSA-70": Entry(*_TIME),
    "BR-KSA-71": about("buyer_name", rule.SUMMARY_BUYER),
    "BR-KSA-72": about("supply_end_date", rule.SUMMARY_DATES),
    "BR-KSA-87": Entry(*_RATE),
    "BR-KSA-88": Entry(*_RATE),
    "BR-KSA-89": Entry(*_RATE),
    "BR-KSA-90": about("exchange_rate", rule.EXCHANGE_RATE_LENGTH),
    "BR-KSA-92": about("contract_reference", rule.B2G_CONTRACT),
    "BR-KSA-97": about("exchange_rate", rule.EXCHANGE_RATE_SAME),
    "BR-KSA-98": Entry(
        "invoice_date",
        "A simplified document must reach ZATCA within 24 hours of its issue.",
        "يجب أن يصل المستند المبسط إلى الهيئة خلال 24 ساعة من إصداره.",
    ),
    "BR-KSA-CL-01": about("currency", rule.CURRENCY),
    "BR-KSA-CL-02": ours(
        "Every amount must name the currency of the document.",
        "يجب أن يحمل كل مبلغ عملة المستند.",
    ),
    "BR-KSA-CL-03": ours("An attachment has the wrong type.", "نوع أحد المرفقات غير صحيح."),
    "BR-KSA-EN16931-01": ours("The business process is reporting:1.0.", "نوع العملية غير صحيح."),
    "BR-KSA-EN16931-02": ours("The tax currency must be SAR.", "عملة الضريبة هي الريال السعودي."),
    "BR-KSA-F-01": Entry(
        "invoice_date",
        "Dates are written as YYYY-MM-DD.",
        "تُكتب التواريخ بالصيغة YYYY-MM-DD.",
    ),
    "BR-KSA-F-02": ours("An allowance or charge lacks its mark.", "ينقص علامة الخصم أو الرسم."),
    "BR-KSA-F-03": Entry(
        None, "Leave a field out instead of sending blanks.", "احذف الحقل بدلاً من إرسال فراغات."
    ),
    "BR-KSA-F-04": Entry(
        "line_items[].quantity",
        "Amounts and quantities must not be negative, on credit notes neither.",
        "يجب ألا تكون المبالغ والكميات سالبة، حتى في الإشعارات الدائنة.",
    ),
    "BR-KSA-F-06-C1": about("invoice_number", rule.NUMBER),
    "BR-KSA-F-06-C2": about("notes[]", rule.NOTE_TEXT),
    "BR-KSA-F-06-C3": about("order_reference", rule.ORDER_REFERENCE),
    "BR-KSA-F-06-C5": about("contract_reference", rule.CONTRACT_REFERENCE),
    "BR-KSA-F-06-C13": too_long("note_reason", "The reason of a note", "سبب الإشعار", 1000, 1),
    "BR-KSA-F-06-C14": about("payment_means.terms", rule.PAYMENT_TERMS),
    "BR-KSA-F-06-C15": about("payment_means.account", rule.PAYMENT_ACCOUNT),
    "BR-KSA-F-06-C22": about("billing_reference[].number", rule.REFERENCE_LENGTH),
    "BR-KSA-F-06-C40": Entry(*_CODE),
    "BR-CL-KSA-14": Entry(
        "seller_name",
        "The QR code is longer than 1000 characters: the seller's registered name is too long.",
        "رمز الاستجابة أطول من 1000 حرف: الاسم المسجل للبائع طويل.",
    ),
}
