"""What the laboratory refuses, each with its code and a sentence."""

from config.problems import Conflict, InvalidRequest, NotFound


class InvoiceNotFound(NotFound):
    message = "Test invoice not found."
    message_ar = "فاتورة الفحوصات غير موجودة."


class InvalidInvoice(InvalidRequest):
    """The invoice breaks a rule of its arithmetic or form; `errors` names each."""

    code = "VALIDATION_ERROR"
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
