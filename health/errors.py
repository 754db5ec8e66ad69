"""What the laboratory refuses, each with its code and a sentence."""

from config.problems import Conflict, InvalidRequest, NotFound
from health.codes import MEANINGS


class InvoiceNotFound(NotFound):
    message = "Test invoice not found."
    message_ar = "فاتورة الفحوصات غير موجودة."


class InvalidInvoice(InvalidRequest):
    """The invoice breaks a rule of its arithmetic or form; `errors` names each."""

    code = "VALIDATION_ERROR"
    of_errors = MEANINGS
    message = "The test invoice is not valid."
    message_ar = "فاتورة الفحوصات غير صالحة."


class IllegalTransition(Conflict):
    code = "ILLEGAL_TRANSITION"
    message = "The document cannot move to this status."
    message_ar = "لا يمكن نقل المستند إلى هذه الحالة."


class PeriodLocked(Conflict):
    code = "PERIOD_LOCKED"
    message = "The period of this date is locked."
    message_ar = "فترة هذا التاريخ مغلقة."


class AccountUnusable(Conflict):
    """A mapped account is inactive or of the wrong type."""

    code = "ACCOUNT_INACTIVE"
    message = "The mapped account cannot be posted to."
    message_ar = "لا يمكن الترحيل إلى الحساب المعيّن."


class AlreadyReversed(Conflict):
    code = "ALREADY_REVERSED"
    message = "The voucher has already been reversed."
    message_ar = "تم عكس القيد من قبل."


class PaymentNotFound(NotFound):
    message = "Payment not found."
    message_ar = "الدفعة غير موجودة."


class OverAllocation(Conflict):
    """More than is owed, or more than the payment still holds."""

    code = "OVER_ALLOCATION"
    message = "The amount is more than what is open."
    message_ar = "المبلغ أكبر من المتبقي."


class AmountNotPositive(InvalidRequest):
    code = "VALIDATION_ERROR"
    message = "The amount must be more than zero, in whole paise."
    message_ar = "يجب أن يكون المبلغ أكبر من صفر."


class DuplicateInvoiceNumber(Conflict):
    code = "DUPLICATE_INVOICE_NUMBER"
    message = "This invoice number is taken."
    message_ar = "رقم الفاتورة مستخدم."


class DocumentImmutable(Conflict):
    """What a posted or cancelled invoice says never changes."""

    code = "DOCUMENT_IMMUTABLE"

    def __init__(self, status: str, fields: list[str]) -> None:
        super().__init__(
            f"{', '.join(fields)} of a {status} invoice cannot change: credit or cancel it.",
            message_ar="لا يمكن تغيير ما تقوله فاتورة مرحّلة أو ملغاة.",
            param=fields[0],
        )


class HasPayments(Conflict):
    code = "HAS_PAYMENTS"
    message = "Money was received for this invoice: give it back first, or credit the invoice."
    message_ar = "استُلمت دفعات لهذه الفاتورة: أعدها أولًا أو أصدر إشعارًا دائنًا."


class HasCredits(Conflict):
    code = "HAS_CREDITS"
    message = "The invoice was credited in part; credit the rest instead of cancelling it."
    message_ar = "صدر إشعار دائن لجزء من الفاتورة؛ أصدر إشعارًا بالباقي بدل الإلغاء."


class NothingToPost(InvalidRequest):
    code = "NOTHING_TO_POST"
    message = "An invoice of nothing is not posted; this laboratory keeps it as a draft."
    message_ar = "لا تُرحّل فاتورة بقيمة صفر."


class TaxOnNothing(InvalidRequest):
    code = "TAX_ON_NOTHING"
    message = "Nothing is owed, and tax is charged: take the discount off before tax (PRE_TAX)."
    message_ar = "لا يُستحق شيء ومع ذلك احتُسبت ضريبة: اخصم قبل الضريبة (PRE_TAX)."


class SameMaker(Conflict):
    code = "SAME_MAKER"
    message = "Whoever wrote the invoice may not post it (maker and checker)."
    message_ar = "لا يجوز لمن أنشأ الفاتورة أن يرحّلها."


class StaleVersion(Conflict):
    status, code = 412, "STALE_VERSION"
    message = "The invoice changed since it was read (If-Match)."
    message_ar = "تغيرت الفاتورة منذ قراءتها."


class ChangedMeanwhile(Conflict):
    code = "CHANGED_MEANWHILE"
    message = "The invoice was changed meanwhile; read it again."
    message_ar = "تغيرت الفاتورة في هذه الأثناء؛ أعد قراءتها."


class InvalidRow(InvalidRequest):
    """A master, an account or a setting that cannot be as it was said; `errors` names each."""

    code = "VALIDATION_ERROR"
    message = "What was said is not valid."
    message_ar = "البيانات غير صالحة."


class LockNotPast(InvalidRequest):
    """A lock is for good: a slip of the year would close the books for years."""

    code = "LOCK_NOT_PAST"
    message = "The books are closed up to a day that has passed."
    message_ar = "تُغلق الدفاتر حتى يوم مضى."


class InvalidFilter(InvalidRequest):
    code = "INVALID_FILTER"
    message = "A filter has a value that it does not know."
    message_ar = "قيمة التصفية غير معروفة."


class OverCredit(Conflict):
    code = "OVER_CREDIT"
    message = "More cannot be credited than what is left of the invoice."
    message_ar = "لا يمكن إصدار إشعار دائن بأكثر من المتبقي من الفاتورة."


class DateTooEarly(InvalidRequest):
    code = "DATE_TOO_EARLY"
    message = "What is undone, credited or spent cannot be dated before it was there."
    message_ar = "لا يجوز أن يسبق التاريخُ تاريخَ المستند الأصلي."

    @classmethod
    def unless(cls, fits: bool) -> None:
        """Raise it unless the date fits."""
        if not fits:
            raise cls(param="date")


class DateOutOfRange(InvalidRequest):
    code = "DATE_OUT_OF_RANGE"
    message = "The date must lie between 2000 and today."
    message_ar = "يجب أن يقع التاريخ بين عام 2000 واليوم."


class BackdatedTooFar(DateOutOfRange):
    code = "BACKDATED_TOO_FAR"
    message = "The laboratory dates nothing so far back."
    message_ar = "لا يسمح المختبر بتاريخ سابق إلى هذا الحد."


class DuplicateGatewayId(Conflict):
    code = "DUPLICATE_GATEWAY_ID"
    message = "A payment with this gateway transaction is there already."
    message_ar = "توجد دفعة بمعرّف البوابة هذا من قبل."


class CreditNoteNotFound(NotFound):
    message = "Credit note not found."
    message_ar = "الإشعار الدائن غير موجود."


class LayoutUnknown(InvalidRequest):
    """A size of paper that nothing is laid out for."""

    code = "LAYOUT_UNKNOWN"
    message = "There is no such size of paper."
    message_ar = "لا يوجد مقاس ورق كهذا."


class MissingRecipient(InvalidRequest):
    code = "MISSING_RECIPIENT"
    message = "There is no address: name one in `to`, or keep the patient's with the invoice."
    message_ar = "لا يوجد عنوان: اذكر واحدًا في to أو احفظ بريد المريض مع الفاتورة."


class NotIssued(Conflict):
    """Only a posted invoice is given out to the patient."""

    code = "NOT_ISSUED"
    message = "Only a posted invoice is sent to the patient."
    message_ar = "لا تُرسل إلى المريض إلا فاتورة مرحّلة."


class PatientNotFound(NotFound):
    message = "Nothing is known of this patient."
    message_ar = "لا توجد بيانات لهذا المريض."


class ReportTooLong(InvalidRequest):
    """More rows than the file can hold."""

    code = "REPORT_TOO_LONG"
    message = "The report has too many rows for this format: shorten the period, or ask for csv."
    message_ar = "صفوف التقرير أكثر مما تتسع له هذه الصيغة: قصّر الفترة أو اطلب csv."
