"""Sentences about lines, categories, exemptions, allowances, charges and prepayments."""

from invoicing.zatca.rules.finding import Rule

NO_LINES = Rule(
    "BR-16", "A document needs at least one line.", "يحتاج المستند بنداً واحداً على الأقل."
)
TOO_MANY_LINES = Rule(
    "BR-KSA-F-06-C17",
    "A document has at most 999999 lines.",
    "لا يزيد المستند على 999999 بنداً.",
)
LINE_NAME = Rule(
    "BR-KSA-F-06-C19", "The name has 3 to 1000 characters.", "الاسم من 3 إلى 1000 حرف."
)
LINE_NAME_DIGITS = Rule(
    "BR-KSA-F-C-01",
    "The name must say what is supplied; digits alone do not.",
    "يجب أن يصف الاسم ما تم توريده؛ الأرقام وحدها لا تكفي.",
)
UNIT_CODE = Rule(
    "BR-KSA-F-06-C18",
    "The unit code has 1 to 127 characters.",
    "رمز الوحدة من 1 إلى 127 حرفاً.",
)
QUANTITY = Rule("BR-22", "The quantity must be above zero.", "يجب أن تكون الكمية أكبر من صفر.")
NOT_NEGATIVE = Rule("BR-KSA-F-04", "The value must not be negative.", "يجب ألا تكون القيمة سالبة.")
BASE_QUANTITY = Rule(
    "BR-KSA-EN16931-12",
    "The base quantity must be above zero.",
    "يجب أن تكون كمية الأساس أكبر من صفر.",
)
PRICE_DISCOUNT = Rule(
    "BR-KSA-EN16931-07",
    "The price discount must lie between zero and the unit price.",
    "يجب أن يكون خصم السعر بين صفر وسعر الوحدة.",
)

# Categories, rates, exemptions
RATE_STANDARD = Rule("BR-KSA-84", "Category S has a rate of 15 or 5.", "نسبة الفئة S هي 15 أو 5.")
RATE_ZERO = {
    "Z": Rule("BR-Z-05", "Category Z has the rate 0.", "نسبة الفئة Z هي 0."),
    "E": Rule("BR-E-05", "Category E has the rate 0.", "نسبة الفئة E هي 0."),
    "O": Rule("BR-KSA-11", "Category O has the rate 0.", "نسبة الفئة O هي 0."),
}
EXEMPTION_ON_STANDARD = Rule(
    "BR-S-10",
    "Category S carries no exemption.",
    "الفئة S لا تحمل إعفاء.",
)
EXEMPTION_NEEDED = {
    "Z": Rule(
        "BR-KSA-69",
        "Zero rated supplies need an exemption code.",
        "التوريدات الخاضعة لنسبة الصفر تحتاج رمز السبب.",
    ),
    "E": Rule(
        "BR-KSA-23",
        "Exempt supplies need an exemption code.",
        "التوريدات المعفاة تحتاج رمز الإعفاء.",
    ),
    "O": Rule(
        "BR-KSA-24",
        "Supplies out of scope need the code VATEX-SA-OOS.",
        "التوريدات خارج نطاق الضريبة تحتاج الرمز VATEX-SA-OOS.",
    ),
}
EXEMPTION_CODE = Rule(
    "BR-KSA-CL-04",
    "The exemption code does not belong to this category.",
    "رمز الإعفاء لا يخص هذه الفئة.",
)
EXEMPTION_REASON_NEEDED = Rule(
    "BR-KSA-83",
    "VATEX-SA-OOS needs the reason in words, in 1 to 1000 characters.",
    "الرمز VATEX-SA-OOS يحتاج السبب مكتوباً من 1 إلى 1000 حرف.",
)
EXEMPTION_REASON_FIXED = Rule(
    "DAFTAR-EXEMPTION-REASON",
    "This exemption code has an official text, which is written for you; leave the reason out.",
    "لرمز الإعفاء هذا نص رسمي يُكتب تلقائياً؛ احذف السبب.",
)
REASONS_TOGETHER = Rule(
    "BR-KSA-F-06-C16",
    "The different reasons of one document for VATEX-SA-OOS have 1000 characters together at most.",
    "الأسباب المختلفة للرمز VATEX-SA-OOS في المستند الواحد لا تزيد مجتمعة على 1000 حرف.",
)
ONE_EXEMPTION = Rule(
    "DAFTAR-ONE-EXEMPTION",
    "A document can state one exemption code per VAT category; split it into two documents.",
    "يذكر المستند رمز إعفاء واحداً لكل فئة ضريبية؛ قسّمه إلى مستندين.",
)

# Allowances, charges, prepayments
ADJUSTMENT_VALUE = Rule(
    "DAFTAR-ADJUSTMENT",
    "Give either an amount, or a percent and a base.",
    "حدد المبلغ، أو النسبة مع أساسها.",
)
PERCENT_ALONE = Rule("BR-KSA-EN16931-04", "A percent needs its base.", "النسبة تحتاج أساسها.")
BASE_ALONE = Rule("BR-KSA-EN16931-05", "A base needs its percent.", "الأساس يحتاج نسبته.")
PERCENT = Rule(
    "BR-KSA-DEC-01",
    "The percent lies between 0 and 100 and has at most two decimals.",
    "النسبة بين 0 و100 وبمنزلتين عشريتين على الأكثر.",
)
AMOUNT_DECIMALS = Rule(
    "BR-DEC-01",
    "The amount has at most two decimals.",
    "المبلغ لا يزيد على منزلتين عشريتين.",
)
ADJUSTMENT_CATEGORY = Rule(
    "BR-32",
    "A document level allowance or charge needs tax category and tax rate.",
    "الخصم أو الرسم على مستوى المستند يحتاج الفئة الضريبية ونسبتها.",
)
CHARGE_CODE = Rule(
    "BR-KSA-CL-06",
    "A charge needs a reason code of UNTDID 7161, such as CG or LF.",
    "الرسم يحتاج رمز سبب من UNTDID 7161 مثل CG أو LF.",
)
CHARGE_REASON = Rule("BR-KSA-21", "A charge needs its reason in words.", "الرسم يحتاج سببه مكتوباً.")
REASON_LENGTH = Rule(
    "BR-KSA-F-06-C33",
    "The reason has at most 1000 characters.",
    "السبب لا يزيد على 1000 حرف.",
)
PREPAYMENT_NUMBER = Rule(
    "BR-KSA-73",
    "A prepayment needs the number of its invoice.",
    "الدفعة المقدمة تحتاج رقم فاتورتها.",
)
PREPAYMENT_DATE = Rule(
    "BR-KSA-04",
    "A prepayment must have been invoiced before it is deducted.",
    "يجب أن تسبق فاتورة الدفعة المقدمة الفاتورة التي تخصمها.",
)
PREPAYMENT_OF_NOTHING = Rule(
    "BR-KSA-80",
    "A prepayment is above zero; leave it out otherwise.",
    "الدفعة المقدمة أكبر من صفر، وإلا فاحذفها.",
)
PREPAYMENT_TAX = Rule(
    "BR-KSA-79",
    "The prepayment's VAT must be its taxable amount times its rate.",
    "ضريبة الدفعة المقدمة يجب أن تساوي مبلغها الخاضع مضروباً في النسبة.",
)
PREPAYMENT_CATEGORY = Rule(
    "DAFTAR-PREPAYMENT-CATEGORY",
    "The prepayment's VAT category must be one of the document's own.",
    "فئة الدفعة المقدمة يجب أن تكون من فئات المستند نفسه.",
)
PREPAYMENT_EXEMPTION = Rule(
    "BR-KSA-CL-07",
    "This exemption code cannot be used for a prepayment.",
    "لا يمكن استخدام رمز الإعفاء هذا للدفعة المقدمة.",
)
PREPAYMENT_KIND = Rule(
    "DAFTAR-PREPAYMENT-KIND",
    "Only an invoice deducts prepayments.",
    "خصم الدفعات المقدمة يكون في الفاتورة فقط.",
)
