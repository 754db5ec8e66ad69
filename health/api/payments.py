"""Money received, spent, given back and undone (health.md 1.1 and 3.5)."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config.idempotency.api import idempotent
from config.numbers import ExactDecimalField
from config.openapi import IDEMPOTENCY_KEY
from config.text import TextField
from health import selectors
from health.api.envelopes import EnvelopeSerializer, enveloped, not_known
from health.api.requests import PaymentAmountField, RequestSerializer
from health.api.views import (
    TAGS,
    LabView,
    MessageSerializer,
    PostingView,
    RowsEnvelopeSerializer,
    refusals,
    told_history,
)
from health.models import Mode, Payment
from health.services import payments, releasing


class ReceiveSerializer(RequestSerializer):
    """Money for one invoice; gateway modes wait until they are confirmed."""

    amount = PaymentAmountField()
    payment_mode = serializers.ChoiceField(Mode.choices)
    date = serializers.DateField(required=False)
    reference = TextField(max_length=100, required=False, allow_blank=True)
    gateway_id = TextField(max_length=100, required=False)


class AllocateSerializer(RequestSerializer):
    invoice_id = serializers.IntegerField(min_value=1)
    amount = PaymentAmountField()
    date = serializers.DateField(required=False)


class ReleaseSerializer(RequestSerializer):
    """All that the payment pays of the invoice, or an amount of it."""

    invoice_id = serializers.IntegerField(min_value=1)
    amount = PaymentAmountField(required=False)
    date = serializers.DateField(required=False)


class RefundSerializer(RequestSerializer):
    """Out of the payment's advance, or of what it overpays of an invoice."""

    invoice_id = serializers.IntegerField(min_value=1, required=False)
    amount = PaymentAmountField()
    payment_mode = serializers.ChoiceField(Mode.choices)
    reason = TextField(max_length=500)
    date = serializers.DateField(required=False)


class PaymentReasonSerializer(RequestSerializer):
    reason = TextField(max_length=500)
    date = serializers.DateField(required=False)


class PaymentSerializer(serializers.ModelSerializer):
    amount = ExactDecimalField(decimal_places=2)
    allocated_amount = ExactDecimalField(decimal_places=2)
    refunded_amount = ExactDecimalField(decimal_places=2)
    voucher_number = serializers.CharField(
        source="voucher.voucher_number", allow_null=True, default=None
    )

    class Meta:
        model = Payment
        fields = (
            "id", "number", "date", "mode", "amount", "allocated_amount", "refunded_amount",
            "reference", "gateway_id", "status", "invoice_id", "patient_id", "party_name",
            "voucher_id", "voucher_number", "reason", "created_at", "created_by",
        )  # fmt: skip


class ReceivedSerializer(PaymentSerializer):
    """A payment that was just received, and what a person should know of it."""

    warnings = serializers.ListField(child=serializers.DictField())

    class Meta(PaymentSerializer.Meta):
        fields = (*PaymentSerializer.Meta.fields, "warnings")


class ReceivedEnvelopeSerializer(EnvelopeSerializer):
    data = ReceivedSerializer()


class PaymentEnvelopeSerializer(EnvelopeSerializer):
    data = PaymentSerializer()


class AppliedSerializer(PaymentSerializer):
    """A payment as a bill has it: how much of it pays that bill."""

    applied_amount = ExactDecimalField(decimal_places=2)

    class Meta(PaymentSerializer.Meta):
        fields = (*PaymentSerializer.Meta.fields, "applied_amount")


class PaymentsEnvelopeSerializer(EnvelopeSerializer):
    data = AppliedSerializer(many=True)


class InvoicePaymentsView(LabView, APIView):
    """`/api/v1/health/testinvoices/{id}/payments`."""

    @extend_schema(
        operation_id="test_invoices_payments",
        summary="The payments that were offered for an invoice or pay it",
        tags=TAGS,
        responses={200: PaymentsEnvelopeSerializer, **refusals(401, 403, 404)},
    )
    def get(self, request: Request, pk: int) -> Response:
        invoice = selectors.get_invoice(request.auth.tenant, pk)
        told = AppliedSerializer(selectors.payments_of(invoice), many=True).data
        return enveloped("Payments retrieved successfully", told)

    @extend_schema(
        operation_id="test_invoices_pay",
        summary="Receive money for a posted invoice",
        tags=TAGS,
        parameters=[IDEMPOTENCY_KEY],
        request=ReceiveSerializer,
        responses={201: ReceivedEnvelopeSerializer, **refusals(400, 401, 403, 404, 409, 415, 422)},
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        selectors.get_invoice(request.auth.tenant, pk)
        said, read = _said(request, ReceiveSerializer)
        payment = payments.receive(
            tenant=request.auth.tenant,
            invoice_id=pk,
            amount=said["amount"],
            mode=Mode(said["payment_mode"]),
            day=said["date"],
            reference=said.get("reference", ""),
            gateway_id=said.get("gateway_id"),
            actor=request.auth.actor,
        )
        told = dict(PaymentSerializer(payment).data)
        told["warnings"] = [*payment.warnings, *not_known(read)]
        return enveloped("Payment received successfully", told, status=201)


class PaymentHistoryView(LabView, APIView):
    """`/api/v1/health/payments/{id}/history`."""

    @extend_schema(
        operation_id="payments_history",
        summary="Who moved a payment's money, when, and how it stood before",
        tags=TAGS,
        responses={200: RowsEnvelopeSerializer, **refusals(401, 403, 404)},
    )
    def get(self, request: Request, pk: int) -> Response:
        return told_history(selectors.get_payment(request.auth.tenant, pk))


class ConfirmView(LabView, APIView):
    """`/api/v1/health/payments/{id}/confirm`."""

    @extend_schema(
        operation_id="payments_confirm",
        summary="The gateway has the money: the receipt is written",
        tags=TAGS,
        parameters=[IDEMPOTENCY_KEY],
        request=None,
        responses={200: PaymentEnvelopeSerializer, **refusals(401, 403, 404, 409, 422)},
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        auth = request.auth
        payment = payments.confirm(tenant=auth.tenant, payment_id=pk, actor=auth.actor)
        return _answer("Payment confirmed successfully", payment)


class FailView(LabView, APIView):
    """`/api/v1/health/payments/{id}/fail`."""

    @extend_schema(
        operation_id="payments_fail",
        summary="The gateway never got the money",
        tags=TAGS,
        parameters=[IDEMPOTENCY_KEY],
        request=PaymentReasonSerializer,
        responses={200: PaymentEnvelopeSerializer, **refusals(400, 401, 403, 404, 409, 415, 422)},
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        selectors.get_payment(request.auth.tenant, pk)
        said, read = _said(request, PaymentReasonSerializer)
        payment = payments.fail(
            tenant=request.auth.tenant,
            payment_id=pk,
            reason=said["reason"],
            actor=request.auth.actor,
        )
        return _answer("Payment marked as failed", payment, read)


class AllocateView(LabView, APIView):
    """`/api/v1/health/payments/{id}/allocate`."""

    @extend_schema(
        operation_id="payments_allocate",
        summary="Pay an invoice out of a payment's advance",
        tags=TAGS,
        parameters=[IDEMPOTENCY_KEY],
        request=AllocateSerializer,
        responses={200: MessageSerializer, **refusals(400, 401, 403, 404, 409, 415, 422)},
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        selectors.get_payment(request.auth.tenant, pk)
        said, read = _said(request, AllocateSerializer)
        payments.allocate(
            tenant=request.auth.tenant,
            payment_id=pk,
            invoice_id=said["invoice_id"],
            amount=said["amount"],
            day=said["date"],
            actor=request.auth.actor,
        )
        return enveloped("Payment allocated successfully", said=read)


class ReleaseView(PostingView, APIView):
    """`/api/v1/health/payments/{id}/release`."""

    @extend_schema(
        operation_id="payments_release",
        summary="Take what a payment pays of an invoice back into the patient's advance",
        tags=TAGS,
        parameters=[IDEMPOTENCY_KEY],
        request=ReleaseSerializer,
        responses={200: PaymentEnvelopeSerializer, **refusals(400, 401, 403, 404, 409, 415, 422)},
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        selectors.get_payment(request.auth.tenant, pk)
        said, read = _said(request, ReleaseSerializer)
        payment = releasing.release(
            tenant=request.auth.tenant,
            payment_id=pk,
            invoice_id=said["invoice_id"],
            amount=said.get("amount"),
            day=said["date"],
            actor=request.auth.actor,
        )
        return _answer("Payment released successfully", payment, read)


class RefundView(PostingView, APIView):
    """`/api/v1/health/payments/{id}/refund`."""

    @extend_schema(
        operation_id="payments_refund",
        summary="Give money back: of a payment's advance, or what an invoice is overpaid by",
        tags=TAGS,
        parameters=[IDEMPOTENCY_KEY],
        request=RefundSerializer,
        responses={201: MessageSerializer, **refusals(400, 401, 403, 404, 409, 415, 422)},
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        selectors.get_payment(request.auth.tenant, pk)
        said, read = _said(request, RefundSerializer)
        asked = {
            "tenant": request.auth.tenant,
            "payment_id": pk,
            "amount": said["amount"],
            "mode": Mode(said["payment_mode"]),
            "day": said["date"],
            "reason": said["reason"],
            "actor": request.auth.actor,
        }
        if "invoice_id" in said:
            releasing.refund_overpaid(**asked, invoice_id=said["invoice_id"])
        else:
            payments.refund(**asked)
        return enveloped("Payment refunded successfully", said=read, status=201)


class ReverseView(PostingView, APIView):
    """`/api/v1/health/payments/{id}/reverse`."""

    @extend_schema(
        operation_id="payments_reverse",
        summary="Undo a payment that bounced, with everything it paid",
        tags=TAGS,
        parameters=[IDEMPOTENCY_KEY],
        request=PaymentReasonSerializer,
        responses={200: PaymentEnvelopeSerializer, **refusals(400, 401, 403, 404, 409, 415, 422)},
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        selectors.get_payment(request.auth.tenant, pk)
        said, read = _said(request, PaymentReasonSerializer)
        payment = payments.reverse(
            tenant=request.auth.tenant,
            payment_id=pk,
            day=said["date"],
            reason=said["reason"],
            actor=request.auth.actor,
        )
        return _answer("Payment reversed successfully", payment, read)


def _said(
    request: Request, kind: type[serializers.Serializer]
) -> tuple[dict[str, Any], serializers.Serializer]:
    """What was said, and its reading; the date is the tenant's today where it was not."""
    read = kind(data=request.data)
    read.is_valid(raise_exception=True)
    today = timezone.now().astimezone(request.auth.tenant.zone).date()
    return {"date": today, **read.validated_data}, read


def _answer(message: str, payment: Payment, read: serializers.Serializer | None = None) -> Response:
    return enveloped(message, PaymentSerializer(payment).data, said=read)
