"""What integrations refuses, each with a code and a sentence."""

from typing import TYPE_CHECKING, Any

from config.problems import Conflict, InvalidRequest, NotFound, Problem

if TYPE_CHECKING:
    from integrations.models import TritonTransaction


def existing(transaction: "TritonTransaction") -> dict[str, Any]:
    """How an error names the transaction that stands in the way."""
    return {
        "id": transaction.pk,
        "transaction_id": transaction.transaction_id,
        "transaction_type": transaction.kind,
        "status": transaction.status,
        "policy_number": transaction.bound_policy_number or transaction.policy_number or None,
        "links": {"self": transaction.address},
    }


class TransactionNotFound(NotFound):
    message = "Transaction not found."
    message_ar = "المعاملة غير موجودة."


class UnknownSource(NotFound):
    code = "unknown_source"
    message = "This source is not set up, or not active."
    message_ar = "هذا المصدر غير مُعد أو غير مفعّل."


class PayloadInvalid(InvalidRequest):
    """The payload does not fit; nothing was stored."""

    code = "invalid_payload"
    message = "The transaction is not valid."
    message_ar = "المعاملة غير صالحة."


class OtherContent(Conflict):
    code = "transaction_conflict"
    message = "A transaction with this transaction_id is stored with other content."
    message_ar = "توجد معاملة بهذا المعرّف بمحتوى مختلف."


class PolicyAlreadyBound(Conflict):
    code = "policy_already_bound"
    message = "Policy Already Bound"
    message_ar = "الوثيقة مُصدرة بالفعل."


class BindNotFinished(Conflict):
    """Correct or close the bind that is stored; a second one beside it would bind twice."""

    code = "bind_not_finished"
    message = "A bind of this policy is stored already, and not finished."
    message_ar = "توجد عملية إصدار لهذه الوثيقة لم تكتمل بعد."


class PolicyNumberTaken(Conflict):
    code = "policy_number_taken"
    message = "Another opportunity has this policy number."
    message_ar = "رقم الوثيقة مستخدم في فرصة أخرى."


class EndorsementAlreadyProcessed(Conflict):
    code = "endorsement_already_processed"
    message = "Midterm Endorsement Already Processed"
    message_ar = "سبقت معالجة هذا الملحق."


class ChangedMeanwhile(Conflict):
    """Another request or worker was faster."""

    code = "changed_meanwhile"
    message_ar = "تغيّرت المعاملة في هذه الأثناء."

    def __init__(self, name: str = "") -> None:
        super().__init__(f"Transaction {name} was changed by somebody else in the meantime.")


class InvalidMove(Conflict):
    code = "invalid_move"
    message_ar = "هذا الانتقال غير مسموح في الحالة الحالية."

    def __init__(self, before: str, after: str) -> None:
        super().__init__(f"A transaction that is {before} cannot become {after}.")


class NotRepairable(Conflict):
    """The exit that was chosen is not open to a transaction in this state."""

    code = "not_repairable"
    message = "This is not possible for a transaction in this state."
    message_ar = "هذا الإجراء غير ممكن في حالة المعاملة الحالية."


class QuoteNotAsked(Problem):
    """Whether the quote is there could not be asked; nothing was changed."""

    status, code, type = 503, "ims_not_asked", "upstream_error"
    message = "IMS could not be asked for the quote. Try again."
    message_ar = "تعذر سؤال النظام عن عرض السعر. أعد المحاولة."


class ReasonMissing(InvalidRequest):
    code = "reason_missing"
    message = "Say why."
    message_ar = "اذكر السبب."


class StepNotRepeatable(Conflict):
    code = "step_not_repeatable"
    message = "IMS has done this step; repeating it would do it twice."
    message_ar = "نُفّذت هذه الخطوة؛ تكرارها ينفّذها مرتين."


class EnvironmentHeld(Conflict):
    code = "ims_environment_held"
    message = "The environment is in this state already."
    message_ar = "البيئة في هذه الحالة بالفعل."


class InvoiceNotFound(NotFound):
    code = "INVOICE_NOT_FOUND"
    message = "No invoice was found."
    message_ar = "لم يتم العثور على فاتورة."


class InvoiceRetrieval(Problem):
    """IMS could not be asked; nothing was changed."""

    status, code, type = 500, "INVOICE_RETRIEVAL_ERROR", "upstream_error"
    message = "IMS could not be asked for the invoice. Try again."
    message_ar = "تعذر طلب الفاتورة من النظام. أعد المحاولة."


class InvoiceGeneration(Problem):
    status, code, type = 500, "INVOICE_GENERATION_FAILED", "upstream_error"
    message = "IMS could not print the invoice. Try again."
    message_ar = "تعذرت طباعة الفاتورة. أعد المحاولة."


class InvoiceKeyMissing(InvalidRequest):
    code = "invoice_key_missing"
    message = (
        "Name one of invoice_num, quote_guid, policy_number, opportunity_id and transaction_id."
    )
    message_ar = "حدد رقم الفاتورة أو عرض السعر أو الوثيقة أو الفرصة أو المعاملة."


class NetworkInTransaction(RuntimeError):
    """A bug: IMS was to be called while a database transaction is open."""


class SetupMissing(Exception):
    """Something a transaction needs is not configured; `code` groups it, a person mends it."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
