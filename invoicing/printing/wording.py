"""The words of a printed document, in Arabic and in English."""

from typing import NamedTuple


class Words(NamedTuple):
    """One label in both languages."""

    ar: str
    en: str


# By type code (BT-3) and form: standard, simplified.
TITLES = {
    ("388", False): Words("فاتورة ضريبية", "Tax Invoice"),
    ("388", True): Words("فاتورة ضريبية مبسطة", "Simplified Tax Invoice"),
    ("381", False): Words("إشعار دائن لفاتورة ضريبية", "Tax Invoice Credit Note"),
    ("381", True): Words("إشعار دائن لفاتورة ضريبية مبسطة", "Simplified Tax Invoice Credit Note"),
    ("383", False): Words("إشعار مدين لفاتورة ضريبية", "Tax Invoice Debit Note"),
    ("383", True): Words("إشعار مدين لفاتورة ضريبية مبسطة", "Simplified Tax Invoice Debit Note"),
    ("386", False): Words("فاتورة ضريبية لدفعة مقدمة", "Prepayment Tax Invoice"),
    ("386", True): Words("فاتورة ضريبية مبسطة لدفعة مقدمة", "Simplified Prepayment Tax Invoice"),
}

# The marks of the transaction code (KSA-2) from its third character on.
FLAGS = (
    Words("فوترة طرف ثالث", "Third-party billing"),
    Words("توريد اسمي", "Nominal supply"),
    Words("فاتورة تصدير", "Export"),
    Words("فاتورة ملخصة", "Summary"),
    Words("فوترة ذاتية", "Self-billed"),
    Words("توريد مستمر", "Continuous supply"),
    Words("توريد لجهة حكومية", "Supply to government"),
)

CATEGORIES = {
    "S": Words("النسبة الأساسية", "Standard rate"),
    "Z": Words("النسبة الصفرية", "Zero rated"),
    "E": Words("معفاة من الضريبة", "Exempt"),
    "O": Words("خارج نطاق الضريبة", "Out of scope"),
}

SCHEMES = {
    "CRN": Words("السجل التجاري", "CR number"),
    "MOM": Words("رخصة البلدية", "Municipal licence"),
    "MLS": Words("ترخيص الموارد البشرية", "Labour licence"),
    "SAG": Words("ترخيص الاستثمار", "Investment licence"),
    "700": Words("الرقم الموحد", "Unified number"),
    "TIN": Words("الرقم المميز", "Tax identification no."),
    "NAT": Words("الهوية الوطنية", "National ID"),
    "GCC": Words("هوية مجلس التعاون", "GCC ID"),
    "IQA": Words("رقم الإقامة", "Iqama number"),
    "PAS": Words("جواز السفر", "Passport"),
    "OTH": Words("معرّف آخر", "Other ID"),
}

# UNTDID 4461; a code that is not here is printed as it is.
PAYMENT = {
    "10": Words("نقدًا", "Cash"),
    "20": Words("شيك", "Cheque"),
    "30": Words("تحويل", "Credit transfer"),
    "42": Words("حساب بنكي", "Bank account"),
    "48": Words("بطاقة", "Card"),
    "54": Words("بطاقة ائتمان", "Credit card"),
    "55": Words("بطاقة مدى", "Debit card"),
    "58": Words("تحويل سيبا", "SEPA credit transfer"),
    "68": Words("دفع إلكتروني", "Online payment"),
}
NOT_DEFINED = "1"

# UN/ECE Recommendation 20, those that shops use; another code is printed as it is.
UNITS = {
    "PCE": Words("حبة", "pc"),
    "EA": Words("حبة", "ea"),
    "C62": Words("وحدة", "unit"),
    "H87": Words("قطعة", "pc"),
    "KGM": Words("كجم", "kg"),
    "GRM": Words("جم", "g"),
    "TNE": Words("طن", "t"),
    "LTR": Words("لتر", "l"),
    "MTR": Words("م", "m"),
    "MTK": Words("م²", "m²"),
    "MTQ": Words("م³", "m³"),
    "HUR": Words("ساعة", "h"),
    "DAY": Words("يوم", "day"),
    "MON": Words("شهر", "month"),
    "ANN": Words("سنة", "year"),
    "BX": Words("صندوق", "box"),
    "CT": Words("كرتون", "carton"),
    "DZN": Words("درزن", "dozen"),
}

NUMBER = Words("الرقم التسلسلي", "Number")
ISSUED = Words("تاريخ الإصدار", "Issue date")
SUPPLIED = Words("تاريخ التوريد", "Supply date")
PERIOD = Words("فترة التوريد", "Supply period")
ORDER = Words("أمر الشراء", "Purchase order")
CONTRACT = Words("العقد", "Contract")
ORIGINAL = Words("الفاتورة الأصلية", "Original invoice")
REASON = Words("سبب الإصدار", "Reason")
CURRENCY = Words("العملة", "Currency")
RATE = Words("سعر الصرف", "Exchange rate")
KIND = Words("نوع المعاملة", "Transaction")
PAID_BY = Words("طريقة الدفع", "Payment")
ACCOUNT = Words("الحساب", "Account")
TERMS = Words("شروط الدفع", "Payment terms")
NOTES = Words("ملاحظات", "Notes")
UUID = Words("المعرف الفريد", "UUID")

SELLER = Words("البائع", "Seller")
BUYER = Words("المشتري", "Buyer")
VAT_NUMBER = Words("الرقم الضريبي", "VAT number")
ADDRESS = Words("العنوان", "Address")

ITEM = Words("الصنف", "Item")
QUANTITY = Words("الكمية", "Qty")
PRICE = Words("سعر الوحدة", "Unit price")
DISCOUNT = Words("الخصم", "Discount")
TAXABLE = Words("الخاضع للضريبة", "Taxable")
VAT_RATE = Words("نسبة الضريبة", "VAT rate")
VAT = Words("مبلغ الضريبة", "VAT amount")
WITH_VAT = Words("شامل الضريبة", "Incl. VAT")

PER = Words("لكل", "per")
PRICE_BEFORE = Words("السعر قبل الخصم", "List price")
ALLOWANCE = Words("خصم", "Allowance")
CHARGE = Words("رسوم إضافية", "Charge")
OF = Words("من", "of")

LINES_TOTAL = Words("مجموع البنود", "Sum of lines")
ALLOWANCES = Words("الخصومات", "Allowances")
CHARGES = Words("الرسوم الإضافية", "Charges")
EXCLUSIVE = Words("الإجمالي غير شامل الضريبة", "Total excluding VAT")
TOTAL_VAT = Words("مجموع ضريبة القيمة المضافة", "Total VAT")
INCLUSIVE = Words("الإجمالي شامل الضريبة", "Total including VAT")
PREPAID = Words("الدفعات المقدمة", "Prepaid")
ROUNDING = Words("التقريب", "Rounding")
PAYABLE = Words("المبلغ المستحق", "Amount due")
CREDITED = Words("مبلغ الإشعار الدائن", "Amount credited")
IN_RIYALS = Words("بالريال السعودي", "In Saudi riyals")

BREAKDOWN = Words("تفصيل الضريبة", "VAT breakdown")
ADVANCES = Words("الدفعات المقدمة المخصومة", "Deducted prepayments")
ADVANCE = Words("فاتورة الدفعة", "Prepayment invoice")
DATE = Words("التاريخ", "Date")
EXTRAS = Words("خصومات ورسوم على المستند", "Document allowances and charges")
QR = Words("رمز الاستجابة السريعة", "QR code")
PAGE = Words("صفحة", "Page")
PAGE_OF = Words("من", "of")
