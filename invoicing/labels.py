"""Words of the office's pages, English and Arabic, by the language of the page."""

from django.utils.functional import lazy
from django.utils.translation import get_language

LABELS: dict[str, tuple[str, str]] = {
    "reconciliation": ("Reconciliation", "مطابقة"),
    "begin": ("New comparison", "مقارنة جديدة"),
    "not_read": (
        "The file cannot be read as an export; nothing was stored.",
        "تعذرت قراءة الملف؛ لم يُخزّن شيء.",
    ),
    "started": ("Started", "بدأت"),
    "source": ("Compared with", "قورنت مع"),
    "unit": ("Unit", "الوحدة"),
    "every_unit": ("every unit", "كل الوحدات"),
    "days": ("Issued", "تاريخ الإصدار"),
    "every_day": ("any day", "أي يوم"),
    "actor": ("By", "بواسطة"),
    "file": ("File", "الملف"),
    "columns": ("Columns read", "الأعمدة المقروءة"),
    "ours": ("Daftar", "دفتر"),
    "theirs": ("Authority", "الهيئة"),
    "difference": ("Difference", "الفرق"),
    "documents": ("Documents", "المستندات"),
    "total": ("Total", "الإجمالي"),
    "vat": ("VAT", "الضريبة"),
    "status": ("Status", "الحالة"),
    "kind": ("Document", "المستند"),
    "findings": ("Findings", "النتائج"),
    "open": ("open", "مفتوحة"),
    "result": ("Result", "النتيجة"),
    "both_sides": ("Both sides", "الطرفان"),
    "differs": ("What differs", "ما يختلف"),
    "nothing": ("Both sides agree: nothing differs.", "الطرفان متفقان: لا يوجد اختلاف."),
    "unfinished": (
        "This comparison never ended: its process was stopped. Run it again.",
        "لم تكتمل هذه المقارنة إذ توقفت عمليتها. أعد تشغيلها.",
    ),
    "left_out": (
        "documents were not asked about, for one request waits no longer. Ask again, or have an "
        "operator run manage.py reconcile --resend.",
        "مستندًا لم يُسأل عنها لأن الطلب الواحد لا ينتظر أكثر. أعد السؤال أو شغّل "
        "manage.py reconcile --resend.",
    ),
    "invoice": ("Invoice", "الفاتورة"),
    "next": ("What to do", "ما العمل"),
    "settle": ("Settle by resending", "التسوية بإعادة الإرسال"),
    "explain": ("Explain", "تفسير"),
    "explained": ("Explained", "مفسرة"),
    "line": ("Line", "السطر"),
    "not_held": ("none", "لا يوجد"),
    "clean": ("agrees", "متطابقة"),
    "back": ("Back", "رجوع"),
    "newer": ("Earlier findings", "النتائج السابقة"),
    "older": ("Further findings", "النتائج التالية"),
    "upload": ("Upload a portal export", "رفع ملف من البوابة"),
    "ask_again": ("Ask by resending", "السؤال بإعادة الإرسال"),
    "compare_list": ("Compare with the list", "مقارنة بالقائمة"),
    "columns_field": ("Columns", "الأعمدة"),
    "columns_help": (
        "Only for headers that are not known: one field=header per line, as total=Invoice Amount.",
        "للعناوين غير المعروفة فقط: field=header في كل سطر، مثل total=Invoice Amount.",
    ),
    "file_help": (
        "CSV, as the portal or a spreadsheet saves it: UTF-8 or UTF-16; comma, semicolon or tab.",
        "ملف CSV كما تحفظه البوابة أو جدول البيانات: UTF-8 أو UTF-16، بفاصلة أو فاصلة منقوطة أو "
        "علامة جدولة.",
    ),
    "first_day": ("Issued from", "صادرة من"),
    "last_day": ("Issued until", "صادرة حتى"),
    "confirm_old": (
        "Also what is older than 24 hours: I have looked each of them up in the portal",
        "وكذلك ما مضى عليه أكثر من 24 ساعة: بحثت عن كل منها في البوابة",
    ),
    "reason": ("Reason", "السبب"),
    "reason_help": (
        "Kept with your name, for good. No status changes.",
        "يُحفظ مع اسمك نهائيًا. ولا تتغير أي حالة.",
    ),
    "upload_says": (
        "The file is compared with the invoices of its days and is not kept; its digest is. "
        "Nothing is sent, and no status changes because of what a file says.",
        "يُقارن الملف بفواتير أيامه ولا يُحفظ منه إلا بصمته. لا يُرسل شيء، ولا تتغير أي حالة بسبب "
        "ما في الملف.",
    ),
    "ask_says": (
        "Every document whose outcome is unknown is sent again as the identical bytes. If the "
        "authority has it, it says so, and the invoice is settled; it cannot count twice.",
        "يُعاد إرسال كل مستند لا تُعرف نتيجته بالبايتات نفسها. فإن كان لدى الهيئة أجابت بذلك وسُوّيت "
        "الفاتورة؛ ولا يُحتسب مرتين.",
    ),
    "list_says": (
        "The stand-in authority lists what it holds. Nothing is sent, and no status changes.",
        "تعرض الهيئة البديلة قائمة بما لديها. لا يُرسل شيء ولا تتغير أي حالة.",
    ),
    "inclusive": ("Inclusive.", "شاملًا هذا اليوم."),
    "egs_unit": ("EGS unit", "وحدة الفوترة"),
    "all_units": ("All units", "كل الوحدات"),
    "archive": ("Archive for an auditor", "أرشيف للمدقق"),
    "make_archive": ("Make the archive", "إنشاء الأرشيف"),
    "archive_says": (
        "One zip with every document, answer and log entry of the invoices issued in these days, "
        "their PDFs, and a manifest. manage.py verify_archive checks it offline.",
        "ملف zip واحد فيه كل المستندات والردود وقيود السجل للفواتير الصادرة في هذه الأيام، مع "
        "نسخها بصيغة PDF وبيان بالمحتويات. ويتحقق منه manage.py verify_archive دون اتصال.",
    ),
    "email": ("E-mail", "إرسال بالبريد:"),
    "email_to": ("To", "إلى"),
    "language": ("Language", "اللغة"),
    "language_help": (
        "Which language comes first; the letter says everything in both.",
        "اللغة التي تأتي أولًا؛ والرسالة تقول كل شيء باللغتين.",
    ),
    "email_says": (
        "The buyer gets the PDF and the XML. Every letter is listed on the invoice.",
        "يصل إلى المشتري ملفا PDF وXML. وتُدرج كل رسالة في صفحة الفاتورة.",
    ),
    "days_disordered": ("The last day lies before the first.", "اليوم الأخير قبل الأول."),
    "done_clean": ("Both sides agree.", "الطرفان متفقان."),
    "done_open": ("findings are open.", "نتائج مفتوحة."),
    "explained_now": ("Explained.", "تم التفسير."),
    "LIST": ("its list", "قائمتها"),
    "RESEND": ("resending", "إعادة الإرسال"),
    "EXPORT": ("a portal export", "ملف من البوابة"),
    "CLEARED": ("cleared", "معتمدة"),
    "REPORTED": ("reported", "مُبلّغ عنها"),
    "ACCEPTED": ("accepted", "مقبولة"),
    "REJECTED": ("rejected", "مرفوضة"),
    "UNKNOWN": ("no verdict", "بلا نتيجة"),
    "388": ("invoice", "فاتورة"),
    "381": ("credit note", "إشعار دائن"),
    "383": ("debit note", "إشعار مدين"),
    "386": ("prepayment invoice", "فاتورة دفعة مقدمة"),
    "STANDARD": ("standard", "ضريبية"),
    "SIMPLIFIED": ("simplified", "مبسطة"),
}


def label(key: str) -> str:
    """The words for `key` now; the key itself where there are none."""
    words = LABELS.get(key)
    return words[is_arabic()] if words else key


def is_arabic() -> bool:
    return (get_language() or "").startswith("ar")


lazy_label = lazy(label, str)


class Words:
    """For templates: ``{{ words.total }}``."""

    def __getitem__(self, key: str) -> str:
        return label(key)
