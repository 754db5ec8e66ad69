"""What invoicing refuses, each with the code and the sentence that the documents promise."""

from typing import TYPE_CHECKING, Any

from config.problems import Conflict, FieldError, InvalidRequest, NotFound, Problem, Unavailable

if TYPE_CHECKING:
    from invoicing.models import Invoice


def existing(invoice: "Invoice") -> dict[str, Any]:
    """How an error names the invoice that stands in the way."""
    return {
        "id": invoice.pk,
        "invoice_number": invoice.invoice_number,
        "status": invoice.status,
        "zatca_status": invoice.zatca_status or None,
        "revision": invoice.revision,
        "uuid": invoice.uuid,
        "links": {"self": f"/api/v1/invoices/{invoice.pk}"},
    }


class InvoiceNotFound(NotFound):
    message = "Invoice not found."
    message_ar = "الفاتورة غير موجودة."


class MissingRecipient(Problem):
    """Nobody said where the document goes."""

    code = "missing_recipient"
    message = "The invoice has no buyer_email; say where to send it."
    message_ar = "لا يوجد بريد إلكتروني للمشتري؛ حدد عنوان الإرسال."


class NothingChosen(Problem):
    code = "nothing_chosen"
    message = "No invoice matches."
    message_ar = "لا توجد فاتورة مطابقة."


class TooManyChosen(Problem):
    """More documents than one file shall hold."""

    code = "too_many_chosen"

    def __init__(self, at_most: int, *, param: str) -> None:
        super().__init__(
            f"At most {at_most} documents go into one file. Choose fewer.",
            message_ar=f"يتسع الملف الواحد لما لا يزيد على {at_most} مستند. اختر عددًا أقل.",
            param=param,
        )


class NotPrinted(Problem):
    """Never answered to a request: the note about a document that our own fault kept back."""

    status, code, type = 500, "not_printed", "internal_error"
    message = "It could not be printed because of a fault on our side; the fault is logged."
    message_ar = "تعذرت طباعتها بسبب خلل لدينا؛ وقد سُجّل."


class BadRange(Problem):
    code = "bad_range"
    message = "The range ends before it begins."
    message_ar = "تنتهي الفترة قبل بدايتها."


class NoSuchUnit(Problem):
    """Another tenant's unit and an absent one are one answer."""

    code = "unknown_unit"
    message = "There is no EGS unit of this name."
    message_ar = "لا توجد وحدة فوترة بهذا الاسم."


class DuplicateInvoice(Conflict):
    """The number is taken by a document that is final or under way."""

    code = "duplicate_invoice"

    def __init__(self, invoice: "Invoice", *, retry_after: int | None = None) -> None:
        number, status = invoice.invoice_number, invoice.status
        super().__init__(
            f"Invoice {number} already exists with status {status}. "
            "Duplicate submissions are not allowed.",
            message_ar=f"الفاتورة {number} موجودة مسبقًا بالحالة {status}. لا يُسمح بالإرسال المكرر.",
            param="invoice_number",
            extra={"existing": existing(invoice)},
            retry_after=retry_after,
        )


class InProgress(Conflict):
    """The number was accepted moments ago with other content; that document is under way."""

    code = "in_progress"

    def __init__(self, invoice: "Invoice", *, retry_after: int) -> None:
        number = invoice.invoice_number
        super().__init__(
            f"Invoice {number} already exists with other content and is being processed. "
            "Wait for its outcome.",
            message_ar=f"الفاتورة {number} موجودة مسبقًا بمحتوى آخر وهي قيد المعالجة. "
            "انتظر نتيجتها.",
            param="invoice_number",
            extra={"existing": existing(invoice)},
            retry_after=retry_after,
        )


class OutcomeUnknown(Conflict):
    """The authority may hold the document, so its content can no longer change."""

    code = "outcome_unknown"

    def __init__(self, invoice: "Invoice") -> None:
        number = invoice.invoice_number
        super().__init__(
            f"Invoice {number} already exists and may have reached the authority. Its content "
            "cannot change until the outcome is known; retry it unchanged.",
            message_ar=f"الفاتورة {number} موجودة مسبقًا وربما وصلت إلى الهيئة. لا يمكن تغيير "
            "محتواها قبل معرفة النتيجة؛ أعد المحاولة دون تغيير.",
            param="invoice_number",
            extra={"existing": existing(invoice)},
        )


class AlreadyIssued(Conflict):
    """The QR code of the simplified document was given out, so its content can no longer change."""

    code = "already_issued"

    def __init__(self, invoice: "Invoice") -> None:
        number = invoice.invoice_number
        super().__init__(
            f"Invoice {number} already exists and its QR code was given out. Its content "
            "cannot change; retry it unchanged, then correct it with a credit or debit note.",
            message_ar=f"الفاتورة {number} موجودة مسبقًا وقد سُلّم رمزها. لا يمكن تغيير محتواها؛ أعد "
            "المحاولة دون تغيير ثم صححها بإشعار دائن أو مدين.",
            param="invoice_number",
            extra={"existing": existing(invoice)},
        )


class UseRetry(Conflict):
    """A rejected invoice was posted again unchanged."""

    code = "use_retry"

    def __init__(self, invoice: "Invoice") -> None:
        number = invoice.invoice_number
        super().__init__(
            f"Invoice {number} already exists and was rejected with this very content. Correct it "
            f"and post it again, or call POST /api/v1/invoices/{invoice.pk}/retry.",
            message_ar=f"الفاتورة {number} موجودة مسبقًا ورُفضت بهذا المحتوى نفسه. صححها وأرسلها من "
            "جديد أو استخدم إعادة المحاولة.",
            param="invoice_number",
            extra={"existing": existing(invoice)},
        )


class NothingChanged(Conflict):
    """A correction that corrects nothing: the same content again is a retry."""

    code = "nothing_changed"

    def __init__(self, invoice: "Invoice") -> None:
        number = invoice.invoice_number
        super().__init__(
            f"Nothing of invoice {number} was changed. Use Retry to send it as it is.",
            message_ar=f"لم يتغير شيء في الفاتورة {number}. استخدم إعادة المحاولة لإرسالها كما هي.",
            extra={"existing": existing(invoice)},
        )


class Superseded(Conflict):
    """Another request made a further revision while this one was on its way."""

    code = "superseded"

    def __init__(self, invoice: "Invoice") -> None:
        number = invoice.invoice_number
        super().__init__(
            f"Invoice {number} already exists in a newer revision; this one was not sent.",
            message_ar=f"توجد مراجعة أحدث للفاتورة {number}؛ لم تُرسل هذه المراجعة.",
            param="invoice_number",
            extra={"existing": existing(invoice)},
        )


class OverCredit(Conflict):
    """Credit notes or deductions would take more than the document they name has left.

    A conflict, not a mistake in the request (contracts 18): whether it fits depends on other
    documents, and the same request is right once one of them is rejected.
    """

    code = "over_credit"

    def __init__(self, found: FieldError) -> None:
        super().__init__(found.message, message_ar=found.message_ar, errors=[found])


class CurrencyDiffers(InvalidRequest):
    """A note in another currency than its original has nothing to be measured by."""

    code = "currency_differs"

    def __init__(self, number: str, *, expected: str, got: str) -> None:
        message = f"{number} is in {expected}; a note on it must be, too."
        message_ar = f"عملة المستند {number} هي {expected} ويجب أن يكون الإشعار بالعملة نفسها."
        found = FieldError("currency", self.code, message, message_ar, expected=expected, got=got)
        super().__init__(message, message_ar=message_ar, errors=[found])


class NumberTaken(Conflict):
    """Somebody used the next number of the series by hand at this very moment."""

    code = "number_taken"
    message = "The next number of the series was just used by hand. Send the request again."
    message_ar = "استُخدم الرقم التالي في السلسلة يدويًا للتو. أعد إرسال الطلب."

    def __init__(self) -> None:
        super().__init__(param="invoice_number", retry_after=1)


class SeriesExhausted(Conflict):
    """The series' next number is longer than a number may be, or too many were used by hand."""

    code = "series_exhausted"

    def __init__(self, pattern: str) -> None:
        super().__init__(
            f"The number series {pattern} has no free number within reach. Change its pattern.",
            message_ar=f"لا يوجد رقم متاح قريب في سلسلة الترقيم {pattern}. غيّر نمطها.",
            param="invoice_number",
        )


class NumberRequired(InvalidRequest):
    """No number was sent and no series gives one."""

    code = "invoice_number_required"
    message = "Name an invoice_number: no active number series applies to this document."
    message_ar = "اذكر invoice_number: لا توجد سلسلة ترقيم نشطة لهذا المستند."

    def __init__(self) -> None:
        super().__init__(
            errors=[FieldError("invoice_number", self.code, self.message, self.message_ar)]
        )


class IdempotencyKeyRequired(InvalidRequest):
    """Without a number or a key, the same request twice would be two documents."""

    code = "idempotency_key_required"
    message = "A request without invoice_number needs the header Idempotency-Key."
    message_ar = "الطلب الخالي من invoice_number يحتاج الترويسة Idempotency-Key."


class DirectoryInvalid(InvalidRequest):
    """A row of the directory of buyers and products that cannot stand as it is."""


class NotRetryable(Problem):
    """400 with the sentence of the retry document, for every refusal by status."""

    code = "invoice_not_retryable"

    def __init__(self, invoice: "Invoice", *, status: str = "") -> None:
        number, status = invoice.invoice_number, status or invoice.status
        super().__init__(
            f"Cannot retry invoice {number}: Status is {status}. "
            "Only FAILED or REJECTED invoices can be retried.",
            message_ar=f"لا يمكن إعادة محاولة الفاتورة {number}: حالتها {status}. تُعاد المحاولة "
            "للفواتير بالحالة FAILED أو REJECTED فقط.",
            extra={"invoice": existing(invoice)},
        )


class PayloadMissing(Problem):
    code = "payload_not_found"
    message = "Original request payload not found in audit logs."
    message_ar = "لم يُعثر على محتوى الطلب الأصلي في سجلات التدقيق."


class RetryLimitReached(Conflict):
    code = "retry_limit_reached"

    def __init__(self, invoice: "Invoice") -> None:
        super().__init__(
            f"Invoice {invoice.invoice_number} was retried {invoice.retry_count} times, which is "
            "its limit. Correct its content, or ask a member of staff to allow more.",
            message_ar=f"أُعيدت محاولة الفاتورة {invoice.invoice_number} عدد {invoice.retry_count} "
            "مرة وهو حدها الأقصى. صحح محتواها أو اطلب من الموظف السماح بالمزيد.",
            extra={"invoice": existing(invoice)},
        )


class NotPrintable(Conflict):
    """The document may not be given to a buyer now; nothing was printed (contracts 8)."""

    code = "not_printable"

    def __init__(self, invoice: "Invoice") -> None:
        number, status = invoice.invoice_number, invoice.status
        super().__init__(
            f"Invoice {number} cannot be printed: its status is {status}. A tax invoice may be "
            "given out once the authority has cleared it, and what it refused never.",
            message_ar=f"لا يمكن طباعة الفاتورة {number}: حالتها {status}. تُسلَّم الفاتورة "
            "الضريبية بعد اعتمادها من الهيئة، ولا تُسلَّم إذا رُفضت.",
            extra={"invoice": existing(invoice)},
        )


class LayoutUnfit(Problem):
    """The layout does not exist, or is not for this kind of document."""

    code = "layout_unfit"


class UnitNotReady(Unavailable):
    """The unit cannot seal this document now. Refused at the door, nothing was stored."""

    code = "unit_not_ready"
    type = "upstream_error"


class UnitRequired(Problem):
    code = "egs_unit_required"


class UnitNameTaken(Conflict):
    code = "egs_unit_name_taken"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"An EGS unit named {name} already exists.",
            message_ar=f"توجد وحدة فوترة بالاسم {name}.",
            param="name",
        )


class UnitNotOnboarded(Conflict):
    """There is no CSID to renew or to revoke."""

    code = "unit_not_onboarded"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"EGS unit {name} has no CSID in use: onboard it.",
            message_ar=f"ليس لوحدة الفوترة {name} شهادة مستخدمة: سجّلها أولًا.",
        )


class UnitUnfit(Problem):
    """What was given for the unit cannot become or belong to a CSID; nobody was asked."""

    code = "unit_unfit"


class RenewalFailed(Problem):
    """The authority refused a step of the renewal; the unit keeps the CSID it has."""

    status = 502
    code = "renewal_failed"
    type = "upstream_error"


class OnboardingFailed(Problem):
    """The authority refused a step of the onboarding; the unit keeps what it has."""

    status = 502
    code = "onboarding_failed"
    type = "upstream_error"


class ReconciliationNotFound(NotFound):
    message = "Reconciliation not found."
    message_ar = "المطابقة غير موجودة."


class FindingNotFound(NotFound):
    message = "Finding not found."
    message_ar = "النتيجة غير موجودة."


class AlreadyExplained(Conflict):
    """Somebody explained the finding first; theirs stands."""

    code = "finding_already_explained"
    message = "This finding has been explained already."
    message_ar = "سبق تفسير هذه النتيجة."


class InvalidExport(InvalidRequest):
    """A file that cannot be read as an export; nothing was stored."""

    code = "invalid_export"


class ListUnavailable(Conflict):
    """The authority offers no list of what it holds; only a stand-in does."""

    code = "list_unavailable"
    message = (
        "The authority has no list of what it holds. Upload an export of the Fatoora portal, or "
        "resend what is unknown."
    )
    message_ar = (
        "لا توفر الهيئة قائمة بما لديها. ارفع ملفًا مُصدّرًا من بوابة فاتورة أو أعد إرسال ما لا تُعرف "
        "نتيجته."
    )


class ListNotRead(Problem):
    """The list broke off or cannot be read; nothing is concluded from a part of it."""

    status = 502
    code = "list_not_read"
    type = "upstream_error"
    message = "The list of what the authority holds could not be read; nothing was compared."
    message_ar = "تعذرت قراءة قائمة ما لدى الهيئة؛ لم تُجرَ أي مقارنة."


class VerdictUnknown(Problem):
    """500 with the cause in its code: no verdict yet (contracts 8). The invoice is stored."""

    status = 500
    type = "upstream_error"

    def __init__(self, code: str, message: str, message_ar: str, invoice: dict[str, Any]) -> None:
        self.code = code
        self.type = "internal_error" if code == "internal_error" else self.type
        super().__init__(message, message_ar=message_ar, extra={"invoice": invoice})


class Broken(Exception):
    """A bug of ours stopped an attempt; `invoice` says so as FAILED, `__cause__` is the bug."""

    def __init__(self, invoice: "Invoice") -> None:
        self.invoice = invoice
        super().__init__(f"invoice {invoice.pk} failed: {invoice.error_message}")


class InvalidMove(AssertionError):
    """A bug: code asked for a move that the table does not know."""

    def __init__(self, source: str, target: str) -> None:
        super().__init__(f"no move from {source} to {target}")


class ChangedMeanwhile(Exception):
    """Another worker or request moved the row first; the caller decides what that means."""

    def __init__(self, invoice: "Invoice") -> None:
        super().__init__(f"invoice {invoice.pk} was changed meanwhile")


class NetworkInTransaction(AssertionError):
    """A bug: somebody called a partner with a transaction open."""
