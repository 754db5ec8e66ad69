"""Cells of an export as values: amounts, days, words and ids, in English and Arabic."""

import re
import unicodedata
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from invoicing.reconciliation.records import Word

# Bidi marks and byte order marks come along with copied cells and mean nothing.
_MARKS = dict.fromkeys(map(ord, "\u200b\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\ufeff"))
_ARABIC_FOLD = str.maketrans({"أ": "ا", "إ": "ا", "آ": "ا", "ة": "ه", "ى": "ي", "ـ": None})
_HARAKAT = re.compile("[\u064b-\u0652]")
_CURRENCY = re.compile(r"(sar|sr|ر\.?\s?س\.?|ريال(\s?سعودي)?|\u20c1)", re.IGNORECASE)
_GROUPED = {",": r"\d{1,3}(,\d{3})+", ".": r"\d{1,3}(\.\d{3}){2,}"}
_DAY_FIRST = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(?:[ ,T]+(.*))?\Z")
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}")
_HASH = re.compile(r"[A-Za-z0-9+/]{43}=\Z")
LARGEST = Decimal("99999999999.99")
YEARS = range(2000, 2101)


class Unreadable(ValueError):
    """A cell that is no value of its column; code, English and Arabic sentence."""

    def __init__(self, code: str, message: str, message_ar: str) -> None:
        super().__init__(message)
        self.code, self.message, self.message_ar = code, message, message_ar


class Named(NamedTuple):
    """A document's type, and its form where the words say that too."""

    type_code: str
    simplified: bool | None


def tidy(text: str) -> str:
    """A cell without what spreadsheets add: marks, no-break spaces, ``="…"``, a leading quote."""
    text = text.translate(_MARKS).replace("\xa0", " ").replace("\u202f", " ").strip()
    if text.startswith('="') and text.endswith('"'):
        text = text[2:-1]
    return text.removeprefix("'").strip()


def folded(text: str) -> str:
    """A header or word for comparison: one spelling per letter, no case, no punctuation."""
    text = unicodedata.normalize("NFKC", tidy(text)).casefold().translate(_ARABIC_FOLD)
    return "".join(c for c in _HARAKAT.sub("", text) if c.isalnum())


def ascii_digits(text: str) -> str:
    """Arabic and Persian digits as 0 to 9, their separators as point and comma."""
    text = text.translate(str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "01234567890123456789"))
    return text.replace("٫", ".").replace("٬", ",").replace("،", ",")


def amount(text: str) -> Decimal:
    """``1,234.50``, ``1.234,50``, ``١٬٢٣٤٫٥٠ ر.س``, ``(230.00)``: its magnitude.

    A comma followed by exactly three digits separates thousands, otherwise it is the decimal mark.
    """
    plain = _CURRENCY.sub("", ascii_digits(text)).replace("−", "-").strip()
    if plain.startswith("(") and plain.endswith(")"):
        plain = plain[1:-1]
    plain = re.sub(r"[\s'’]", "", plain).strip("-+")
    number = _ungrouped(plain)
    if not re.fullmatch(r"\d{1,15}(\.\d+)?", number, re.ASCII):
        raise Unreadable("invalid_amount", "This is no amount.", "هذه القيمة ليست مبلغًا.")
    value = Decimal(number)
    if value != value.quantize(Decimal("0.01")):
        raise Unreadable(
            "too_many_decimals",
            "An amount has at most two decimals.",
            "للمبلغ خانتان عشريتان على الأكثر.",
        )
    if value > LARGEST:
        raise Unreadable("amount_too_large", "The amount is too large.", "المبلغ كبير جدًا.")
    return value.quantize(Decimal("0.01"))


def _ungrouped(text: str) -> str:
    comma, point = text.rfind(","), text.rfind(".")
    if comma >= 0 and point >= 0:
        decimal, thousands = (",", ".") if comma > point else (".", ",")
        whole, _, fraction = text.rpartition(decimal)
        if not re.fullmatch(rf"\d{{1,3}}({re.escape(thousands)}\d{{3}})+", whole, re.ASCII):
            return ""
        return f"{whole.replace(thousands, '')}.{fraction}"
    for mark, grouped in _GROUPED.items():
        if re.fullmatch(grouped, text, re.ASCII):
            return text.replace(mark, "")
    return text.replace(",", ".")


def day(text: str, zone: ZoneInfo) -> date:
    """An ISO date or time, or dd/mm/yyyy with or without a clock; an instant as a day in `zone`."""
    plain = ascii_digits(text)
    try:
        found = _iso(plain, zone) if _ISO.match(plain) else _day_first(plain)
    except (ValueError, OverflowError):
        found = None
    if found is None or found.year not in YEARS:
        raise Unreadable(
            "invalid_date",
            "This is no date: write 2026-11-24 or 24/11/2026.",
            "هذا ليس تاريخًا: اكتب 2026-11-24 أو 24/11/2026.",
        )
    return found


def _iso(text: str, zone: ZoneInfo) -> date:
    moment = datetime.fromisoformat(text)
    return (moment.astimezone(zone) if moment.tzinfo else moment).date()


def _day_first(text: str) -> date | None:
    found = _DAY_FIRST.match(text)
    if not found or (found[4] and not re.match(r"\d{1,2}:\d{2}", found[4])):
        return None
    return date(int(found[3]), int(found[2]), int(found[1]))


def number(text: str) -> str:
    if not text or len(text) > 127 or any(unicodedata.category(c) == "Cc" for c in text):
        raise Unreadable(
            "invalid_number",
            "An invoice number has 1 to 127 characters.",
            "رقم الفاتورة من 1 إلى 127 محرفًا.",
        )
    return text


def uuid(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        raise Unreadable("invalid_uuid", "This is no UUID.", "هذه القيمة ليست UUID.") from None


def invoice_hash(text: str) -> str:
    if not _HASH.match(text):
        raise Unreadable(
            "invalid_hash",
            "A hash is 44 characters of base64.",
            "البصمة 44 محرفًا بترميز base64.",
        )
    return text


def counter(text: str) -> int:
    plain = ascii_digits(text)
    if not re.fullmatch(r"[1-9]\d{0,17}", plain, re.ASCII):
        raise Unreadable(
            "invalid_icv", "An ICV is a whole number from 1.", "العداد ICV عدد صحيح من 1."
        )
    return int(plain)


def serial(text: str) -> str:
    """A certificate's serial number in hex, colons allowed."""
    plain = text.replace(":", "").lower().removeprefix("0x").lstrip("0")
    if not re.fullmatch(r"[0-9a-f]{1,64}", plain):
        raise Unreadable(
            "invalid_csid",
            "A CSID's serial number is written in hexadecimal digits.",
            "الرقم التسلسلي للشهادة يُكتب بالنظام الست عشري.",
        )
    return plain


def currency(text: str) -> str:
    if _CURRENCY.fullmatch(text):
        return "SAR"
    if not re.fullmatch(r"[A-Za-z]{3}", text, re.ASCII):
        raise Unreadable(
            "invalid_currency",
            "A currency has three letters, as SAR.",
            "رمز العملة ثلاثة أحرف مثل SAR.",
        )
    return text.upper()


def _words(table: dict[Any, str]) -> dict[str, Any]:
    return {folded(word): value for value, words in table.items() for word in words.split("|")}


STATUSES = _words(
    {
        Word.CLEARED: "cleared|cleared with warnings|cleared with warning|clearance|معتمدة|معتمد|"
        "تم الاعتماد|معتمدة مع تحذيرات|معتمدة مع ملاحظات",
        Word.REPORTED: "reported|reported with warnings|reported with warning|مبلغ عنها|"
        "تم الإبلاغ|تم الإبلاغ عنها|مبلغ عنها مع تحذيرات|مبلغ عنها مع ملاحظات",
        Word.ACCEPTED: "accepted|accepted with warnings|accepted with warning|valid|pass|passed|"
        "مقبولة|مقبول|مقبولة مع تحذيرات|صالحة",
        Word.REJECTED: "rejected|not cleared|not reported|invalid|error|failed|مرفوضة|مرفوض|"
        "غير معتمدة|غير مبلغ عنها|لم يتم الاعتماد|لم يتم الإبلاغ",
    }
)
TYPES = _words(
    {
        Named("388", None): "388|invoice|فاتورة",
        Named("388", False): "tax invoice|standard invoice|standard tax invoice|فاتورة ضريبية",
        Named("388", True): "simplified invoice|simplified tax invoice|فاتورة ضريبية مبسطة|"
        "فاتورة مبسطة",
        Named("381", None): "381|credit note|credit|إشعار دائن",
        Named("381", False): "standard credit note|tax credit note",
        Named("381", True): "simplified credit note|إشعار دائن مبسط|إشعار دائن لفاتورة مبسطة",
        Named("383", None): "383|debit note|debit|إشعار مدين",
        Named("383", False): "standard debit note|tax debit note",
        Named("383", True): "simplified debit note|إشعار مدين مبسط|إشعار مدين لفاتورة مبسطة",
        Named("386", None): "386|prepayment|prepayment invoice|advance payment|دفعة مقدمة|"
        "فاتورة دفعة مقدمة",
    }
)
FORMS = _words(
    {
        True: "simplified|b2c|02|0200000|مبسطة|مبسط|فاتورة ضريبية مبسطة|simplified tax invoice",
        False: "standard|tax|b2b|b2g|01|0100000|ضريبية|قياسية|فاتورة ضريبية|standard tax invoice",
    }
)


def status(text: str) -> Word:
    return _known(STATUSES, text)


def document_type(text: str) -> Named:
    return _known(TYPES, text)


def form(text: str) -> bool:
    if re.fullmatch(r"0[12][01]{5}", text, re.ASCII):  # the document's own flags (KSA-2)
        return text[1] == "2"
    return _known(FORMS, text)


def _known(table: dict[str, Any], text: str) -> Any:
    try:
        return table[folded(ascii_digits(text))]
    except KeyError:
        raise Unreadable(
            "unknown_word",
            "This word is not known here; docs/reconcile.md lists those that are.",
            "هذه الكلمة غير معروفة هنا؛ الكلمات المقبولة مدونة في docs/reconcile.md.",
        ) from None


READERS: dict[str, Callable[[str], Any]] = {
    "number": number,
    "status": status,
    "uuid": uuid,
    "hash": invoice_hash,
    "icv": counter,
    "csid": serial,
    "type": document_type,
    "form": form,
    "total": amount,
    "vat": amount,
    "currency": currency,
}
