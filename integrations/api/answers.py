"""What callers are told of a transaction: D0's structure, whatever became of it."""

from typing import Any

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from config.catalogue import doc_url
from config.openapi import ErrorObjectSerializer
from integrations import selectors
from integrations.models import (
    IMSInvoice,
    IMSStatus,
    InvoiceStatus,
    Status,
    TritonTransaction,
)

S = Status
# What these say is the last word, or a person's to change: the verdict is in the body.
DECIDED = (S.COMPLETED, S.FAILED, S.NEEDS_ATTENTION, S.CLOSED)
LAST_LOGS = 10
POLL_SECONDS = 2
# What the status would be, were the transaction not stored (ims.md 1.6); refusals are 422.
AWAY, HELD, LATE = 502, 503, 504
_STATUSES = {
    "ims_unreachable": AWAY,
    "ims_tls_failed": AWAY,
    "ims_unavailable": AWAY,
    "ims_reset": AWAY,
    "ims_unreadable": AWAY,
    "ims_wrong_address": AWAY,
    "ims_login_refused": AWAY,
    "ims_token_refused": AWAY,
    "ims_breaker_open": HELD,
    "ims_paused": HELD,
    "ims_busy": HELD,
    "ims_timeout": LATE,
    "ims_deadline": LATE,
}


class IMSDetailsSerializer(serializers.Serializer):
    """`invoice_number` is null until IMS has made the invoice; look again with GET."""

    processing_status = serializers.ChoiceField(IMSStatus.choices)
    insured_guid = serializers.UUIDField(allow_null=True)
    submission_guid = serializers.UUIDField(allow_null=True)
    quote_guid = serializers.UUIDField(allow_null=True)
    policy_number = serializers.CharField(allow_null=True)
    invoice_number = serializers.CharField(allow_null=True)
    error = serializers.CharField(allow_null=True)
    processing_logs = serializers.ListField(
        child=serializers.CharField(), required=False, help_text="The last ten lines; on GET only."
    )


class WarningSerializer(serializers.Serializer):
    code = serializers.CharField()
    message = serializers.CharField()
    field = serializers.CharField(allow_null=True)


class DataSerializer(serializers.Serializer):
    """What else is known; more than the documents ask for."""

    id = serializers.IntegerField()
    transaction_type = serializers.CharField()
    opportunity_id = serializers.IntegerField(allow_null=True)
    start_time = serializers.DateTimeField()
    end_time = serializers.DateTimeField(allow_null=True)
    producer_contact_guid = serializers.UUIDField(allow_null=True)
    producer_location_guid = serializers.UUIDField(allow_null=True)
    underwriter_guid = serializers.UUIDField(allow_null=True)
    quote_option_guid = serializers.UUIDField(allow_null=True)
    bound_policy_number = serializers.CharField(allow_null=True)
    bound_at = serializers.DateTimeField(allow_null=True)
    issue_date = serializers.DateTimeField(allow_null=True)
    invoice_status = serializers.ChoiceField(InvoiceStatus.choices, allow_null=True)
    ims_invoice_num = serializers.IntegerField(allow_null=True)
    office_invoice_num = serializers.IntegerField(allow_null=True)
    blocked_by = serializers.CharField(allow_null=True, help_text="Its transaction_id.")
    next_run_at = serializers.DateTimeField(allow_null=True)
    warnings = WarningSerializer(many=True)


class TransactionErrorSerializer(ErrorObjectSerializer):
    """`status` is what a caller would call it: 422 refused, 502 to 504 IMS was not to be had."""

    status = serializers.IntegerField()


@extend_schema_serializer(component_name="TransactionAnswer")
class TransactionAnswerSerializer(serializers.Serializer):
    """One transaction. `error` is there where something is wrong, and `status` says who acts."""

    transaction_id = serializers.CharField()
    status = serializers.ChoiceField(Status.choices)
    ims_status = serializers.ChoiceField(IMSStatus.choices)
    message = serializers.CharField()
    created_at = serializers.DateTimeField()
    reference_id = serializers.CharField(allow_null=True, help_text="The external id, if given.")
    ims_details = IMSDetailsSerializer()
    data = DataSerializer()
    error = TransactionErrorSerializer(required=False)


def transaction_answer(
    transaction: TritonTransaction,
    *,
    request_id: str | None,
    queued: bool = False,
    with_logs: bool = False,
) -> dict[str, Any]:
    """D0's structure; `queued` says that nothing was tried yet, on the caller's own wish."""
    invoice = selectors.invoice_of(transaction)
    answer = {
        "transaction_id": transaction.transaction_id,
        "status": transaction.status,
        "ims_status": transaction.ims_status,
        "message": _message(transaction, queued),
        "created_at": transaction.created_at,
        "reference_id": transaction.external_id or None,
        "ims_details": _details(transaction, invoice, with_logs),
        "data": _data(transaction, invoice),
    }
    if (held := selectors.held_back(transaction)) is not None:
        answer["error"] = _error(*held, request_id)
    elif transaction.status != S.COMPLETED and transaction.reason_code:
        answer["error"] = _error(transaction.reason_code, transaction.error, request_id)
    return answer


def http_status(transaction: TritonTransaction) -> int:
    """200 where the verdict is in the body, 202 where Daftar goes on with it (contracts 34)."""
    return 200 if transaction.status in DECIDED else 202


def address(transaction: TritonTransaction) -> str:
    """Where its state is to be had."""
    return transaction.address


def _message(transaction: TritonTransaction, queued: bool) -> str:
    told = "created and queued for processing" if queued else f"processed: {transaction.status}"
    return f"Triton {transaction.path_word} transaction {told}"


def _details(
    transaction: TritonTransaction, invoice: IMSInvoice | None, with_logs: bool
) -> dict[str, Any]:
    details: dict[str, Any] = {
        "processing_status": transaction.ims_status,
        "insured_guid": _guid(transaction.insured_guid),
        "submission_guid": _guid(transaction.submission_guid),
        "quote_guid": _guid(transaction.quote_guid),
        "policy_number": transaction.bound_policy_number or transaction.policy_number or None,
        "invoice_number": invoice.invoice_number if invoice else None,
        "error": transaction.error or None,
    }
    if with_logs:
        rows = list(transaction.logs.order_by("-id")[:LAST_LOGS])
        details["processing_logs"] = [
            f"[{row.at:%Y-%m-%d %H:%M:%S}] {row.message or row.event}" for row in reversed(rows)
        ]
    return details


def _data(transaction: TritonTransaction, invoice: IMSInvoice | None) -> dict[str, Any]:
    before = transaction.blocked_by
    is_blocked = transaction.status == S.BLOCKED
    return {
        "id": transaction.pk,
        "transaction_type": transaction.kind,
        "opportunity_id": transaction.opportunity_id,
        "start_time": transaction.created_at,
        "end_time": transaction.completed_at,
        "producer_contact_guid": _guid(transaction.producer_contact),
        "producer_location_guid": _guid(transaction.producer_location),
        "underwriter_guid": _guid(transaction.underwriter_guid),
        "quote_option_guid": _guid(transaction.option_guid),
        "bound_policy_number": transaction.bound_policy_number or None,
        "bound_at": transaction.bound_at,
        "issue_date": transaction.issued_at,
        "invoice_status": invoice.status if invoice else None,
        "ims_invoice_num": invoice.ims_invoice_num if invoice else None,
        "office_invoice_num": invoice.office_invoice_num if invoice else None,
        "blocked_by": before.transaction_id if before and is_blocked else None,
        "next_run_at": transaction.next_run_at,
        "warnings": transaction.warnings,
    }


def _error(code: str, message: str, request_id: str | None) -> dict[str, Any]:
    status = _STATUSES.get(code, 422)
    return {
        "type": "invalid_request_error" if status == 422 else "upstream_error",
        "code": code,
        "message": message or code.replace("_", " "),
        "message_ar": "تعذر إكمال المعاملة في نظام إدارة التأمين.",
        "param": None,
        "errors": [],
        "request_id": request_id,
        "doc_url": doc_url(code),
        "status": status,
    }


def _guid(value: Any) -> str | None:
    return str(value) if value else None
