"""What Daftar answers about invoices."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from rest_framework import serializers

from invoicing.models import FailureClass, Invoice, InvoiceLog, InvoiceStatus, Phase, Revision
from invoicing.selectors import Event, hold_on, may_be_given_out, printable_qr
from invoicing.services.drafting import Notice
from invoicing.zatca import qr as qr_code
from invoicing.zatca.outcomes import SENTENCES

BASE = "/api/v1/invoices"
OUR_SENTENCES = {
    "outcome_unknown": (
        "The document is sealed and waits to be sent; its outcome is not known yet.",
        "المستند مختوم وينتظر الإرسال؛ ولم تُعرف نتيجته بعد.",
    ),
    "unit_paused": (
        "Sending is paused for this unit; the document is sealed and goes out when it is resumed.",
        "الإرسال متوقف لهذه الوحدة؛ المستند مختوم وسيُرسل عند استئنافها.",
    ),
    "zatca_not_asked": (
        "ZATCA is not answering at present; the document is sealed and will be sent when it does.",
        "الهيئة لا تستجيب حاليًا؛ المستند مختوم وسيُرسل عند عودتها.",
    ),
    "internal_error": (
        "Something failed on our side; the invoice is kept and will be tried again.",
        "حدث خلل لدينا؛ الفاتورة محفوظة وستُعاد محاولتها.",
    ),
    "interrupted": (
        "Sending was interrupted; the invoice is kept and the same bytes will be sent again.",
        "انقطع الإرسال؛ الفاتورة محفوظة وسيُعاد إرسال المستند نفسه.",
    ),
}


class ClearanceSerializer(serializers.Serializer):
    """Present on every accepted Phase 2 answer."""

    clearance_status = serializers.ChoiceField(["CLEARED", "REPORTED"])
    clearance_uuid = serializers.CharField()
    qr_code = serializers.CharField(allow_null=True)


class LinksSerializer(serializers.Serializer):
    self = serializers.CharField()
    status = serializers.CharField()
    logs = serializers.CharField()
    timeline = serializers.CharField()
    xml = serializers.CharField(allow_null=True)
    qr = serializers.CharField(allow_null=True)
    pdf = serializers.CharField(allow_null=True)
    retry = serializers.CharField()


class FindingSerializer(serializers.Serializer):
    """One sentence of the official rules or of the authority about the document."""

    code = serializers.CharField()
    message = serializers.CharField()
    message_ar = serializers.CharField(allow_blank=True)
    param = serializers.CharField(allow_null=True)
    category = serializers.CharField(allow_null=True, required=False)
    source = serializers.CharField(required=False)


class QRCodeDataSerializer(serializers.Serializer):
    seller_name = serializers.CharField()
    seller_tax_number = serializers.CharField()
    invoice_date = serializers.CharField()
    invoice_total = serializers.CharField()
    invoice_tax_amount = serializers.CharField()
    qr_code_base64 = serializers.CharField()


class InvoiceResponseSerializer(serializers.Serializer):
    """The documents' InvoiceResponse and what stands beside it."""

    success = serializers.BooleanField(help_text="True when the final status is CLEARED.")
    id = serializers.IntegerField()
    invoice_number = serializers.CharField()
    mode = serializers.ChoiceField(Phase.choices)
    environment = serializers.CharField()
    status = serializers.ChoiceField(InvoiceStatus.choices)
    zatca_status = serializers.CharField(allow_null=True)
    revision = serializers.IntegerField()
    uuid = serializers.CharField(allow_null=True)
    hash = serializers.CharField(allow_null=True)
    qr = serializers.CharField(allow_null=True)
    qr_code_data = QRCodeDataSerializer(allow_null=True)
    clearance = ClearanceSerializer(allow_null=True)
    errors = FindingSerializer(many=True)
    warnings = FindingSerializer(many=True)
    total_amount = serializers.DecimalField(15, 2)
    tax_amount = serializers.DecimalField(15, 2)
    client_reference = serializers.CharField(allow_null=True)
    metadata = serializers.DictField(child=serializers.CharField())
    processed_at = serializers.DateTimeField(allow_null=True)
    links = LinksSerializer()


def invoice_answer(
    invoice: Invoice, revision: Revision, notices: Iterable[Notice] = ()
) -> dict[str, Any]:
    """InvoiceResponse for an invoice whose verdict is known, or that waits for a worker."""
    qr = printable_qr(invoice, revision)
    return {
        "success": invoice.status == InvoiceStatus.CLEARED,
        "id": invoice.pk,
        "invoice_number": invoice.invoice_number,
        "mode": invoice.phase,
        "environment": invoice.environment,
        "status": invoice.status,
        "zatca_status": invoice.zatca_status or None,
        "revision": invoice.revision,
        "uuid": invoice.uuid,
        "hash": invoice.hash,
        "qr": qr,
        "qr_code_data": qr_code_data(qr),
        "clearance": clearance(invoice, qr),
        "errors": findings(revision, "error"),
        "warnings": findings(revision, "warning") + [_notice(notice) for notice in notices],
        "total_amount": invoice.total_amount,
        "tax_amount": invoice.tax_amount,
        "client_reference": invoice.client_reference or None,
        "metadata": invoice.metadata,
        "processed_at": invoice.updated_at if invoice.has_verdict else None,
        "links": links(invoice, revision),
    }


def unknown_answer(invoice: Invoice, revision: Revision) -> dict[str, Any]:
    """What the error of a request without a verdict says about the stored invoice (contracts 8).

    `next_retry_at` is null where a person has to act first: the unit is paused, or it is parked.
    """
    return {
        "id": invoice.pk,
        "invoice_number": invoice.invoice_number,
        "status": invoice.status,
        "zatca_status": invoice.zatca_status or None,
        "failure_class": invoice.failure_class or None,
        "revision": invoice.revision,
        "uuid": invoice.uuid,
        "qr": printable_qr(invoice, revision),
        "next_retry_at": next_retry_at(invoice),
        "links": links(invoice, revision),
    }


def next_retry_at(invoice: Invoice) -> datetime | None:
    """When the worker sends it at the earliest, as far as anybody knows."""
    hold = hold_on(invoice)
    if hold is None or invoice.next_attempt_at is None:
        return invoice.next_attempt_at
    return max(hold.until, invoice.next_attempt_at) if hold.until else None


def cause(invoice: Invoice) -> str:
    """Why the verdict is not known: what the last attempt met, or what allows none."""
    if invoice.error_code:
        return invoice.error_code
    hold = hold_on(invoice)
    return hold.code if hold else "outcome_unknown"


def sentence(invoice: Invoice) -> tuple[str, str]:
    """The English and Arabic sentence for the invoice's error code."""
    code = cause(invoice)
    if code == "zatca_unavailable":
        # Nothing can have arrived: one code for callers, three sentences.
        if not invoice.error_code:
            code = "zatca_not_asked"
        elif invoice.failure_class == FailureClass.TRANSIENT:
            code = "zatca_unreachable"
    known = SENTENCES.get(code) or OUR_SENTENCES.get(code)
    if known:
        return known
    text = invoice.error_message or "The outcome is not known yet."
    return text, "لم تُعرف نتيجة المعالجة بعد."


def clearance(invoice: Invoice, qr: str | None) -> dict[str, Any] | None:
    """D1's block: CLEARED or REPORTED with the document's UUID; null on Phase 1 (contracts 13)."""
    if invoice.phase == Phase.PHASE_1 or invoice.status != InvoiceStatus.CLEARED:
        return None
    reported = invoice.zatca_status.startswith("REPORTED")
    return {
        "clearance_status": "REPORTED" if reported else "CLEARED",
        "clearance_uuid": invoice.uuid,
        "qr_code": qr,
    }


def qr_code_data(qr: str | None) -> dict[str, Any] | None:
    """The first five records of a QR code, readable."""
    if qr is None:
        return None
    records = qr_code.parse(qr)
    names = (
        "seller_name",
        "seller_tax_number",
        "invoice_date",
        "invoice_total",
        "invoice_tax_amount",
    )
    told = {name: records[tag].decode() for tag, name in enumerate(names, start=1)}
    return {**told, "qr_code_base64": qr}


def findings(revision: Revision, severity: str) -> list[dict[str, Any]]:
    """The sentences of one severity, whoever said them, in one shape."""
    return [
        {
            "code": item.get("rule") or item.get("code") or "unspecified",
            "message": item.get("message") or "",
            "message_ar": item.get("message_ar") or "",
            "param": item.get("param"),
            "category": item.get("category"),
            "source": item.get("source", "zatca"),
        }
        for item in revision.findings
        if item.get("severity") == severity
    ]


def _notice(notice: Notice) -> dict[str, Any]:
    return {**asdict(notice), "category": None, "source": "daftar"}


def links(invoice: Invoice, revision: Revision) -> dict[str, Any]:
    me = f"{BASE}/{invoice.pk}"
    return {
        "self": me,
        "status": f"{BASE}/{invoice.invoice_number}/status",
        "logs": f"{me}/logs",
        "timeline": f"{me}/timeline",
        "xml": f"{me}/xml" if revision.is_sealed else None,
        "qr": f"{me}/qr" if printable_qr(invoice, revision) else None,
        "pdf": f"{me}/pdf" if may_be_given_out(invoice, revision) else None,
        "retry": f"{me}/retry",
    }


class InvoiceRowSerializer(serializers.ModelSerializer):
    """A master row as the list shows it."""

    mode = serializers.CharField(source="phase")
    # A money column is an integer to the framework, which would cut the cents off.
    total_amount = serializers.DecimalField(15, 2)
    tax_amount = serializers.DecimalField(15, 2)
    zatca_status = serializers.SerializerMethodField()
    zatca_response_code = serializers.SerializerMethodField()

    class Meta:
        model = Invoice
        fields = [
            "id", "invoice_number", "uuid", "hash", "environment", "phase", "mode", "status",
            "zatca_status", "zatca_response_code", "document_type", "is_simplified", "currency",
            "total_amount", "tax_amount", "buyer_name", "issued_at", "client_reference",
            "error_code", "error_message", "revision", "created_at", "updated_at",
        ]  # fmt: skip

    def get_zatca_status(self, invoice: Invoice) -> str | None:
        return invoice.zatca_status or None

    def get_zatca_response_code(self, invoice: Invoice) -> str | None:
        return invoice.error_code or invoice.zatca_status or None


class BalanceSerializer(serializers.Serializer):
    """What notes and deductions that count have made of the total, in the invoice's currency."""

    credited = serializers.DecimalField(15, 2, source="credited_amount")
    debited = serializers.DecimalField(15, 2, source="debited_amount")
    deducted = serializers.DecimalField(15, 2, source="deducted_amount")
    creditable = serializers.DecimalField(15, 2, source="creditable_amount")


class InvoiceDetailSerializer(InvoiceRowSerializer):
    """A master row with what its current revision says."""

    balance = BalanceSerializer(source="*")
    request_payload = serializers.SerializerMethodField()
    zatca_response = serializers.JSONField()
    metadata = serializers.JSONField()
    egs_unit = serializers.CharField(source="unit.name", default=None)
    icv = serializers.SerializerMethodField()
    pih = serializers.SerializerMethodField()
    qr = serializers.SerializerMethodField()
    links = serializers.SerializerMethodField()
    errors = serializers.SerializerMethodField()
    warnings = serializers.SerializerMethodField()

    class Meta(InvoiceRowSerializer.Meta):
        fields = [
            *InvoiceRowSerializer.Meta.fields,
            "request_payload", "zatca_response", "metadata", "buyer_email", "egs_unit", "icv",
            "pih", "qr", "errors", "warnings", "failure_class", "attempt_no", "retry_count",
            "retry_limit", "next_attempt_at", "parked_at", "parked_reason", "balance", "links",
        ]  # fmt: skip

    @property
    def _revision(self) -> Revision:
        return self.context["revision"]

    def get_request_payload(self, invoice: Invoice) -> dict[str, Any] | None:
        return self._revision.payload

    def get_icv(self, invoice: Invoice) -> int | None:
        return self._revision.icv

    def get_pih(self, invoice: Invoice) -> str | None:
        return self._revision.pih

    def get_qr(self, invoice: Invoice) -> str | None:
        return printable_qr(invoice, self._revision)

    def get_links(self, invoice: Invoice) -> dict[str, Any]:
        return links(invoice, self._revision)

    def get_errors(self, invoice: Invoice) -> list[dict[str, Any]]:
        return findings(self._revision, "error")

    def get_warnings(self, invoice: Invoice) -> list[dict[str, Any]]:
        return findings(self._revision, "warning")


class InvoiceLogSerializer(serializers.ModelSerializer):
    zatca_response = serializers.JSONField()
    request_payload = serializers.JSONField()
    invoice_id = serializers.IntegerField()

    class Meta:
        model = InvoiceLog
        fields = [
            "id", "invoice_id", "invoice_number", "revision", "attempt_no", "uuid", "hash",
            "environment", "status", "action", "previous_status", "zatca_response_code",
            "zatca_response", "error_message", "request_payload", "payload_sha256", "trigger",
            "actor", "reason", "request_id", "submitted_at", "cleared_at", "created_at",
            "sequence", "entry_hash",
        ]  # fmt: skip


class StatusSerializer(serializers.Serializer):
    """The master's status, and the newest log row's word beside it."""

    invoice_number = serializers.CharField()
    status = serializers.ChoiceField(InvoiceStatus.choices)
    zatca_status = serializers.CharField(allow_null=True)
    log_status = serializers.CharField(allow_null=True)
    zatca_response_code = serializers.CharField(allow_null=True)
    uuid = serializers.CharField(allow_null=True)
    hash = serializers.CharField(allow_null=True)
    environment = serializers.CharField()
    created_at = serializers.DateTimeField()
    last_updated = serializers.DateTimeField()


def status_answer(invoice: Invoice, newest: InvoiceLog | None) -> dict[str, Any]:
    return {
        "invoice_number": invoice.invoice_number,
        "status": invoice.status,
        "zatca_status": invoice.zatca_status or None,
        "log_status": newest.status if newest else None,
        "zatca_response_code": newest.zatca_response_code if newest else None,
        "uuid": invoice.uuid,
        "hash": invoice.hash,
        "environment": invoice.environment,
        "created_at": invoice.created_at,
        "last_updated": invoice.updated_at,
    }


class EventSerializer(serializers.Serializer):
    at = serializers.DateTimeField()
    kind = serializers.CharField()
    title = serializers.CharField()
    details = serializers.DictField()


class TimelineSerializer(serializers.Serializer):
    invoice_number = serializers.CharField()
    events = EventSerializer(many=True)


def timeline_answer(invoice: Invoice, events: list[Event]) -> dict[str, Any]:
    return {
        "invoice_number": invoice.invoice_number,
        "events": [asdict(event) for event in events],
    }
