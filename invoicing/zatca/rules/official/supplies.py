"""Official rules about lines, VAT categories, allowances, charges, prepayments and sums."""

from invoicing.zatca.rules.catalogue import supplies as rule
from invoicing.zatca.rules.official.entry import Entries, Entry, about, decimals, ours, too_long

RATE = "line_items[].tax_rate"
CATEGORY = "line_items[].tax_category"
NAMES = {
    "S": ("standard rated", "الخاضعة للنسبة الأساسية"),
    "Z": ("zero rated", "الخاضعة لنسبة الصفر"),
    "E": ("exempt", "المعفاة"),
    "O": ("out of scope", "خارج نطاق الضريبة"),
}


def _category_family() -> Entries:
    """BR-S-01 to BR-O-10: the same rules for each category."""
    found: Entries = {}
    for letter, (name, name_ar) in NAMES.items():
        zero = rule.RATE_STANDARD if letter == "S" else rule.RATE_ZERO[letter]
        found[f"BR-{letter}-01"] = Entry(
            CATEGORY,
            f"The VAT breakdown needs exactly one row for {name} supplies.",
            f"تفصيل الضريبة يحتاج صفاً واحداً للتوريدات {name_ar}.",
        )
        found[f"BR-{letter}-05"] = about(RATE, zero)
        found[f"BR-{letter}-06"] = about("allowances[].tax_rate", zero)
        found[f"BR-{letter}-07"] = about("charges[].tax_rate", zero)
        found[f"BR-{letter}-08"] = Entry(
            "line_items",
            f"The taxable amount of {name} supplies must be the sum of their lines, less "
            "allowances, plus charges.",
            f"المبلغ الخاضع للتوريدات {name_ar} يساوي مجموع بنودها ناقص الخصومات زائد الرسوم.",
        )
        found[f"BR-{letter}-09"] = Entry(
            RATE,
            f"The VAT of {name} supplies must be their taxable amount times the rate.",
            f"ضريبة التوريدات {name_ar} تساوي مبلغها الخاضع مضروباً في النسبة.",
        )
    found["BR-S-10"] = about("line_items[].exemption_code", rule.EXEMPTION_ON_STANDARD)
    return found


_LINES: Entries = {
    "BR-16": about("line_items", rule.NO_LINES),
    "BR-21": ours("Every line needs its number.", "كل بند يحتاج رقمه."),
    "BR-22": about("line_items[].quantity", rule.QUANTITY),
    "BR-24": ours("Every line needs its net amount.", "كل بند يحتاج صافي مبلغه."),
    "BR-25": about("line_items[].name", rule.LINE_NAME),
    "BR-26": Entry("line_items[].unit_price", "Every line needs a price.", "كل بند يحتاج سعراً."),
    "BR-CO-04": Entry(CATEGORY, "Every line needs a VAT category.", "كل بند يحتاج فئة ضريبية."),
    "BR-CL-18": Entry(
        CATEGORY, "The VAT category is S, Z, E or O.", "الفئة الضريبية S أو Z أو E أو O."
    ),
    "BR-KSA-18": Entry(
        CATEGORY, "The VAT category is S, Z, E or O.", "الفئة الضريبية S أو Z أو E أو O."
    ),
    "BR-KSA-11": about(RATE, rule.RATE_ZERO["O"]),
    "BR-KSA-84": about(RATE, rule.RATE_STANDARD),
    "BR-KSA-51": Entry(
        "line_items[]",
        "The line's total must be its net amount plus its VAT.",
        "إجمالي البند يساوي صافيه زائد ضريبته.",
    ),
    "BR-KSA-52": ours("Every line needs its VAT.", "كل بند يحتاج ضريبته."),
    "BR-KSA-53": ours("Every line needs its total.", "كل بند يحتاج إجماليه."),
    "BR-KSA-EN16931-06": Entry(
        "line_items[].price_discount",
        "A price can be discounted and never charged upon.",
        "يُخصم من السعر ولا يُضاف إليه رسم.",
    ),
    "BR-KSA-EN16931-07": about("line_items[].price_discount", rule.PRICE_DISCOUNT),
    "BR-KSA-EN16931-11": Entry(
        "line_items[].quantity",
        "The line's net amount must be quantity times price, plus charges, less allowances.",
        "صافي البند يساوي الكمية مضروبة في السعر زائد الرسوم ناقص الخصومات.",
    ),
    "BR-KSA-EN16931-12": about("line_items[].base_quantity", rule.BASE_QUANTITY),
    "BR-KSA-F-06-C17": about("line_items", rule.TOO_MANY_LINES),
    "BR-KSA-F-06-C18": about("line_items[].unit_code", rule.UNIT_CODE),
    "BR-KSA-F-06-C19": about("line_items[].name", rule.LINE_NAME),
    "BR-KSA-F-C-01": about("line_items[].name", rule.LINE_NAME_DIGITS),
    "BR-KSA-23": about("line_items[].exemption_code", rule.EXEMPTION_NEEDED["E"]),
    "BR-KSA-24": about("line_items[].exemption_code", rule.EXEMPTION_NEEDED["O"]),
    "BR-KSA-69": about("line_items[].exemption_code", rule.EXEMPTION_NEEDED["Z"]),
    "BR-KSA-83": about("line_items[].exemption_reason", rule.EXEMPTION_REASON_NEEDED),
    "BR-KSA-CL-04": about("line_items[].exemption_code", rule.EXEMPTION_CODE),
    "BR-KSA-F-06-C16": too_long(
        "line_items[].exemption_reason", "The reason of an exemption", "سبب الإعفاء", 1000, 1
    ),
}

_ADJUSTMENTS: Entries = {
    "BR-31": about("allowances[].amount", rule.ADJUSTMENT_VALUE),
    "BR-32": about("allowances[].tax_category", rule.ADJUSTMENT_CATEGORY),
    "BR-36": about("charges[].amount", rule.ADJUSTMENT_VALUE),
    "BR-37": about("charges[].tax_category", rule.ADJUSTMENT_CATEGORY),
    "BR-41": about("line_items[].allowances[].amount", rule.ADJUSTMENT_VALUE),
    "BR-43": about("line_items[].charges[].amount", rule.ADJUSTMENT_VALUE),
    "BR-KSA-19": about("charges[].reason_code", rule.CHARGE_CODE),
    "BR-KSA-20": about("line_items[].charges[].reason_code", rule.CHARGE_CODE),
    "BR-KSA-21": about("charges[].reason", rule.CHARGE_REASON),
    "BR-KSA-22": about("line_items[].charges[].reason", rule.CHARGE_REASON),
    "BR-KSA-CL-06": about("charges[].reason_code", rule.CHARGE_CODE),
    "BR-KSA-DEC-01": about("allowances[].percent", rule.PERCENT),
    "BR-KSA-DEC-02": Entry(
        RATE,
        "A VAT rate lies between 0 and 100 and has at most two decimals.",
        "نسبة الضريبة بين 0 و100 وبمنزلتين عشريتين على الأكثر.",
    ),
    "BR-KSA-EN16931-03": Entry(
        "allowances[].percent",
        "The amount must be the base times the percent.",
        "المبلغ يساوي الأساس مضروباً في النسبة.",
    ),
    "BR-KSA-EN16931-04": about("allowances[].base", rule.PERCENT_ALONE),
    "BR-KSA-EN16931-05": about("allowances[].percent", rule.BASE_ALONE),
    "BR-KSA-F-06-C33": about("allowances[].reason", rule.REASON_LENGTH),
    "BR-KSA-F-06-C35": about("allowances[].reason", rule.REASON_LENGTH),
}

_PREPAYMENTS: Entries = {
    "BR-KSA-73": about("prepayments[].number", rule.PREPAYMENT_NUMBER),
    "BR-KSA-74": ours("An advance is a document of type 386.", "الدفعة المقدمة مستند نوعه 386."),
    "BR-KSA-75": Entry(
        "prepayments[].tax_category",
        "A prepayment needs its VAT category, rate, taxable amount and VAT.",
        "الدفعة المقدمة تحتاج فئتها الضريبية ونسبتها ومبلغها الخاضع وضريبتها.",
    ),
    "BR-KSA-76": about("prepayments[].tax_rate", rule.RATE_ZERO["Z"]),
    "BR-KSA-77": about("prepayments[].tax_rate", rule.RATE_ZERO["E"]),
    "BR-KSA-79": about("prepayments[].tax", rule.PREPAYMENT_TAX),
    "BR-KSA-80": Entry(
        "prepayments",
        "The prepaid amount must be the sum of the prepayments with their VAT.",
        "المبلغ المدفوع مقدماً يساوي مجموع الدفعات المقدمة مع ضريبتها.",
    ),
    "BR-KSA-82": ours(
        "The line of a prepayment has no amounts of its own.", "بند الدفعة المقدمة لا مبالغ له."
    ),
    "BR-KSA-CL-07": about("prepayments[].exemption_code", rule.PREPAYMENT_EXEMPTION),
    "BR-KSA-DEC-06": decimals("prepayments[].taxable", "A prepayment", "الدفعة المقدمة"),
}

_SUMS: Entries = {
    "BR-13": ours("The total without VAT is missing.", "الإجمالي دون الضريبة مفقود."),
    "BR-14": ours("The total with VAT is missing.", "الإجمالي مع الضريبة مفقود."),
    "BR-15": ours("The payable amount is missing.", "المبلغ المستحق مفقود."),
    "BR-45": ours("A row of the VAT breakdown lacks its amount.", "صف ضريبي دون مبلغ خاضع."),
    "BR-46": ours("A row of the VAT breakdown lacks its VAT.", "صف ضريبي دون ضريبة."),
    "BR-47": ours("A row of the VAT breakdown lacks its category.", "صف ضريبي دون فئة."),
    "BR-48": ours("A row of the VAT breakdown lacks its rate.", "صف ضريبي دون نسبة."),
    "BR-CO-10": Entry(
        "line_items",
        "The sum of the lines must be the lines' net amounts added up.",
        "مجموع البنود يساوي صافي البنود مجموعة.",
    ),
    "BR-CO-11": Entry(
        "allowances",
        "The sum of allowances must be the document's allowances added up.",
        "مجموع الخصومات يساوي خصومات المستند مجموعة.",
    ),
    "BR-CO-12": Entry(
        "charges",
        "The sum of charges must be the document's charges added up.",
        "مجموع الرسوم يساوي رسوم المستند مجموعة.",
    ),
    "BR-CO-13": Entry(
        "total_tax_exclusive",
        "The total without VAT must be the lines, less allowances, plus charges.",
        "الإجمالي دون الضريبة يساوي البنود ناقص الخصومات زائد الرسوم.",
    ),
    "BR-CO-14": Entry(
        "total_tax_amount",
        "The VAT total must be the sum of the categories' VAT.",
        "إجمالي الضريبة يساوي مجموع ضرائب الفئات.",
    ),
    "BR-CO-15": Entry(
        "total_amount",
        "The total with VAT must be the total without VAT plus the VAT.",
        "الإجمالي مع الضريبة يساوي الإجمالي دونها زائد الضريبة.",
    ),
    "BR-CO-16": Entry(
        "prepayments",
        "The payable amount must be the total with VAT, less prepayments, plus rounding.",
        "المبلغ المستحق يساوي الإجمالي ناقص المدفوع مقدماً زائد التقريب.",
    ),
    "BR-CO-17": Entry(
        RATE,
        "The VAT of a category must be its taxable amount times its rate.",
        "ضريبة الفئة تساوي مبلغها الخاضع مضروباً في نسبتها.",
    ),
    "BR-CO-18": ours("The VAT breakdown is missing.", "تفصيل الضريبة مفقود."),
    "BR-KSA-EN16931-08": ours(
        "The VAT breakdown must stand once.", "يجب أن يرد تفصيل الضريبة مرة واحدة."
    ),
    "BR-KSA-EN16931-09": ours(
        "The VAT in riyals must stand once.", "يجب أن ترد الضريبة بالريال مرة واحدة."
    ),
}

_TWO_DECIMALS: Entries = {
    "BR-DEC-01": decimals("allowances[].amount", "An allowance", "الخصم"),
    "BR-DEC-02": decimals("allowances[].base", "The base of an allowance", "أساس الخصم"),
    "BR-DEC-05": decimals("charges[].amount", "A charge", "الرسم"),
    "BR-DEC-06": decimals("charges[].base", "The base of a charge", "أساس الرسم"),
    "BR-DEC-09": decimals("line_items", "The sum of the lines", "مجموع البنود"),
    "BR-DEC-10": decimals("allowances", "The sum of allowances", "مجموع الخصومات"),
    "BR-DEC-11": decimals("charges", "The sum of charges", "مجموع الرسوم"),
    "BR-DEC-12": decimals("total_tax_exclusive", "The total without VAT", "الإجمالي دون الضريبة"),
    "BR-DEC-13": decimals("total_tax_amount", "The VAT total", "إجمالي الضريبة"),
    "BR-DEC-14": decimals("total_amount", "The total with VAT", "الإجمالي مع الضريبة"),
    "BR-DEC-15": decimals("exchange_rate", "The VAT in riyals", "الضريبة بالريال"),
    "BR-DEC-16": decimals("prepayments", "The prepaid amount", "المدفوع مقدماً"),
    "BR-DEC-17": decimals("payable_rounding", "The payable rounding", "تقريب المبلغ المستحق"),
    "BR-DEC-18": decimals("payable_rounding", "The payable amount", "المبلغ المستحق"),
    "BR-DEC-19": decimals("line_items", "A taxable amount", "المبلغ الخاضع"),
    "BR-DEC-20": decimals("line_items", "The VAT of a category", "ضريبة الفئة"),
    "BR-DEC-23": decimals("line_items[]", "The net amount of a line", "صافي البند"),
    "BR-DEC-24": decimals("line_items[].allowances[].amount", "An allowance", "الخصم"),
    "BR-DEC-25": decimals("line_items[].allowances[].base", "The base", "الأساس"),
    "BR-DEC-27": decimals("line_items[].charges[].amount", "A charge", "الرسم"),
    "BR-DEC-28": decimals("line_items[].charges[].base", "The base", "الأساس"),
    "BR-KSA-DEC-03": decimals("line_items[]", "The VAT of a line", "ضريبة البند"),
    "BR-KSA-DEC-04": decimals("line_items[]", "The total of a line", "إجمالي البند"),
}

SUPPLIES: Entries = {
    **_category_family(),
    **_LINES,
    **_ADJUSTMENTS,
    **_PREPAYMENTS,
    **_SUMS,
    **_TWO_DECIMALS,
}
