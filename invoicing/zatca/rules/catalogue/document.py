"""Sentences about a document as a whole."""

from invoicing.zatca.rules.finding import Rule

NUMBER = Rule(
    "BR-KSA-F-06-C1",
    "The invoice number has 1 to 127 characters.",
    "رقم الفاتورة من 1 إلى 127 حرفاً.",
)
ISSUE_DATE = Rule(
    "BR-KSA-04",
    "The invoice date must not be in the future.",
    "يجب ألا يكون تاريخ الفاتورة في المستقبل.",
)
NOTE_TEXT = Rule(
    "BR-KSA-F-06-C2", "A note has at most 1000 characters.", "الملاحظة لا تزيد على 1000 حرف."
)
CURRENCY = Rule(
    "BR-KSA-CL-01",
    "The currency must be a code of ISO 4217.",
    "يجب أن تكون العملة رمزاً من ISO 4217.",
)
EXCHANGE_RATE_NEEDED = Rule(
    "BR-53",
    "A document in a foreign currency needs the exchange rate to SAR, above zero.",
    "المستند بعملة أجنبية يحتاج سعر صرف إلى الريال أكبر من صفر.",
)
EXCHANGE_RATE_IN_SAR = Rule(
    "DAFTAR-EXCHANGE-RATE",
    "A document in SAR has no exchange rate.",
    "المستند بالريال السعودي ليس له سعر صرف.",
)
EXCHANGE_RATE_LENGTH = Rule(
    "BR-KSA-90",
    "The exchange rate has at most 14 characters.",
    "سعر الصرف لا يزيد على 14 خانة.",
)
EXCHANGE_RATE_SAME = Rule(
    "BR-KSA-97",
    "VAT in SAR must differ from VAT in the foreign currency; check the exchange rate.",
    "يجب أن تختلف الضريبة بالريال عن الضريبة بالعملة الأجنبية؛ راجع سعر الصرف.",
)
EXPORT_SELF_BILLED = Rule(
    "BR-KSA-07",
    "An export document cannot be self-billed.",
    "لا يجوز أن يكون مستند التصدير مفوتراً ذاتياً.",
)
SIMPLIFIED_SELF_BILLED = Rule(
    "BR-KSA-31",
    "A simplified document cannot be self-billed.",
    "لا يجوز أن يكون المستند المبسط مفوتراً ذاتياً.",
)
NOMINAL_MISTAKEN = Rule(
    "DAFTAR-NOMINAL",
    "A simplified nominal document cannot be marked continuous or to the government too: "
    "ZATCA's rules would take its code for a standard document's.",
    "لا يمكن وسم المستند المبسط للتوريد الاسمي بأنه مستمر أو موجه إلى جهة حكومية: "
    "إذ تحسبه قواعد الهيئة مستنداً ضريبياً.",
)
B2G_CONTRACT = Rule(
    "BR-KSA-92",
    "A document to a government body needs the contract reference.",
    "المستند الموجه إلى جهة حكومية يحتاج مرجع العقد.",
)
SUMMARY_BUYER = Rule(
    "BR-KSA-71",
    "A simplified summary invoice needs the buyer's name.",
    "الفاتورة المبسطة الملخصة تحتاج اسم المشتري.",
)
SUMMARY_DATES = Rule(
    "BR-KSA-72",
    "A simplified summary invoice needs the supply date and the supply end date.",
    "الفاتورة المبسطة الملخصة تحتاج تاريخ التوريد وتاريخ نهايته.",
)
SUPPLY_DATE = Rule(
    "BR-KSA-15",
    "A standard tax invoice needs the supply date.",
    "الفاتورة الضريبية تحتاج تاريخ التوريد.",
)
SUPPLY_END_ALONE = Rule(
    "BR-KSA-35",
    "A supply end date needs a supply date.",
    "تاريخ نهاية التوريد يحتاج تاريخ التوريد.",
)
SUPPLY_END_EARLY = Rule(
    "BR-KSA-36",
    "The supply end date must not be before the supply date.",
    "يجب ألا يسبق تاريخ نهاية التوريد تاريخ التوريد.",
)
NOTE_REFERENCE = Rule(
    "BR-KSA-56",
    "A credit or debit note needs the number of the original invoice.",
    "الإشعار الدائن أو المدين يحتاج رقم الفاتورة الأصلية.",
)
REFERENCE_LENGTH = Rule(
    "BR-KSA-F-06-C22",
    "The number of the original invoice has 1 to 5000 characters.",
    "رقم الفاتورة الأصلية من 1 إلى 5000 حرف.",
)
REFERENCE_DATE = Rule(
    "BR-KSA-04",
    "The original invoice must not be dated after the document that refers to it.",
    "يجب ألا يكون تاريخ الفاتورة الأصلية بعد تاريخ المستند الذي يشير إليها.",
)
NOTE_REASON = Rule(
    "BR-KSA-17",
    "A credit or debit note needs its reason, in 1 to 1000 characters.",
    "الإشعار الدائن أو المدين يحتاج سبب إصداره من 1 إلى 1000 حرف.",
)
ORDER_REFERENCE = Rule(
    "BR-KSA-F-06-C3",
    "The order reference has at most 127 characters.",
    "مرجع أمر الشراء لا يزيد على 127 حرفاً.",
)
CONTRACT_REFERENCE = Rule(
    "BR-KSA-F-06-C5",
    "The contract reference has at most 127 characters.",
    "مرجع العقد لا يزيد على 127 حرفاً.",
)
PAYMENT_CODE = Rule(
    "BR-KSA-16",
    "The payment means must be a code of UNTDID 4461, such as 10, 30, 42, 48 or 1.",
    "يجب أن تكون وسيلة الدفع رمزاً من UNTDID 4461 مثل 10 أو 30 أو 42 أو 48 أو 1.",
)
PAYMENT_ACCOUNT = Rule(
    "BR-KSA-F-06-C15",
    "The payment account has at most 127 characters.",
    "رقم حساب الدفع لا يزيد على 127 حرفاً.",
)
PAYMENT_TERMS = Rule(
    "BR-KSA-F-06-C14",
    "The payment terms have at most 1000 characters.",
    "شروط الدفع لا تزيد على 1000 حرف.",
)
ROUNDING_DECIMALS = Rule(
    "BR-DEC-17",
    "The payable rounding has at most two decimals.",
    "تقريب المبلغ المستحق لا يزيد على منزلتين عشريتين.",
)
NEGATIVE_TOTAL = Rule(
    "BR-KSA-F-04",
    "Allowances must not exceed what they are deducted from.",
    "يجب ألا تتجاوز الخصومات المبلغ الذي تُخصم منه.",
)
TOO_LARGE = Rule(
    "DAFTAR-AMOUNT",
    "The sums of a document have at most 15 digits: less than 10,000,000,000,000.00.",
    "مبالغ المستند لا تزيد على 15 رقماً: أقل من 10,000,000,000,000.00.",
)
NEGATIVE_PAYABLE = Rule(
    "DAFTAR-PAYABLE",
    "Prepayments and rounding must not exceed the total with VAT.",
    "يجب ألا تتجاوز الدفعات المقدمة والتقريب الإجمالي شامل الضريبة.",
)
