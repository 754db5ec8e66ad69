"""What each kind of finding means and what to do next, in English and Arabic."""

from typing import NamedTuple

from invoicing.reconciliation.records import Kind


class Sentences(NamedTuple):
    title: str
    title_ar: str
    meaning: str
    meaning_ar: str
    next_action: str
    next_action_ar: str


SENTENCES: dict[Kind, Sentences] = {
    Kind.MISSING_AT_AUTHORITY: Sentences(
        "Missing at the authority",
        "غير موجودة لدى الهيئة",
        "Daftar says that the authority accepted this document, but the other side does not have "
        "it.",
        "يفيد دفتر بأن الهيئة قبلت هذا المستند، لكنه غير موجود لدى الطرف الآخر.",
        "Look at the answer kept with its last attempt: it is the proof of acceptance. Check that "
        "the list or the file covers its day and unit; if it does, take the answer to ZATCA.",
        "راجع الرد المحفوظ مع آخر محاولة فهو إثبات القبول. تأكد من أن القائمة أو الملف يغطي يومها "
        "ووحدتها؛ فإن كان كذلك فارفع الرد إلى الهيئة.",
    ),
    Kind.UNKNOWN_HERE: Sentences(
        "Not known here",
        "غير معروفة هنا",
        "The authority holds a document under this number that Daftar never sealed.",
        "لدى الهيئة مستند بهذا الرقم لم يصدره دفتر.",
        "Find out which system issued it: another program with the same VAT number, or Daftar "
        "before a backup was restored. If nobody did, renew the unit's CSID.",
        "اعرف النظام الذي أصدره: برنامج آخر بالرقم الضريبي نفسه، أو دفتر قبل استعادة نسخة "
        "احتياطية. وإن لم يصدره أحد فجدد شهادة الوحدة.",
    ),
    Kind.STATUS_DIFFERS: Sentences(
        "Status differs",
        "الحالة مختلفة",
        "Both sides have the document, but they do not say the same about its acceptance.",
        "المستند موجود لدى الطرفين، لكنهما لا يتفقان على قبوله.",
        "If Daftar has no verdict yet, retry the invoice: the identical bytes go out again and the "
        "authority says what it has. Nothing is changed from a list or a file.",
        "إن لم تكن لدى دفتر نتيجة بعد فأعد محاولة الفاتورة: تُرسل البايتات نفسها وتجيب الهيئة بما "
        "لديها. ولا يتغير شيء بناءً على قائمة أو ملف.",
    ),
    Kind.AMOUNT_DIFFERS: Sentences(
        "Amount differs",
        "المبلغ مختلف",
        "The total or the VAT of the document is not the same on both sides.",
        "إجمالي المستند أو ضريبته غير متطابق لدى الطرفين.",
        "Compare with the sealed XML, which is what counts. If the file is right, the number was "
        "used for another document; if the sealed XML is right, the file was edited or misread.",
        "قارن بملف XML الموقّع فهو المعتبر. إن كان الملف صحيحًا فقد استُخدم الرقم لمستند آخر؛ وإن كان "
        "المستند الموقّع صحيحًا فقد عُدّل الملف أو أُسيئت قراءته.",
    ),
    Kind.HASH_DIFFERS: Sentences(
        "Hash differs",
        "البصمة مختلفة",
        "The authority holds other bytes under this UUID than those Daftar sealed.",
        "لدى الهيئة محتوى آخر تحت هذا المعرّف غير الذي وقّعه دفتر.",
        "Run verify_chain for the unit. If its chain holds, another program sealed a document with "
        "this UUID; find it before anything else is issued.",
        "شغّل verify_chain للوحدة. إن كانت السلسلة سليمة فقد وقّع برنامج آخر مستندًا بهذا المعرّف؛ "
        "ابحث عنه قبل إصدار أي مستند جديد.",
    ),
    Kind.DUPLICATE_NUMBER: Sentences(
        "Number used twice",
        "رقم مكرر",
        "The authority accepted two different documents under this invoice number.",
        "قبلت الهيئة مستندين مختلفين برقم الفاتورة هذا.",
        "Decide which of the two is the sale and cancel the other with a credit note that refers "
        "to it; then find out which system issued it.",
        "حدد أيهما يمثل عملية البيع وألغِ الآخر بإشعار دائن يشير إليه، ثم اعرف النظام الذي أصدره.",
    ),
    Kind.DUPLICATE_UUID: Sentences(
        "Registered twice",
        "مسجلة مرتين",
        "The authority accepted this document, with the same UUID, more than once.",
        "قبلت الهيئة هذا المستند بالمعرّف نفسه أكثر من مرة.",
        "It was probably sent again after the authority's memory of 24 hours. Take the UUID to "
        "ZATCA; in the VAT return it counts once.",
        "يُرجّح أنه أُرسل مجددًا بعد انقضاء ذاكرة الهيئة (24 ساعة). ارفع المعرّف إلى الهيئة؛ ويُحسب "
        "مرة واحدة في الإقرار الضريبي.",
    ),
    Kind.SUPERSEDED_ACCEPTED: Sentences(
        "Older revision accepted",
        "قُبلت مراجعة أقدم",
        "The authority accepted an older revision of this invoice; a newer one is current here.",
        "قبلت الهيئة مراجعة أقدم من هذه الفاتورة، بينما توجد هنا مراجعة أحدث منها.",
        "Do not send the newer revision as it is. Compare the two, and correct what differs with a "
        "credit or debit note to the accepted one.",
        "لا ترسل المراجعة الأحدث كما هي. قارن بينهما وصحح الفرق بإشعار دائن أو مدين للمراجعة "
        "المقبولة.",
    ),
    Kind.ICV_GAP: Sentences(
        "Gap in the chain",
        "فجوة في السلسلة",
        "Neither side has a document with these counter values (ICV), though there are later ones.",
        "لا يوجد لدى أي من الطرفين مستند بقيم العداد هذه (ICV) مع وجود قيم لاحقة.",
        "Documents of this CSID were lost here, as after a restored backup, and never arrived. Run "
        "verify_chain, look in older backups, and issue again what was sold.",
        "فُقدت هنا مستندات لهذه الشهادة، كما يحدث بعد استعادة نسخة احتياطية، ولم تصل إلى الهيئة. "
        "شغّل verify_chain وابحث في النسخ الأقدم ثم أصدر ما بيع من جديد.",
    ),
    Kind.STILL_UNKNOWN: Sentences(
        "Still no verdict",
        "لا نتيجة بعد",
        "The document was sent again, and the authority gave no answer that says what it has.",
        "أُعيد إرسال المستند ولم تُجب الهيئة بما يبيّن ما لديها.",
        "See the last attempt for what came back. Daftar tries again by itself while it may; run "
        "this again once the authority answers.",
        "راجع آخر محاولة لمعرفة ما ورد. يعيد دفتر المحاولة تلقائيًا ما دام ذلك جائزًا؛ أعد "
        "التشغيل حين تستجيب الهيئة.",
    ),
    Kind.TOO_OLD_TO_RESEND: Sentences(
        "Too old to ask by resending",
        "أقدم من أن يُعاد إرسالها",
        "Its outcome is unknown, and the authority no longer recognises a document after 24 hours: "
        "the same bytes might be accepted a second time.",
        "نتيجتها غير معروفة، والهيئة لا تتعرف على المستند بعد 24 ساعة: فقد تُقبل البايتات نفسها مرة "
        "ثانية.",
        "Look it up in the Fatoora portal. If it is not there, send it by a retry with a reason, "
        "or confirm it for a whole run with --confirm-old.",
        "ابحث عنها في بوابة فاتورة. إن لم تكن هناك فأرسلها بإعادة محاولة مع ذكر السبب، أو أكّد ذلك "
        "لعملية كاملة بالخيار --confirm-old.",
    ),
}
